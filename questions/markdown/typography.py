"""What a typesetter sees to: quotation marks, dashes and ellipses, outside code, formulas and addresses."""

import re

from markdown_it.rules_core.smartquotes import process_inlines

QUOTES = "“”‘’"
_MAX_QUOTES = 500  # of one paragraph: pairing them takes time in the square of their number
_MAX_STEPS = 500_000

_TYPED = re.compile(r"""["']|--|\.\.\.""")
_ELLIPSIS = re.compile(r"(?<![./])\.{3}(?![./])(?:(?<=\w\.{3})|(?!\w))", re.ASCII)  # not `...args`, `./...`
_EM_DASH = re.compile(r"(?<![-<!])---(?![->])")
_EN_DASH = re.compile(r"(?<=\w)--(?=\w)|(?<=\s)--(?=\s)")  # not `--force`, `i--`


def add_to(parser):
    parser.options["quotes"] = QUOTES
    parser.core.ruler.before("text_join", "typography", _typography)
    parser.core.ruler.enable("text_join")


def needed(text):
    """Whether anything in `text` would be set otherwise."""
    return _TYPED.search(text) is not None


def _typography(state):
    for token in state.tokens:
        if token.type == "inline" and token.children and needed(token.content):
            for child in token.children:
                if child.type == "text":
                    child.content = _with_dashes(child.content)
            quotes = token.content.count('"') + token.content.count("'")
            if quotes <= _MAX_QUOTES and quotes * len(token.children) <= _MAX_STEPS:
                process_inlines(token.children, state)


def _with_dashes(text):
    text = _ELLIPSIS.sub("…", text)
    return _EN_DASH.sub("–", _EM_DASH.sub("—", text)) if "--" in text else text
