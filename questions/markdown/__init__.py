"""Markdown to safe HTML: the one way in which a curator's words become a page.

CommonMark with tables, strikethrough, footnotes, formulas and links of bare addresses, set with a
typesetter's quotation marks and dashes. Code is highlighted by classes, formulas become MathML, an
image becomes a link with its alt text, and the result passes an allowlist. No style or script
survives, and no identifier but those of footnotes, which hold a digest of their text: any number of
texts can share a page under a strict Content-Security-Policy.

`render()` makes the HTML of a text, `inline()` that of a title or another single line, `plain()` and
`summary()` text for where HTML is not allowed, `lost()` what a writer should know.
"""

import re
from html import escape, unescape
from urllib.parse import urljoin

from django.utils.safestring import mark_safe
from markdown_it.token import Token

from ..text import block, clean, line
from . import html, losses, prose, syntax, typography

# Raised when the same words would give other HTML: `manage.py rerender` then renders it again.
RENDERER_VERSION = 3

MAX_LENGTH = 50_000  # characters; a longer text is refused by the field that holds it

_parser = syntax.parser()
html.add_to(_parser)
_line_parser = syntax.line_parser()


def render(text):
    """HTML of the Markdown `text`; never raises, whatever the text is."""
    text = block(text)
    return html.sanitised(_parser.render(text, {"text": text}))


def lost(text):
    """`[(line, reason), …]` of what `render()` cannot keep as it was meant; lines count from 1."""
    env = {}
    return losses.found(_parser.parse(clean(text), env), env)


def blocks(text):
    """The top-level tokens of `text`, with line numbers, for readers of bank files."""
    return [token for token in _parser.parse(text) if token.level == 0]


def fences(text):
    """(info string, code, 0-based line of the code) of every fenced block in `text`."""
    return [
        (token.info.strip(), token.content, token.map[0] + 1)
        for token in _parser.parse(text)
        if token.type == "fence"
    ]


def formulas(text):
    """The LaTeX of every formula in `text`: fenced, and between dollars."""
    found = []
    for token in _parser.parse(text):
        if token.type == "formula" or (token.type == "fence" and html.language_of(token) == "math"):
            found.append(token.content)
        found += [child.content for child in token.children or [] if child.type == "formula_inline"]
    return found


def links(text):
    """The addresses that links and images of `text` lead to, in order, each as often as it is there."""
    if not any(sign in text for sign in ("://", "www.")):
        return []
    tokens = [child for token in _parser.parse(text) for child in token.children or []]
    return [token.attrs.get("href") or token.attrs["src"] for token in tokens if token.type in _LINKS]


_LINKS = {"link_open", "image"}


# One line: the text of a question, a key point, a tip


def inline(text):
    """Safe HTML of one line, in which backticks mark code and nothing else is marked."""
    return mark_safe(
        "".join(
            html.code(token.content) if token.type == "code_inline" else escape(token.content)
            for token in _line_tokens(text)
        )
    )


def unbroken(line_html):
    """The HTML of a line, in which short compounds do not break at their hyphens."""
    parts = _MARKED_UP.split(line_html)
    parts[::2] = (_COMPOUND.sub(r'<span class="nobr">\g<0></span>', part) for part in parts[::2])
    return mark_safe("".join(parts))


_MARKED_UP = re.compile(r"(<code.*?</code>|<[^>]*>|&\w+;)")
_COMPOUND = re.compile(r"(?<![\w-])(?=[\w–-]{3,20}(?![\w-]))\w+(?:[–-]\w+)+")


def plain(text):
    """One line as plain text: `inline()` where no HTML can stand."""
    return "".join(token.content for token in _line_tokens(text))


def _line_tokens(text):
    text = line(text)
    if "`" not in text and not typography.needed(text):
        return [Token("text", "", 0, content=text)]
    return _line_parser.parseInline(text)[0].children


# Plain text of what was rendered


def text_of(text_html):
    """What a reader sees of rendered HTML, as plain text."""
    return unescape(_TAG.sub(" ", _TAG_IN_WORD.sub("", text_html)))


_TAG_IN_WORD = re.compile(r"</?(?:a|code|del|em|span|strong|sub|sup)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")


# Prose, for a description of a page


def summary(text, length):
    """The first sentences of the Markdown `text` as one line of at most `length` characters.

    Code blocks, tables, headings and formulas between lines are no sentences and left out. Empty if
    nothing else is there.
    """
    found = prose.of(_parser.parse(text[: prose.ENOUGH]))
    if len(found) <= length and len(text) > prose.ENOUGH:
        found = prose.of(_parser.parse(text))
    return prose.shortened(found, length)


def with_absolute_links(text_html, address):
    """Rendered HTML whose links lead to the same places from anywhere; `address` is that of its page."""
    return _HREF.sub(lambda match: f'href="{escape(urljoin(address, unescape(match[1])))}"', text_html)


_HREF = re.compile(r'(?<=<a )href="([^"]*)"')
