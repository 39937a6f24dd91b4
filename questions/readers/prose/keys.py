"""Answers that stand further down in a list of their own, joined to their questions by number."""

import re

from . import titles
from .blocks import Block
from .extents import Chosen

_HEADING = re.compile(
    r"(?:the\s+)?(?:sample |model |correct )?(?:answers?|solutions?|answer key|key)(?: to .*)?", re.IGNORECASE
)


def add_answers(chosen: list[Chosen], blocks: list[Block], lines: list[str]) -> None:
    """Give each question without an answer the item of that number below a heading “Answers”."""
    groups = _groups(blocks, len(lines))
    at = 0
    for start, items in groups:
        waiting = []
        while at < len(chosen) and chosen[at].candidate.start < start:
            waiting.append(chosen[at])
            at += 1
        empty = [each for each in waiting if not each.candidate.rest and not _filled(each.lines, lines)]
        if len(empty) < 0.8 * len(waiting) or not empty:
            continue
        numbers = _numbers(empty)
        for number, where in items.items():
            if number in numbers:
                numbers[number].lines = list(where)
                numbers[number].is_item = True


def _groups(blocks, last):
    """`[(line of the heading, {number: lines}), …]` of the lists of answers."""
    found = []
    for at, block in enumerate(blocks):
        text = titles.plain(block.text).text.strip(" :")
        is_head = block.kind == "heading" or (block.kind == "paragraph" and block.end - block.start == 1)
        if not is_head or block.list_start >= 0 or not _HEADING.fullmatch(text):
            continue
        level = block.level if block.kind == "heading" else 7
        items: dict[int, range] = {}
        for each in blocks[at + 1 :]:
            if each.kind == "heading" and each.level <= level:
                break
            if each.kind == "item" and each.level == 1 and each.number is not None:
                items.setdefault(_next(items, each.number), range(each.start, each.end))
        if items:
            found.append((block.start, _up_to_the_next(items, last)))
    return found


def _filled(numbers, lines):
    return any(lines[number].strip() for number in numbers)


def _next(items, number):
    """The number of an item; “1.” in front of each counts on as well."""
    return number if number not in items else len(items) + 1


def _up_to_the_next(items, last):
    return {number: lines for number, lines in items.items() if lines.start < last}


def _numbers(chosen):
    numbers: dict[int, Chosen] = {}
    for at, each in enumerate(chosen, start=1):
        number = each.candidate.title.number or each.candidate.block.number or at
        numbers.setdefault(number if number not in numbers else at, each)
    return numbers
