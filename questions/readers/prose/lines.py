"""A text as lines, mended so that a Markdown parser sees in them what a person sees.

Each line keeps the number that it has in the file, also where a line was put in.
"""

import re
from collections import Counter
from typing import NamedTuple

from ... import text as texts
from . import titles


class Line(NamedTuple):
    """A line of a file."""

    number: int  # counted from 1
    text: str
    added: bool = False  # put in, to end what was left open


class Lines(NamedTuple):
    """The lines, and the numbers of those that open code which is never closed."""

    lines: list[Line]
    unclosed: list[int]


_BULLET = re.compile(r"^(\s*)[•●▪◦‣○■➢➤✓✔◆][ \t\u00a0]+")
_HEADING_WITHOUT_SPACE = re.compile(r"^(\s{0,3}#{2,6})(?=[A-Za-z0-9\[<*`(])")
_HTML_HEADING = re.compile(
    r"\s{0,3}<h(?P<level>[1-6])\b[^<>]*>(?P<text>.*\S.*)</h(?P=level)\s*>\s*", re.IGNORECASE
)
_FENCE = re.compile(r"^[ \t>]*(?P<item>(?:[-*+:]|\d{1,4}[.)])[ \t]+)?(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
_QUOTED = re.compile(r" {0,3}>\s*(?P<text>\*\*(?:(?!\*\*).)+\*\*|#{2,6} .+)\s*$")
_UNDERLINE = re.compile(r"(?P<sign>[~^\"'*+#`=-])(?P=sign){3,}\s*")
_FRAME = re.compile(r"(?:-{3}|={3}|\*{3}|_{3,})\s*")
_LEVELS = {"*": 1, "#": 1, "=": 1, "-": 2, "~": 3, "+": 3, "`": 3}  # of headings by their underline; else 4
_OWN_UNDERLINES = "=-"  # those of Markdown
_SHORTEST_TITLE = 5  # characters; a rule of “---” is as long as “So.”
_MARKUP = re.compile(r"[-*+>#|<]|\d{1,4}[.)]|```|~~~")  # what a line of Markdown begins with
_CODE_INDENT = 4  # what is indented so far is code in Markdown, too
_STARTS_A_LIST = re.compile(r"\s{0,3}(?:\d{1,4}[.)]|[-*+])\s")
_HEADING = re.compile(r" {0,3}#{2,6} \S")
_CLOSING = re.compile(
    r"(?:</(?:div|p|details|center|a|b|table|ul|ol)>|<br\s*/?>|<hr\s*/?>)\s*$", re.IGNORECASE
)
_RULE = re.compile(r"^ {0,3}(?:-[ \t]*){3,}$|^ {0,3}={3,}\s*$")
_SENTENCE_END = re.compile(r"[.;,:)`>]\s*$")
_ASKS = re.compile(
    r"[?？](?:</\w+>|\W)*(?:[(\[][\w -]{1,20}[)\]])?(?:</\w+>|\W)*$"
)  # a mark of difficulty behind it
IMPERATIVE = 0.8  # what “Explain it.” asks
_SHAPE = re.compile(
    r"^(?P<marks>\s{0,3}(?:\d+\.\s+)?#{1,6}\s|\s{0,3}\*\*|\s{0,3}<summary|(?=\s{0,3}Q))(?P<rest>.*)$"
)


def of(text: str, numbers: list[int] | None = None) -> Lines:
    """The lines of `text`; `numbers` are theirs in the file, where it is not this text."""
    lines = _to_the_left(texts.clean(text).split("\n"))
    found = [Line(*pair) for pair in zip(numbers or range(1, len(lines) + 1), lines, strict=True)]
    lines, unclosed = _with_closed_fences(_with_fences(_without_underlines(found)))
    return Lines(_headings_apart(_rules_apart(_out_of_quotes(_usual(lines)))), unclosed)


def _to_the_left(lines):
    """The lines, with what is no code at their beginning: a title in the middle, questions below headings."""
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is not None and not any(map(str.strip, lines[first + 1 : first + 2])):
        lines[first] = lines[first].lstrip()
    outer, inner = _by_indent([line for line in lines if line.strip()])
    if len(inner) > len(outer) and not _asking(outer) and not any(map(_MARKUP.match, outer)):
        width = min(map(_indent, inner))
        if _asking(line for line in inner if _indent(line) == width) > 1:
            return [line[width:] if _indent(line) else line for line in map(str.expandtabs, lines)]
    return lines


def _by_indent(filled):
    """The lines that are not indented; and the others, if none of them is indented less than code is."""
    outer = [line for line in filled if not line[0].isspace()]
    inner = [line.expandtabs() for line in filled if line[0].isspace()]
    return (outer, inner) if all(_indent(line) >= _CODE_INDENT for line in inner) else (outer, [])


def _asking(lines):
    """How many of the lines end with a question mark."""
    return sum(line.rstrip().endswith(("?", "？")) for line in lines)


def _without_underlines(lines):
    """The lines, with headings that reStructuredText underlines in the signs of Markdown."""
    result = list(lines)
    for at, line in enumerate(lines[1:], start=1):
        mark = _UNDERLINE.fullmatch(line.text)
        if not mark:
            if _FRAME.fullmatch(line.text) and _asks_in_frame(lines, at):
                result[at - 1] = lines[at - 1]._replace(text=f"## {lines[at - 1].text.strip()}")
                result[at - 2], result[at] = (lines[edge]._replace(text="") for edge in (at - 2, at))
            continue
        if not _is_underlined(lines, at, mark["sign"]):
            continue
        title, is_framed = lines[at - 1].text, at > 1 and lines[at - 2].text.rstrip() == line.text.rstrip()
        if mark["sign"] in _OWN_UNDERLINES and not is_framed and not _STARTS_A_LIST.match(title):
            continue
        result[at - 1] = lines[at - 1]._replace(text=f"{'#' * _LEVELS.get(mark['sign'], 4)} {title.strip()}")
        for edge in [at, *[at - 2] * is_framed]:
            result[edge] = lines[edge]._replace(text="")
    return result


def _asks_in_frame(lines, at):
    """Whether a question stands alone between this rule and the one above: then both are its frame."""
    return (
        at > 1
        and bool(_FRAME.fullmatch(lines[at - 2].text))
        and titles.asks(lines[at - 1].text.strip()) == 1
        and not any(line.text.strip() for line in lines[max(at - 3, 0) : at - 2])
    )


def _is_underlined(lines, at, sign):
    """Whether the line above stands alone, or in a frame of these signs, and is as long as this one."""
    title, rule = lines[at - 1].text.rstrip(), lines[at].text.rstrip()
    above, below = (lines[k].text.strip() if 0 <= k < len(lines) else "" for k in (at - 2, at + 1))
    if not title.strip() or _UNDERLINE.fullmatch(title):
        return False
    if above == rule:
        return len(rule) >= len(title)
    is_alone = not above and (not below or sign in _OWN_UNDERLINES)
    return is_alone and -1 <= len(rule) - len(title) <= 3 - (sign in "*+#")


def _with_fences(lines):
    """The lines, with fences around the code that reStructuredText announces by two colons and indents."""
    result: list[Line] = []
    at = 0
    while at < len(lines):
        result.append(lines[at])
        start, end = _announced(lines, at) if lines[at].text.rstrip().endswith("::") else (0, 0)
        if start:
            mark = " " * _indent(lines[start].text) + "```"
            result += lines[at + 1 : start]
            result.append(Line(lines[start].number, mark, added=True))
            result += lines[start:end]
            result.append(Line(lines[end - 1].number, mark, added=True))
        at = max(at + 1, end)
    return result


def _announced(lines, at):
    """The first line of the code that the line `at` announces, and the line behind it; zeros if none is."""
    start = next((k for k in range(at + 1, len(lines)) if lines[k].text.strip()), at)
    indent = _indent(lines[start].text)
    if start < at + 2 or not 0 < indent - _indent(lines[at].text) < _CODE_INDENT:
        return 0, 0
    end = start
    while end < len(lines) and (not lines[end].text.strip() or _indent(lines[end].text) >= indent):
        end += 1
    while not lines[end - 1].text.strip():
        end -= 1
    return (start, end) if not any("```" in line.text for line in lines[start:end]) else (0, 0)


def _indent(text):
    return len(text) - len(text.lstrip(" "))


def _with_closed_fences(lines):
    """The lines, with a closing fence before a question that an open one would swallow."""
    shapes = Counter(shape for line in lines if (shape := _shape(line.text)))
    known = {shape for shape, count in shapes.items() if count >= 3}
    result, unclosed, at = [], [], 0
    while at < len(lines):
        match = _FENCE.match(lines[at].text)
        if not match:
            result.append(lines[at])
            at += 1
            continue
        end, is_closed = _end_of_fence(lines, at, match)
        if not is_closed and _underlines_text(lines, at):
            result.append(lines[at]._replace(text=""))
            at += 1
            continue
        may_hold = match["info"].strip().casefold() in {"md", "markdown", "mdx"} and is_closed
        swallowed = next(
            (
                k
                for k in range(at + 1, end)
                if _shape(lines[k].text) in known and not (is_closed and lines[k - 1].text.strip())
            ),
            None,
        )
        if swallowed is not None and not may_hold:
            last = max(k for k in range(at, swallowed) if lines[k].text.strip())
            result += lines[at : last + 1]
            result.append(Line(lines[last].number, match["marks"], added=True))
            result += lines[last + 1 : swallowed]
            unclosed.append(lines[at].number)
            at = swallowed
            continue
        if not is_closed:
            unclosed.append(lines[at].number)
        result += lines[at:end]
        at = end
    return result, unclosed


def _underlines_text(lines, at):
    """Whether what looks like a fence stands directly below a text, and is a line under it."""
    return bool(at and lines[at - 1].text.strip() and _UNDERLINE.fullmatch(lines[at].text))


def _end_of_fence(lines, start, opening):
    """Behind which line the code ends that opens at `start`, and whether a fence closes it."""
    marks = opening["marks"]
    for at in range(start + 1, len(lines)):
        text = lines[at].text
        if marks not in text:
            continue
        match = _FENCE.match(text)
        if match and _closes(match, marks):
            return at + 1, True
    return len(lines), False


def _closes(fence, marks):
    """Whether a fence closes what `marks` opened."""
    return fence["marks"].startswith(marks) and not (fence["info"].strip() or fence["item"])


def _shape(text):
    """What a line looks like if it can only be the title of a question, as a key; else None."""
    if not text or text[0] not in " #*<Qq0123456789":
        return None
    match = _SHAPE.match(text)
    if not match:
        return None
    marks = re.sub(r"\d+", "1", match["marks"].strip())
    rest, prefix, _number = titles.without_prefix(match["rest"].strip(" *_"))
    if marks in {"#", "1. #"} and prefix != "q" and not rest.rstrip("* ").endswith("?"):
        return None  # a comment of a shell
    asks = bool(_ASKS.search(rest)) or (marks.endswith("###") and titles.asks(rest) >= IMPERATIVE)
    if prefix == "q" or (prefix and marks.startswith(("#", "1.")) and marks != "#"):
        return marks, prefix
    return (marks, "?") if marks and asks else None


def _usual(lines):
    """The lines outside code, with bullets and headings in the usual signs."""
    result, fence = [], None
    for line in lines:
        match = _FENCE.match(line.text)
        if match and (fence is None or _closes(match, fence)):
            fence = match["marks"] if fence is None else None
        elif fence is None:
            text = _HEADING_WITHOUT_SPACE.sub(r"\1 ", _BULLET.sub(r"\1- ", line.text))
            if heading := _HTML_HEADING.fullmatch(text):
                text = f"{'#' * int(heading['level'])} {heading['text']}"
            line = line._replace(text=text)
        result.append(line)
    return result


def _out_of_quotes(lines):
    """The lines, with each bold question that alone makes a quotation in front of its answer taken out."""
    result = list(lines)
    for at, line in enumerate(lines):
        match = _QUOTED.match(line.text)
        around = [lines[k].text.lstrip() for k in (at - 1, at + 1) if 0 <= k < len(lines)]
        if match and not any(text.startswith(">") for text in around):
            words = titles.plain(match["text"]).text
            if titles.without_prefix(words)[1] == "q" or titles.asks(words) == 1:
                result[at] = line._replace(text=match["text"])
    return result


def _rules_apart(lines):
    """The lines, with a blank one before each rule that would make a heading of the end of an answer."""
    result = []
    for at, line in enumerate(lines):
        if _RULE.match(line.text) and at and _ends_a_text(lines, at):
            result.append(Line(line.number, "", added=True))
        result.append(line)
    return result


def _headings_apart(lines):
    """The lines, with a blank one before each heading that stands directly below a closing tag."""
    result: list[Line] = []
    for line in lines:
        if result and _CLOSING.search(result[-1].text) and _HEADING.match(line.text):
            result.append(Line(line.number, "", added=True))
        result.append(line)
    return result


def _ends_a_text(lines, at):
    above = lines[at - 1].text
    if not above.strip() or _RULE.match(above):
        return False
    text = above.rstrip().rstrip("*_")
    if text.endswith("?") and not (at > 1 and lines[at - 2].text.strip()):
        return False  # a question, underlined
    if above.lstrip().startswith(("-", "*", "+", "|", ">", "<")):
        return True
    if len(above) > _SHORTEST_TITLE and _is_underlined(lines, at, lines[at].text[0]):
        return False
    return (
        bool(_SENTENCE_END.search(text)) or len(text) > 100 or (at > 1 and bool(lines[at - 2].text.strip()))
    )
