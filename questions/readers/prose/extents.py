"""Where the answer of each question ends."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from .. import levels
from . import furniture, titles
from .candidates import Candidate
from .layout import Layout


@dataclass
class Chosen:
    """A candidate that is a question, the lines of its answer, and whether that is sure."""

    candidate: Candidate
    lines: list[int] = field(default_factory=list)
    sure: bool = True
    is_item: bool = False  # whether these lines begin with the sign of a list


class Extents:
    """The answers of the questions in one region."""

    def __init__(self, layout: Layout, candidates: list[Candidate], kept: set[int], refrains: set[int]):
        """`candidates` are those of the whole text; no answer goes beyond a line of the other two."""
        self.layout, self.candidates, self.kept, self.refrains = layout, candidates, kept, refrains
        self.groups: set[int] = set()  # lines that name what follows
        self.sections: set[int] = set()  # the levels of headings that stand above questions
        self.directly_above: set[int] = set()
        self.item_starts: dict[int, list[int]] = {}

    def with_answers(self, chosen: list[tuple[Candidate, bool]], end: int) -> list[Chosen]:
        """The questions `[(candidate, is sure), …]` of a region with the lines of their answers."""
        self.find_sections([pair[0] for pair in chosen])
        self.note_groups([pair[0] for pair in chosen])
        ends_at_rule = self.usually_ends_at_rule([pair[0] for pair in chosen])
        result = []
        for at, (candidate, is_sure) in enumerate(chosen):
            following = chosen[at + 1][0].start if at + 1 < len(chosen) else end
            if following <= candidate.start:
                continue
            is_last = at + 1 == len(chosen)
            until = self.end_of_answer(candidate, following, is_last=is_last, ends_at_rule=ends_at_rule)
            result.append(Chosen(candidate, list(range(candidate.end, until)), is_sure))
        self.give_back(result)
        return result

    def give_back(self, chosen):
        """What stands behind an inner question that a click opens belongs to the outer one again."""
        opened: list[Chosen] = []
        taken = {line for each in chosen if each.candidate.close is not None for line in each.lines}
        for each in chosen:
            while opened and (opened[-1].candidate.close or 0) < each.candidate.start:
                opened.pop()
            close = each.candidate.close
            if close is None:
                continue
            end = opened[-1].candidate.close if opened else None
            if end is not None and end > close:
                again = [line for line in range(close + 1, end) if line not in taken]
                opened[-1].lines += again
                taken.update(again)
            opened.append(each)

    def end_of_answer(self, candidate, following, *, is_last, ends_at_rule):
        until = following
        if candidate.close is not None:
            until = min(until, candidate.close)
        elif candidate.style[0] in {"row", "bare row", "sides"}:
            return candidate.end
        elif candidate.style[0] == "item":
            until = min(until, self.end_of_item(candidate, following, is_last=is_last))
        for line in range(candidate.end, until):
            if line in self.kept or line in self.groups:
                return line
            if line in self.layout.rules and (candidate.style[0] == "card" or (is_last and ends_at_rule)):
                return line
        for heading in self.layout.headings_between(candidate.end, until):
            if self.ends_answer(heading, candidate, is_last=is_last):
                return heading.start
        return until

    def end_of_item(self, candidate, following, *, is_last):
        """Where the answer of an item ends: with the item, or behind what stands below it unindented."""
        block = candidate.block
        end = block.end
        while end > block.start and not self.layout.filled[end - 1]:
            end -= 1
        if not is_last and candidate.block.ordered and self.goes_on(candidate, following):
            return following
        while (
            end < following
            and self.layout.filled[end]
            and not self.layout.lines[end].lstrip().startswith(("#", "<"))
        ):
            end += 1
        end = self.behind_indented(candidate.start, end, following)
        later = self.item_starts.get(block.list_start, ())
        at = bisect_left(later, candidate.start + 1)
        if at < len(later):
            return max(end, min(later[at], following))
        if len(later) == 1 and self.single_items > 1:
            return following
        while end < following and not self.layout.filled[end]:
            end += 1
        behind_code = self.layout.code.get(end, following + 1)
        return behind_code if behind_code <= following else max(block.end, end)

    def behind_indented(self, start, end, following):
        """Where the lines end that are meant to be in an item, as “10.” takes more room than “9.”."""
        at = end
        while at < following and (
            not self.layout.filled[at] or self.layout.column(at) > self.layout.column(start)
        ):
            at += 1
            end = at if self.layout.filled[at - 1] else end
        return end

    def goes_on(self, candidate, following):
        """Whether the question behind an ordered item has the next number, in another list."""
        at = bisect_left(self.candidates, following, key=lambda each: each.start)
        return any(
            each.start == following
            and candidate.block.number is not None
            and (
                each.block.number == candidate.block.number + 1
                or each.title.number == candidate.block.number + 1
            )
            for each in self.candidates[at : at + 3]
        )

    def usually_ends_at_rule(self, candidates):
        last = [
            max((line for line in range(each.end, later.start) if self.layout.filled[line]), default=-1)
            for each, later in pairwise(candidates)
        ]
        return bool(last) and sum(line in self.layout.rules for line in last) >= len(last) / 2

    def ends_answer(self, heading, candidate, *, is_last):
        """Whether a heading in or behind an answer is no part of it."""
        text = titles.plain(heading.text).text
        if heading.start in self.refrains:
            return True
        if furniture.is_label(text) or self.layout.is_comment(heading):
            return False
        if candidate.close is not None:
            return furniture.is_advertisement(heading.text)
        if furniture.is_stop(text) and heading.level <= max(min(self.sections, default=6), 2):
            return True
        if furniture.is_neutral(text) and heading.level not in self.sections:
            return False
        if furniture.is_advertisement(heading.text):
            return True
        if candidate.block.kind == "heading" and candidate.block.list_start < 0:
            is_directly_above = heading.level in self.sections and heading.start in self.directly_above
            if heading.level == candidate.level and candidate.title.prefix and not is_last:
                return heading.level in self.sections  # the others have numbers, this one has none
            return heading.level <= candidate.level or is_directly_above
        return any(heading.level <= level for level in self.sections)

    def find_sections(self, candidates):
        """Which levels of headings stand directly above questions, and so between them."""
        starts = sorted(each.start for each in candidates)
        own = set(starts)
        leads: defaultdict[int, int] = defaultdict(int)
        all_of: defaultdict[int, int] = defaultdict(int)
        self.directly_above.clear()
        self.item_starts = defaultdict(list)
        for each in candidates:
            if each.block.kind == "item":
                self.item_starts[each.block.list_start].append(each.start)
        self.single_items = sum(len(items) == 1 for items in self.item_starts.values())
        deepest = max((each.level for each in candidates), default=7)
        for heading in self.layout.headings:
            if self.is_opened(heading, candidates):
                continue
            at = bisect_left(starts, heading.end)
            is_neutral = furniture.is_neutral(titles.plain(heading.text).text)
            if heading.start in own | self.refrains or self.layout.is_comment(heading):
                continue
            if is_neutral and (at == len(starts) or self.layout.any_filled(heading.end, starts[at])):
                continue
            all_of[heading.level] += 1
            is_directly_above = at < len(starts) and not self.layout.any_filled(heading.end, starts[at])
            if is_directly_above:
                self.directly_above.add(heading.start)
            is_part = heading.level > deepest or heading.list_start >= 0  # with a short text, of an answer
            if is_directly_above or (at < len(starts) and not is_part and self.leads_to(heading, starts[at])):
                leads[heading.level] += 1
        self.sections = {level for level, count in all_of.items() if leads[level] >= count / 2}

    def is_opened(self, heading, candidates):
        """Whether a heading stands in what a click on a question opens."""
        at = bisect_left(candidates, heading.start, key=lambda each: each.start) - 1
        return at >= 0 and heading.start < (candidates[at].close or 0)

    def leads_to(self, heading, start):
        """Whether only other headings, contents and a short text stand between a heading and a question."""
        words = 0
        for line in self.layout.filled_between(heading.end, start):
            words += not self.layout.lines[line].lstrip().startswith(("#", "<", "-", "*", "["))
            if words > 2:
                return False
        return True

    def note_groups(self, candidates):
        """Lines in bold, or of usual words, that stand directly above a question and name what follows."""
        starts = {each.start: each for each in candidates}
        self.groups.update(each.head for each in candidates if each.head is not None)
        ends = {line for each in candidates for line in range(each.start, each.end)}
        for block, following in pairwise(self.layout.blocks):
            if following.start not in starts or block.start in starts:
                continue
            path = titles.path(self.layout.lines[block.start].strip("-*+ \t"))
            is_directly_above = not self.layout.any_filled(block.text_end or block.end, following.start)
            if is_directly_above and is_within(starts[following.start].title.path, path):
                self.groups.add(block.start)
            if block.kind != "paragraph" or block.list_start >= 0:
                continue
            if block.start in ends or block.end - block.start > 1 or len(block.text) > 80:
                continue
            if is_group(block.text) and not furniture.is_way_back(block.text):
                self.groups.add(block.start)


def is_within(path: tuple[int, ...], outer: tuple[int, ...]) -> bool:
    """Whether the number `path` stands below the number `outer`: “4.2” below “4”, or below “4.0”."""
    outer = outer[:-1] if outer[-1:] == (0,) else outer
    return len(path) > len(outer) > 0 and path[: len(outer)] == outer


def is_group(text: str) -> bool:
    """Whether a short line of its own names a group of questions: “**Advanced**”, “SQL questions”."""
    found = titles.plain(text)
    if titles.asks(found.text) == 1 or found.text.endswith((".", ",", ";")):
        return False
    if found.strong and not found.rest and len(found.text) < 60:
        return True
    words = found.text.casefold()
    return (
        bool(levels.of_words(words))
        or "questions" in words
        or words.startswith(("section ", "part ", "chapter "))
    )
