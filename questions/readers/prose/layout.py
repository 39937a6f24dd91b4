"""Where things stand in a text: its lines, headings and rules, and what is between them."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property

from .. import levels
from . import furniture, titles
from .blocks import Block
from .candidates import Candidate

_DIFFICULTY = re.compile(rf"[\s>*_`|-]*{levels.NAME}[\s*_`]*[:：=–—]", re.IGNORECASE)
_CODE_SIGNS = ("$ ", "()", " = ", ";", "{", "--", "sudo ", "import ")


class Layout:
    """The lines and blocks of one text."""

    def __init__(self, lines: Sequence[str], blocks: list[Block]):
        self.lines, self.blocks = lines, blocks
        self.filled = [bool(line.strip()) for line in lines]
        self.headings = [block for block in blocks if block.kind == "heading"]
        self.rules = {block.start for block in blocks if block.kind == "rule"}

    @cached_property
    def code(self) -> dict[int, int]:
        """`{first line: line behind it}` of each block of code."""
        return {block.start: block.end for block in self.blocks if block.kind == "code"}

    def headings_between(self, start: int, end: int) -> Iterator[Block]:
        at = bisect_left(self.headings, start, key=lambda block: block.start)
        while at < len(self.headings) and self.headings[at].start < end:
            yield self.headings[at]
            at += 1

    def filled_between(self, start: int, end: int) -> Iterator[int]:
        """The lines that are not empty."""
        return (line for line in range(start, min(end, len(self.lines))) if self.filled[line])

    def is_structure(self, line: int) -> bool:
        """Whether a line is a rule, or as good as a heading, and no text."""
        return line in self.rules or self.lines[line].lstrip().startswith(("#", "<!--"))

    def any_filled(self, start: int, end: int) -> bool:
        return next(self.filled_between(start, end), None) is not None

    def column(self, line: int) -> int:
        """How far the text of a line is indented."""
        return len(self.lines[line]) - len(self.lines[line].lstrip())

    def text_between(self, start: int, end: int) -> bool:
        """Whether some text stands between two lines, apart from rules, tags and ways back."""
        for line in self.filled_between(start, end):
            if line not in self.rules and not _is_empty_tag(self.lines[line]):
                return not furniture.is_way_back(self.lines[line])
        return False

    def has_text(self, candidate: Candidate) -> bool:
        """Whether something stands below a title before the next heading."""
        if candidate.rest:
            return True
        following = next(self.headings_between(candidate.end, len(self.lines)), None)
        return self.text_between(candidate.end, following.start if following else len(self.lines))

    def has_level(self, candidate: Candidate) -> bool:
        """Whether a difficulty stands in a title or in the first lines below it."""
        below = [line for line in self.lines[candidate.end : candidate.end + 5] if line.strip()][:2]
        return bool(candidate.title.level) or any(_DIFFICULTY.match(line) for line in below)

    def is_comment(self, heading: Block) -> bool:
        """Whether a heading of the first level is a comment in code that stands outside of any fence."""
        if heading.level != 1 or heading is self.headings[0] or heading.end - heading.start > 1:
            return False
        around = [
            self.lines[line] for line in (heading.start - 1, heading.end) if 0 <= line < len(self.lines)
        ]
        beside = [line for line in around if line.strip() and line.lstrip()[0] not in "#-*+|"]
        text = titles.plain(heading.text).text
        if not beside or text.endswith(("?", ":")):
            return bool(beside) and text[:1].islower()
        return text[:1].islower() or any(sign in line for line in beside for sign in _CODE_SIGNS)


def _is_empty_tag(line):
    line = line.strip()
    return line.startswith("<") and line.endswith(">") and not titles.plain(line).text
