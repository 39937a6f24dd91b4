"""What a writer should know: words and marks that the page cannot show as they were meant."""

import re
from collections import Counter

from django.utils.translation import gettext as _

from .formulas import mathml
from .html import LANGUAGES, MAX_BLOCK, MAX_CODE, SCHEMES, is_too_long, language_of

_ELEMENTS = (
    "a|abbr|address|article|aside|audio|b|big|blockquote|br|button|caption|center|cite|code|col|dd|del|details"
    "|dfn|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|header|hr|i|iframe|img|input|ins|kbd"
    "|label|li|link|main|mark|math|meta|nav|object|ol|option|p|picture|pre|q|s|samp|script|section|select|small"
    "|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time"
    "|title|tr|tt|u|ul|var|video|wbr"
)
_TAG = re.compile(rf"(?<!\w)</?(?:{_ELEMENTS})(?:\s[^<>]*)?/?>|<!--", re.IGNORECASE)
_NOTE_REF = re.compile(r"\[\^[^\]\s]{1,80}\]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def found(tokens, env):
    """`[(line, reason), …]` of `tokens` as the parser gave them with `env`, in the order of lines."""
    reasons = [*env.get("lost", ()), *_of_notes(env), *_of_long_code(tokens)]
    for token in tokens:
        line = token.map[0] if token.map else 0
        if token.type == "inline":
            reasons += _of_inline(token, line, env)
        elif token.type == "formula" or (token.type == "fence" and language_of(token) == "math"):
            reasons += _of_formula(token.content, line, env, "block")
        elif token.type == "fence" and language_of(token) not in LANGUAGES | {"", "math"}:
            text = _("“%(language)s” is no language known here: the code is shown without colours")
            reasons.append((line, text % {"language": language_of(token)[:40]}))
    return sorted((line + 1, reason) for line, reason in reasons)


def _of_long_code(tokens):
    """Blocks that are not highlighted because they, or all that come before them, are long."""
    total = 0
    for token in tokens:
        if token.type == "fence" and (language := language_of(token)) != "math":
            total += len(token.content)
            if language in LANGUAGES and is_too_long(token.content, total):
                text = _(
                    "colours are for blocks of at most %(block)s characters, %(all)s in a text, without gaps"
                )
                yield token.map[0], text % {"block": MAX_BLOCK, "all": MAX_CODE}


def _of_inline(token, line, env):
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type == "formula_inline":
            display = "block" if child.markup == "$$" else "inline"
            yield from _of_formula(child.content, line, env, display)
            line += child.content.count("\n")
        elif child.type == "code_inline":
            continue
        elif child.type in {"link_open", "image"}:
            yield from _of_address(child.attrs["src" if child.type == "image" else "href"], line)
        elif child.type == "text":
            yield from _of_text(child.content, line)


def _of_text(text, line):
    if tag := _TAG.search(text):
        yield line, _("HTML is shown as text: %(tag)s") % {"tag": tag[0][:40]}
    for reference in _NOTE_REF.findall(text):
        yield line, _("a footnote without its note: %(reference)s") % {"reference": reference[:40]}


def _of_formula(latex, line, env, display):
    if mathml(latex, env, display) is None:
        text = _("a formula that cannot be shown: %(formula)s")
        yield line, text % {"formula": " ".join(latex.split())[:40]}


def _of_address(address, line):
    scheme = _SCHEME.match(address)
    if scheme and scheme[1].lower() not in SCHEMES:
        yield line, _("a link that leads nowhere: %(address)s") % {"address": address[:40]}


def _of_notes(env):
    """Notes that no reference leads to, and all but the last of those with the same label."""
    given = Counter(label for label, _line in env.get("notes", ()))
    refs = env.get("footnotes", {}).get("refs", {})
    for label, line in env.get("notes", ()):
        if refs.get(f":{label}", 0) < 0:
            yield line, _("a footnote that nothing refers to: [^%(label)s]") % {"label": label[:40]}
        elif given[label] > 1:
            yield line, _("a footnote given more than once: [^%(label)s]") % {"label": label[:40]}
