"""From parsed Markdown to safe HTML: code by classes, formulas as MathML, an allowlist for all of it."""

import re
from hashlib import sha256
from html import escape

from django.utils.translation import gettext as _
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from .formulas import mathml

# Code that is highlighted. A lexer may take time in the square or the cube of a block's length, so long
# ones are not: `python -m bench.markdown` shows the worst. Some of those left out here take time without any
# bound (a kilobyte of `<!--` in mcschema).
MAX_BLOCK, MAX_CODE = 2_000, 4_000  # characters of a block, and of all blocks of a text
_GAP = re.compile(r"\s{200}")  # runs of white space take most lexers longest
LANGUAGES = frozenset(
    "awk bash bat batch c c# c++ clojure cmake console cpp cs csharp css cypher dart diff django docker "
    "dockerfile dot elixir erlang f# fortran fsharp gherkin go golang graphql groovy haskell hcl html "
    "html+jinja http ini java javascript jinja js json json5 jsx julia kotlin latex less lua make makefile "
    "markdown matlab md mysql nasm nginx nix objc objective-c ocaml perl php plpgsql postgres postgresql "
    "powershell prolog promql properties proto protobuf ps1 pwsh py pycon pytb python r rb rest rs rst ruby "
    "rust scala scheme scss sh shell solidity sparql sql sqlite3 swift systemverilog terraform tex text tf "
    "toml ts tsql tsx typescript udiff vb.net verilog vhdl vim vue wast xml yaml yml zig zsh".split()
)
_MAX_RETURNS = 20  # ways back from one footnote

_MATHML = (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover "
    "munderover mtable mtr mtd mstyle mpadded mphantom menclose"
).split()
_ATTRIBUTES = {
    "*": {"dir"},
    "a": {"aria-label", "href", "id", "rel", "role", "title"},
    "code": {"class"},
    "div": {"class", "role"},
    "li": {"id"},
    "math": {"display"},
    "menclose": {"notation"},
    "mfrac": {"linethickness"},
    "mo": {
        "stretchy",
        "fence",
        "separator",
        "form",
        "minsize",
        "maxsize",
        "movablelimits",
        "lspace",
        "rspace",
    },
    "mi": {"mathvariant"},
    "mover": {"accent"},
    "mspace": {"width"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"displaystyle"},
    "mtd": {"columnalign"},
    "ol": {"aria-label", "class", "start"},
    "pre": {"class"},
    "span": {"class"},
    "td": {"class"},
    "th": {"class", "scope"},
}
_TAGS = {
    *"a blockquote br code del div em h3 h4 h5 h6 hr li ol p pre s span strong".split(),
    *"sub sup table tbody td th thead tr ul".split(),
    *_MATHML,
}
# One namespace of classes and ids: what a writer could put there is only what we put there.
_VALUES = {
    "class": re.compile(
        r"[ckmsf]|code|footnotes|formula|scroll|align-(left|center|right)|language-[\w+#.-]+"
    ),
    "id": re.compile(r"fn(ref)?-[0-9a-f]{8}-\d+(-\d+)?"),
    "rel": re.compile("noopener nofollow"),
    "lspace": re.compile("0em"),
    "rspace": re.compile("0em"),
}
SCHEMES = {"http", "https", "mailto"}

_ALIGNMENT = re.compile(r"text-align:(left|center|right)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_FORMATTER = HtmlFormatter(nowrap=True)
_SPAN = re.compile(r'<span class="(\w+)">([^<]*)</span>')


def sanitised(html):
    """`html` with the tags, attributes and addresses of the allowlist only."""
    import nh3  # 2 MB, which a process that only shows pages does without

    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,  # set by `_link()`, for links of the site itself need none
        attribute_filter=_own_values_only,
    )


def _own_values_only(tag, attribute, value):
    return value if attribute not in _VALUES or _VALUES[attribute].fullmatch(value) else None


def add_to(parser):
    """Add the rules that write HTML to `parser`."""
    rules = {
        "fence": _fence,
        "code_block": lambda renderer, tokens, index, *rest: _pre(escape(tokens[index].content, quote=False)),
        "code_inline": lambda renderer, tokens, index, *rest: code(tokens[index].content),
        "formula": _formula,
        "formula_inline": _formula_inline,
        "image": _image,
        "link_open": _link,
        "th_open": _cell,
        "td_open": _cell,
        "heading_open": _heading,
        "heading_close": _heading,
        "table_open": _table,
        "table_close": lambda *rest: "</table></div>\n",
        "footnote_ref": _footnote_ref,
        "footnote_block_open": _footnotes,
        "footnote_block_close": lambda *rest: "</ol>\n",
        "footnote_open": _footnote,
        "footnote_close": lambda *rest: "</li>\n",
        "footnote_anchor": _footnote_return,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)


# Code


def code(text):
    """HTML of code within a line, which reads from left to right in any text."""
    return f'<code dir="ltr">{escape(text, quote=False)}</code>'


def language_of(token):
    """The language that a fence names, in lower case; empty if it names none."""
    return token.info.split(maxsplit=1)[0].lower() if token.info.strip() else ""


def _fence(renderer, tokens, index, options, env):
    token = tokens[index]
    language = language_of(token)
    if language == "math":
        return _formula(renderer, tokens, index, options, env)
    label = f' class="language-{language}"' if re.fullmatch(r"[\w+#.-]+", language) else ""
    return _pre(_highlighted(token.content, language, env), label)


def _pre(html, label=""):
    return f'<pre class="code" dir="ltr"><code{label}>{html}</code></pre>\n'


def _highlighted(text, language, env):
    env["code"] = env.get("code", 0) + len(text)
    if language not in LANGUAGES or is_too_long(text, env["code"]):
        return escape(text, quote=False)
    lexer = get_lexer_by_name(language, stripnl=False)
    return _SPAN.sub(_short_span, highlight(text, lexer, _FORMATTER))


def is_too_long(text, total):
    """Whether a block of code stays without colours; `total` are the characters of a text so far."""
    return len(text) > MAX_BLOCK or total > MAX_CODE or bool(_GAP.search(text))


def _short_span(match):
    # Comment, keyword, number, string, and the name of a function or class: five voices are
    # enough to read by, and a page full of code stays small.
    kind, text = match.groups()
    voice = "f" if kind in {"nf", "nc", "nd"} else kind[0]
    return f'<span class="{voice}">{text}</span>' if voice in "ckmsf" else text


# Formulas: what cannot be converted is shown as its source


def _formula(renderer, tokens, index, options, env):
    latex = tokens[index].content
    if html := mathml(latex, env, display="block"):
        return f'<div class="formula">{html}</div>\n'
    return _pre(escape(latex, quote=False))


def _formula_inline(renderer, tokens, index, options, env):
    token = tokens[index]
    if html := mathml(token.content, env, display="block" if token.markup == "$$" else "inline"):
        return f'<span class="formula">{html}</span>' if token.markup == "$$" else html
    return code(f"{token.markup}{token.content}{token.markup}")


# Links, tables and headings


def _link(renderer, tokens, index, options, env):
    token = tokens[index]
    # Not the site's own pages, which are written without a host.
    if _ELSEWHERE.match(token.attrs["href"]):
        token.attrSet("rel", "noopener nofollow")
    return renderer.renderToken(tokens, index, options, env)


def _image(renderer, tokens, index, options, env):
    token = tokens[index]
    alt = renderer.renderInlineAsText(token.children or [], options, env)
    link = Token("link_open", "a", 1, attrs={"href": token.attrs["src"]})
    return _link(renderer, [link], 0, options, env) + escape(alt or token.attrs["src"], quote=False) + "</a>"


def _table(renderer, tokens, index, options, env):
    # What scrolls has the direction of the table, so that its first column is seen first.
    return f'<div class="scroll"{renderer.renderAttrs(tokens[index])}><table>\n'


def _cell(renderer, tokens, index, options, env):
    # markdown-it writes the alignment as a style, which the policy blocks.
    token = tokens[index]
    attributes = ' scope="col"' if token.tag == "th" else ""
    if match := _ALIGNMENT.search(str(token.attrGet("style") or "")):
        attributes += f' class="align-{match[1]}"'
    return f'<{token.tag}{attributes} dir="auto">'


def _heading(renderer, tokens, index, options, env):
    # A text is under a heading of its page: its own begin two levels deeper.
    token = tokens[index]
    token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    return renderer.renderToken(tokens, index, options, env)


# Footnotes. Their ids hold a digest of the text, so that many texts can share a page.


def _note_id(env, meta, of_reference):
    if "digest" not in env:
        env["digest"] = sha256(env["text"].encode()).hexdigest()[:8]
    again = f"-{meta['subId'] + 1}" if of_reference and meta["subId"] else ""
    return f"{'fnref' if of_reference else 'fn'}-{env['digest']}-{meta['id'] + 1}{again}"


def _footnote_ref(renderer, tokens, index, options, env):
    meta = tokens[index].meta
    own_id = f' id="{_note_id(env, meta, True)}"' if meta["subId"] < _MAX_RETURNS else ""
    label = escape(_("Note %(number)s") % {"number": meta["id"] + 1})
    return (
        f'<sup><a href="#{_note_id(env, meta, False)}"{own_id} role="doc-noteref" aria-label="{label}">'
        f"[{meta['id'] + 1}]</a></sup>"
    )


def _footnotes(*rest):
    return f'<ol class="footnotes" aria-label="{escape(_("Notes"))}">\n'


def _footnote(renderer, tokens, index, options, env):
    return f'<li id="{_note_id(env, tokens[index].meta, False)}" dir="auto">'


def _footnote_return(renderer, tokens, index, options, env):
    meta = tokens[index].meta
    if meta["subId"] >= _MAX_RETURNS:
        return ""
    label = escape(_("Back to note %(number)s in the text") % {"number": meta["id"] + 1})
    arrow = "↩\ufe0e"  # in the text's font, not as an emoji
    return f' <a href="#{_note_id(env, meta, True)}" role="doc-backlink" aria-label="{label}">{arrow}</a>'
