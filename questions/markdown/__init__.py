"""Markdown to safe HTML: the one way in which a curator's words become a page.

CommonMark with tables, strikethrough and fenced code. Code is highlighted by classes, a fenced
`math` block becomes MathML, an image becomes a link with its alt text, and the result passes an
allowlist. No style, script or identifier survives, so any number of texts can share a page under
a strict Content-Security-Policy.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Raised when the same words would give other HTML: `manage.py rerender` then makes it anew.
RENDERER_VERSION = 1

MAX_LENGTH = 50_000  # characters; a longer text is refused by the field that holds it

_MATHML = (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover "
    "munderover mtable mtr mtd mstyle mpadded mphantom menclose"
).split()
_ATTRIBUTES = {
    "a": {"href", "title"},
    "code": {"class"},
    "div": {"class", "role", "tabindex"},
    "math": {"display"},
    "mfrac": {"linethickness"},
    "mo": {"stretchy", "fence", "separator", "form", "minsize", "maxsize", "movablelimits"},
    "mi": {"mathvariant"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtd": {"columnalign"},
    "ol": {"start"},
    "pre": {"class", "tabindex"},
    "span": {"class"},
    "td": {"class"},
    "th": {"class", "scope"},
}
_TAGS = {
    *"a blockquote br code del div em h3 h4 h5 h6 hr li ol p pre s span strong".split(),
    *"sub sup table tbody td th thead tr ul".split(),
    *_MATHML,
}
_SCHEMES = {"http", "https", "mailto"}
_ALIGNMENT = re.compile(r"text-align:(left|center|right)")
_FORMATTER = HtmlFormatter(nowrap=True)
_SPAN = re.compile(r'<span class="(\w+)">([^<]*)</span>')


def render(text):
    """HTML of the Markdown `text`; never raises, whatever the text is."""
    import nh3  # 2 MB, which a process that only shows pages does without

    html = _parser.render(text)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener nofollow",
        # One namespace of classes: what a writer could put there is only what we put there.
        attribute_filter=_own_classes_only,
    )


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


def _own_classes_only(tag, attribute, value):
    return value if attribute != "class" or _OWN_CLASS.fullmatch(value) else None


_OWN_CLASS = re.compile(r"[ckmsf]|code|formula|scroll|align-(left|center|right)|language-[\w+#.-]+")


def _fence(renderer, tokens, index, options, env):
    token = tokens[index]
    language = token.info.split(maxsplit=1)[0].lower() if token.info.strip() else ""
    if language == "math":
        return _formula(token.content)
    code = _highlighted(token.content, language)
    label = f' class="language-{language}"' if re.fullmatch(r"[\w+#.-]+", language) else ""
    return f'<pre class="code" tabindex="0"><code{label}>{code}</code></pre>\n'


def _highlighted(code, language):
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False)
    return _SPAN.sub(_short_span, highlight(code, lexer, _FORMATTER))


def _short_span(match):
    # Comment, keyword, number, string, and the name of a function or class: five voices are
    # enough to read by, and a page full of code stays small.
    kind, text = match.groups()
    voice = "f" if kind in {"nf", "nc", "nd"} else kind[0]
    return f'<span class="{voice}">{text}</span>' if voice in "ckmsf" else text


def _formula(latex):
    from latex2mathml.converter import convert as mathml  # 3 MB, as above

    try:
        return f'<div class="formula" tabindex="0">{mathml(latex.strip(), display="block")}</div>\n'
    except Exception:  # noqa: BLE001 - the library raises many kinds; the source is a fair fallback
        return f'<pre class="code" tabindex="0"><code>{_highlighted(latex, "text")}</code></pre>\n'


def _image(renderer, tokens, index, options, env):
    token = tokens[index]
    alt = renderer.renderInlineAsText(token.children or [], options, env)
    link = Token("link_open", "a", 1, attrs={"href": token.attrs["src"]})
    return renderer.renderToken([link], 0, options, env) + _escape(alt or token.attrs["src"]) + "</a>"


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cell(renderer, tokens, index, options, env):
    # markdown-it writes the alignment as a style, which the policy blocks.
    token = tokens[index]
    attributes = ' scope="col"' if token.tag == "th" else ""
    if match := _ALIGNMENT.search(str(token.attrGet("style") or "")):
        attributes += f' class="align-{match[1]}"'
    return f"<{token.tag}{attributes}>"


def _heading(renderer, tokens, index, options, env):
    # A text stands under a heading of its page: its own begin two levels deeper.
    token = tokens[index]
    token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    return renderer.renderToken(tokens, index, options, env)


def _build():
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough"])
    rules = {
        "fence": _fence,
        "image": _image,
        "th_open": _cell,
        "td_open": _cell,
        "heading_open": _heading,
        "heading_close": _heading,
        "table_open": lambda *_: '<div class="scroll" tabindex="0"><table>\n',
        "table_close": lambda *_: "</table></div>\n",
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


_parser = _build()
