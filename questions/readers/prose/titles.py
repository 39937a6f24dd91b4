"""What a line says when it is a title: its words, its number, whether it asks, its difficulty, its links."""

import re
from functools import lru_cache
from html import unescape
from typing import NamedTuple

from markdown_it import MarkdownIt

from ... import text as texts
from .. import levels
from . import labels
from .asking import asks

_md = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")

_SIMPLE = re.compile(r"[^*_`\[\]<>\\&~!]*")
_LONGEST = 2_000  # characters looked at: no title is longer
_ANCHORS = re.compile(r"\s*\{#[\w-]+\}\s*$|\[\[?[⬆↑↥⇧^]+\]?\]\([^)]*\)\)?")
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|br|center|code|div|em|font|h[1-6]|i|img|kbd|mark|p|s|small|span|strong|sub|summary|sup"
    r"|u)\b[^>]*>|<!--.*?-->",
    re.IGNORECASE,
)
_BADGE = re.compile(r"""<img\b[^<>]*?\bsrc\s*=\s*["'](?P<src>[^"'<>]*\bbadge/[^"'<>]*)""", re.IGNORECASE)
_KNOWN_SPACE = re.compile(r"[\u2800\u3164\u200b\ufeff]")

_Q = re.compile(
    rf"(?:{labels.NUMBERED}\s*\.?\s*[#№-]?\s*(?P<number>\d{{1,4}})[a-z]?\s*(?:[.:：)\]、–—/|-]+|(?=\s|[A-Z]))\s*"
    rf"|(?:{labels.QUESTION}|q)\s*[.:：)]\s*(?:\(?(?P<later>\d{{1,4}})\s*[.:)]\s*)?)(?=\S)",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:#\s?)?(?:no\.?\s*)?[(\[]?(?P<number>\d{1,4}(?:\.\d{1,3})*)\s*(?:[.)\]:、．]+|\s[–—-]|️?⃣)\s*(?=\D)"
    r"|#(?P<hash>\d{1,4})\s+(?=\D)"
    r"|(?P<nested>\d{1,3}(?:\.\d{1,3}){1,3})\s+(?=(?-i:[A-Z`*\"“«¿]|[^\W\d_a-z]))"
    r"|(?P<bare>\d{1,4})\s+(?=(?:what|how|why|when|where|which|who|explain|describe|is|are|can|do|does)\b)",
    re.IGNORECASE,
)
_BARE_Q = re.compile(rf"{labels.NUMBERED}\s*[#№]?\s*\d{{1,4}}\s*[.:：)]?", re.IGNORECASE)


class Title(NamedTuple):
    """A line as a title."""

    text: str  # one line, in which backticks mark code
    prefix: str  # "q" for “Q7.”, “Question:”; "number" for “7.”; ""
    number: int | None
    asks: float  # 1 for a question mark, less for words that may ask, 0 for none
    level: str
    links: tuple[tuple[str, str], ...]  # (text, address) of each link
    path: tuple[int, ...] = ()  # its number and those that it is nested in


class Plain(NamedTuple):
    """Markdown of one line without its marks."""

    text: str
    links: tuple[tuple[str, str], ...]
    strong: str  # what is bold at the start
    rest: str  # what follows it


@lru_cache(maxsize=4096)
def plain(markdown: str) -> Plain:
    """The words of a line of Markdown, which may hold HTML."""
    markdown = _KNOWN_SPACE.sub(" ", _ANCHORS.sub("", markdown[:_LONGEST])).strip()
    if _SIMPLE.fullmatch(markdown):
        return Plain(texts.line(markdown), (), "", "")
    words: list[str] = []
    links: list[tuple[str, str]] = []
    bold, address = 0, None
    strong_until, only_strong = 0, True
    for token in _md.parseInline(markdown)[0].children or []:
        match token.type:
            case "text" | "text_special":
                piece = token.content
            case "code_inline":
                piece = f"`{token.content}`"
            case "html_inline":
                piece = _of_tag(token.content)
                if badge := _BADGE.match(token.content):
                    links.append(("", badge["src"]))
                bold += {"<b": 1, "<s": 1, "</": -1}.get(_bold_tag(token.content), 0)
            case "softbreak" | "hardbreak":
                piece = " "
            case "image":
                links.append((token.content, str(token.attrs["src"])))
                piece = token.content if not _is_badge(str(token.attrs["src"])) else ""
            case _:
                piece = ""
                bold += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
                if token.type == "link_open":
                    address, link_from = str(token.attrs["href"]), len(words)
                elif token.type == "link_close" and address is not None:
                    links.append(("".join(words[link_from:]).strip(), address))
                    address = None
        if piece.strip() and not bold:
            only_strong = False
        words.append(piece)
        if only_strong:
            strong_until = len(words)
    joined = [texts.line("".join(part)) for part in (words, words[:strong_until], words[strong_until:])]
    return Plain(joined[0], tuple(links), joined[1], joined[2])


def _bold_tag(tag):
    tag = tag.casefold()
    return tag[:2] if re.match(r"</?(?:b|strong)\b", tag) else ""


def _of_tag(tag):
    """What a reader sees of an HTML tag in a line: nothing, if it is a tag; `<String>` is none."""
    if re.match(r"<br\b", tag, re.IGNORECASE):
        return " "
    if re.match(r"</?code\b|</?kbd\b", tag, re.IGNORECASE):
        return "`"
    return "" if _TAG.fullmatch(tag) else tag


def _is_badge(address):
    return "shields.io" in address or "badge" in address


def of(markdown: str, signs: levels.Signs) -> Title:
    """What the line `markdown` says as a title."""
    found = plain(markdown)
    numbered = levels.with_emoji(found.text)
    text, prefix, number = without_prefix(numbered)
    text, level = levels.split(text, signs)
    if not prefix:  # “[Easy] 3. What is it?”
        numbered = text
        text, prefix, number = without_prefix(text)
    text = _trimmed(unescape(text))
    level = level or _of_badges(found.links)
    return Title(text, prefix, number, asks(text), level, found.links, path(numbered))


def without_prefix(text: str) -> tuple[str, str, int | None]:
    """`text` without its number, which kind of number it is, and the number."""
    if match := _Q.match(text):
        number = match["number"] or match["later"]
        return text[match.end() :], "q", int(number) if number else None
    if match := _NUMBER.match(text):
        return text[match.end() :], "number", _parts(match)[-1]
    return text, "", None


def path(text: str) -> tuple[int, ...]:
    """The numbers in front of a title: (4, 2) of “4.2. What is it?”; none if it has no number."""
    match = _NUMBER.match(text)
    return _parts(match) if match else ()


def _parts(match):
    return tuple(map(int, next(filter(None, match.groups())).split(".")))


def is_number_only(text: str) -> bool:
    """Whether a title is nothing but “Question 7”."""
    return bool(_BARE_Q.fullmatch(text.strip()))


def _trimmed(text):
    text = re.sub(r"\s*(?<![\w)`*])\*+$|\s+\*+$", "", text).strip()  # “Questions marked * have no answer yet”
    text = re.sub(r"(?:\s*\[(?:src|source|ref|answer|link|\d{1,2})\d*\])+$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+[|·•–—]+$", "", text)  # which stood between it and its difficulty
    return re.sub(r"(?<=[?？.!])\s*:$|^:\s+", "", text).strip().strip("\u00a0")


def _of_badges(links):
    """The level on a badge, whose picture is made from its address: `…/badge/Difficulty-Hard-red`."""
    for text, address in links:
        if _is_badge(address):
            parts = re.split(r"[-_/?.]|%20", address.rpartition("badge/")[2])[:3]
            for part in [text, *parts]:
                if level := levels.of_words(part):
                    return level
    return ""
