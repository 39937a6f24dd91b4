"""The parts of a page beside its questions: title, category, intro, learning path, tips, subjects."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ... import text as texts
from .. import levels
from . import furniture, titles
from .blocks import Block

_PATH = re.compile(
    r"\b(?:learning|study|self[- ]?study|self[- ]?learning|career|preparation|prep)[- ]"
    r"(?:path|plan|roadmap|track)\b"
    r"|^(?:the )?(?:\d{4} )?roadmap\b|^(?:a )?roadmap (?:to|for)\b|^path to becoming\b",
    re.IGNORECASE,
)
_TIPS = re.compile(
    r"^(?:(?:some|more|our|few|top|\d+|bonus|quick|final|general|last[- ]minute|pro|expert|useful|best)\s+)*"
    r"(?:(?:job |technical |coding )?(?:interview(?:ing)?|preparation|prep|exam|candidate)\s+)?"
    r"(?:tips|advice)\b"
    r"|\b(?:interview|preparation) (?:tips|advice)\b|^do['’]?s (?:and|&) don['’]?ts",
    re.IGNORECASE,
)
_ASKED = r"(?:interview\s+)?(?:questions?(?:\s*(?:and|&|\+)\s*answers?)?|q\s*&\s*a)"
_QUESTIONS = re.compile(
    r"^(?:(?:top|best|most (?:common|asked|frequent(?:ly asked)?)|common|frequently asked|important|\d+\+?)"
    rf"\s+)*{_ASKED}\s*(?:(?:about|on|for|of|regarding|related to)\s+)?"
    rf"|\s*[-–—:]?\s*(?:(?:technical|coding|job)\s+)?{_ASKED}\s*$",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\s*[-–—(\[]*\s*\d+\s*(?:questions?|q|вопрос\w*|preguntas?|perguntas?|fragen|[个道]?题)?\s*[)\]]*\s*$|\s*\(\d{4}\)\s*$",
    re.IGNORECASE,
)
_ALSO_SUBJECTS = re.compile(r"\b(?:basics?|fundamentals?|simple|intro|advanced|complex)\b", re.IGNORECASE)
_PART = re.compile(r"^(?:section|part|chapter|module|unit)\s+\w{1,4}\s*[:.–—-]\s*", re.IGNORECASE)
_NO_SUBJECT = frozenset(
    "general questions other others misc miscellaneous all answers q&a introduction overview".split()
)
_ENTRY = re.compile(r"[\W\d]*\[[^\[\]]*\]\(#[^()]*\)\W*")  # of contents: a link to a place in the page
_EMOJI = re.compile(rf"{levels.EMOJI}|:[a-z0-9_+-]{{2,40}}:")


@dataclass
class Part:
    """A learning path, or tips: the lines of it, its heading included."""

    heading: Block
    end: int
    items: list = field(default_factory=list)  # (title, lines) or (text, lines)

    @property
    def lines(self) -> range:
        return range(self.heading.start, self.end)


def parts(blocks: list[Block], last: int) -> tuple[list[Part], list[Part]]:
    """The learning paths and the tips among the blocks."""
    paths: list[Part] = []
    tips: list[Part] = []
    first = next((at for at, block in enumerate(blocks) if block.kind == "heading"), None)  # the title
    for at, block in enumerate(blocks):
        if not _may_head(block) or (block.kind == "heading" and block.level == 1 and at == first):
            continue
        text = _heading_text(block)
        kind = paths if _PATH.search(text) else tips if _TIPS.search(text) else None
        if kind is None or titles.asks(text) == 1 or titles.without_prefix(text)[1]:
            continue
        part = Part(block, _end_of_part(blocks, at, last))
        inside = [each for each in blocks[at + 1 :] if each.start < part.end]
        part.items = _steps(inside, part.end) if kind is paths else _tips(inside)
        if part.items:
            if kind is tips and block.kind != "heading":
                part.end = max(each.end for each, _lines in part.items)
            kind.append(part)
    return paths, tips


def _may_head(block):
    if block.kind == "heading":
        return True
    if block.kind != "paragraph" or block.list_start >= 0 or block.end - block.start > 1:
        return False
    return len(block.text) <= 80 and not block.text.rstrip("*_ ").endswith((".", ",", ";", "?"))


def _heading_text(block):
    text = _EMOJI.sub("", titles.plain(block.text).text)
    return texts.line(text).strip(" -–—:*")


def _end_of_part(blocks, at, last):
    heading = blocks[at]
    for block in blocks[at + 1 :]:
        if heading.kind == "heading":
            if block.kind == "heading" and block.level <= heading.level:
                return block.start
        elif block.kind == "heading":
            return block.start
        elif _may_head(block):
            text = _heading_text(block)
            if _PATH.search(text) or _TIPS.search(text):
                return block.start
    return last


def _steps(blocks, end):
    """`[(block, lines of its body), …]` of the steps: headings, or else numbered or other items."""
    headings = [block for block in blocks if block.kind == "heading"]
    asking = sum(titles.asks(titles.plain(block.text).text) == 1 for block in headings)
    if headings and asking < len(headings) / 2:
        level = min(block.level for block in headings)
        steps = [block for block in headings if block.level == level]
    else:
        items = [block for block in blocks if block.kind == "item" and block.level == 1 and block.text]
        steps = [block for block in items if block.ordered] or _numbered(blocks) or items
        asking = sum(titles.asks(titles.plain(block.text).text) == 1 for block in steps)
        if asking >= max(len(steps) / 2, 1):
            return []
    ends = [*(block.start for block in steps[1:]), end][: len(steps)]
    return [(block, range(block.text_end, until)) for block, until in zip(steps, ends, strict=True)]


def _numbered(blocks):
    found = [
        block
        for block in blocks
        if block.kind == "paragraph" and titles.without_prefix(titles.plain(block.text).text)[1]
    ]
    for block in found:
        block.text_end = block.start + 1
    return found


def _tips(blocks):
    """`[(block, its lines), …]` of the tips: the items of lists, or else paragraphs."""
    items = [block for block in blocks if block.kind == "item" and block.level == 1]
    if not items:
        items = [block for block in blocks if block.kind == "paragraph" and block.list_start < 0]
    asking = sum(titles.asks(titles.plain(block.text).text) == 1 for block in items)
    return (
        []
        if asking >= max(len(items) / 2, 1)
        else [(block, range(block.start, block.end)) for block in items]
    )


# The beginning of a page


@dataclass
class Beginning:
    """Title, category and intro, as blocks."""

    title: Block | None = None
    category: Block | None = None
    intro: list[Block] = field(default_factory=list)


def beginning(blocks: Iterable[Block], first_question: int, taken: set[int]) -> Beginning:
    """What stands before the first question and says what the page is about."""
    found = Beginning()
    ahead = [block for block in blocks if block.start < first_question and block.start not in taken]
    headings = [block for block in ahead if block.kind == "heading"]
    found.title = next((block for block in headings if block.level == 1), None) or _first_heading(ahead)
    lines = [block for block in ahead if _is_short_line(block)]
    if found.title is None and not headings:
        named = [
            block for block in lines if re.search(r"\bquestions?\b|\binterview\b", block.text, re.IGNORECASE)
        ]
        found.title = next(iter(named or lines), None)
    if found.title is None:
        return found
    before = [
        block for block in ahead if block.start < found.title.start and block.kind not in {"html", "rule"}
    ]
    if len(before) == 1 and _is_short_line(before[0]) and "](" not in before[0].text:
        found.category = before[0]
    found.intro = _intro(ahead, found.title)
    return found


def _first_heading(ahead):
    """A heading of another level is a title if it is the first of what is there."""
    block = next((block for block in ahead if block.kind not in {"html", "rule", "quote"}), None)
    if block is None or block.kind != "heading" or furniture.is_stop(titles.plain(block.text).text):
        return None
    below = [each for each in ahead if each.kind == "heading" and each.start > block.start]
    return block if all(each.level > block.level for each in below[:1]) else None


def _is_short_line(block):
    return (
        block.kind == "paragraph"
        and block.list_start < 0
        and block.end - block.start == 1
        and 2 < len(block.text) <= 100
        and not block.text.rstrip().endswith((".", ":", ",", ";"))
        and not furniture.is_advertisement(block.text)
        and not furniture.is_way_back(block.text)
    )


def _intro(ahead, title):
    found: list[Block] = []
    for block in ahead:
        if block.start < title.end or block.kind in {"html", "rule"}:
            continue
        if block.kind == "heading" or (block.kind == "item" and found):
            break
        words = titles.plain(block.text)
        is_prose = len(words.text) > 80 or bool(re.search(r"[.!?]\)?(?:\s|$)", words.text))
        is_furniture = (
            furniture.is_advertisement(block.text)
            or furniture.is_way_back(block.text)
            or bool(_ENTRY.fullmatch(block.text))
        )
        if block.kind == "paragraph" and block.list_start < 0 and is_prose and not is_furniture:
            found.append(block)
    return found


# Subjects


@dataclass
class Section:
    """A heading that stands above questions: the subject that it names, and the level."""

    start: int
    last: int  # the line behind it
    depth: int
    name: str
    level: str
    is_whole: bool  # whether the name is all of the heading
    is_alone: bool  # whether it surely names a level, and nothing else
    end: int | None = None  # where it closes, if a click opens it
    used: bool = False
    around: "Section | None" = None


def sections(
    blocks: list[Block], groups: dict[int, int | None], skipped: set[int], title: str
) -> list[Section]:
    """The sections of a page in their order.

    `groups` are the lines that name what follows, with the line where it closes if a click opens it;
    `skipped` are lines of headings that are something else.
    """
    found = []
    for block in blocks:
        is_group = block.start in groups and block.kind in {"paragraph", "summary", "item"}
        if (block.kind == "heading" or is_group) and block.start not in skipped:
            heading = titles.plain(block.text.partition("\n")[0] if is_group else block.text).text
            name = subject(heading)
            is_furniture = furniture.is_stop(heading) or furniture.is_advertisement(block.text)
            if name.casefold() == subject(title).casefold() or is_furniture:
                name = ""
            level, is_alone = levels.of_section(_COUNT.sub("", heading))
            depth = 7 if is_group else block.level
            is_alone = is_alone and not _ALSO_SUBJECTS.search(heading)
            is_whole = name == texts.line(block.text.partition("\n")[0] if is_group else block.text)
            end = groups.get(block.start)
            last = block.text_end if block.kind == "heading" else block.start + 1
            found.append(Section(block.start, last, depth, name, level, is_whole, is_alone, end))
    _judge_levels(found)
    _nest(found)
    return found


def _judge_levels(found):
    """Take a word such as “Basics” as a level only where sections beside it name other levels."""
    named = defaultdict(set)
    for section in found:
        named[section.depth].add(section.level)
    for section in found:
        if section.is_alone:
            section.name = ""
        elif len(named[section.depth] - {""}) < 2:
            section.level = ""
        elif section.level and levels.of_words(section.name):
            section.name = ""


def subject(heading: str) -> str:
    """What a heading is about: “## 3. Questions about SQL:” is about “SQL”."""
    text = texts.line(_EMOJI.sub("", heading)).strip(" #:-–—*_.|")
    text = titles.without_prefix(text)[0]
    text = _PART.sub("", _COUNT.sub("", text)).strip(" :-–—")
    text = _QUESTIONS.sub("", text).strip(" :-–—")
    if not re.search(r"\w", text) or text.casefold() in _NO_SUBJECT or len(text) > 80:
        return ""
    return text


def above(line: int, found: list[Section]) -> list[Section]:
    """The sections that a line stands in, the outermost first."""
    at = bisect_right(found, line, key=lambda section: section.start) - 1
    section = found[at] if at >= 0 else None
    around: list[Section] = []
    while section is not None:
        if section.end is None or line < section.end:
            around.append(section)
        section = section.around
    return around[::-1]


def _nest(found):
    """Let each section know the one that it stands in."""
    stack: list[Section] = []
    for section in found:
        while stack and stack[-1].depth >= section.depth:
            stack.pop()
        section.around = stack[-1] if stack else None
        stack.append(section)
