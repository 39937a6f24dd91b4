"""How likely the candidates of one style are the questions of a region: the styles, compared."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .. import levels
from .candidates import Candidate, Style
from .layout import Layout

_GOOD = 0.6  # the rate from which a style may be that of questions


@dataclass
class Rated:
    """The candidates of one style in a region."""

    style: Style
    candidates: list[Candidate]
    asking: float = 0.0  # how many of them ask, from 0 to 1
    with_text: float = 0.0  # how many have something below
    rate: float = 0.0

    @property
    def strength(self) -> float:
        return len(self.candidates) * self.rate * (0.4 + 0.6 * self.with_text)


class Rater:
    """Rates the styles of one text."""

    def __init__(self, layout: Layout):
        self.layout = layout

    def best(self, candidates: Sequence[Candidate], end: int, *, is_first: bool) -> Rated | None:
        """The style of the questions in a region that ends at `end`; none if no style is good."""
        by_style = defaultdict(list)
        for each in candidates:
            by_style[each.style].append(each)
        rated = [self.rated(style, members, end) for style, members in by_style.items()]
        good = [each for each in rated if self.is_good(each, is_first=is_first)]
        good = [each for each in good if not self.is_another_style(each, good)]
        if not good:
            return None
        best = max(good, key=lambda each: each.strength)
        for _ in range(len(good)):
            around = [each for each in good if each is not best and self.stands_around(each, best)]
            if not around:
                break
            best = max(around, key=lambda each: each.strength)
        return best

    def is_another_style(self, cards, good):
        """Whether most cards begin with titles of a good style, of which some may stand below no rule."""
        if cards.style[0] != "card":
            return False
        starts = {each.start for each in cards.candidates}
        others = ({title.start for title in each.candidates} for each in good if each is not cards)
        return any(len(starts & other) >= 0.8 * len(starts) for other in others)

    def rated(self, style, members, end):
        found = Rated(style, members)
        kind, count = style[0], len(members)
        found.asking = sum(each.title.asks for each in members) / count
        nexts = [each.start for each in members[1:]] + [end]
        found.with_text = (
            sum(
                bool(each.rest) or self.layout.text_between(each.end, until)
                for each, until in zip(members, nexts, strict=True)
            )
            / count
        )
        rate = found.asking
        if kind == "q":
            rate = 1.0
        elif kind == "sides":
            rate = 0.95 if count > 1 and self.are_close(members) else 0.0
        elif kind == "row":
            rate = 0.95
        elif kind == "bare row":
            has_levels = sum(bool(levels.of_value(each.cells[0])) for each in members) > 0.5 * count
            rate = max(rate * 0.9, 0.65 if has_levels else 0)
        elif kind == "heading" and style[2] == "number":
            rate = max(rate, 0.65 if self.counts_up(members) and found.with_text > 0.6 else 0)
        elif kind == "heading":
            rate = max(rate, 0.8 * sum(map(self.layout.has_level, members)) / count if count > 1 else 0)
        elif kind in {"summary", "term"}:
            rate = max(rate, 0.62 if count > 1 else 0)
        elif kind == "numbered":
            rate = max(rate, 0.6 if self.counts_up(members) and found.with_text > 0.8 and count > 2 else 0)
        elif kind == "bold":
            numbered = [each for each in members if each.number is not None]
            are_most = len(numbered) > max(2, count / 2)
            rate = max(rate, 0.65 if are_most and self.counts_up(numbered) else 0)
        elif kind == "ask":
            rate *= 0.75
        elif kind == "card":
            rate = max(rate * 0.9, 0.6 if self.are_cards(members) else 0)
        elif kind == "item":
            rate = self.rate_of_items(members)
        found.rate = rate
        return found

    def rate_of_items(self, members):
        """How much the items of those lists ask in which most do; a list of links or of parts does not."""
        lists = defaultdict(list)
        for each in members:
            lists[each.block.list_start].append(each)
        asking = [each for items in lists.values() if share_asking(items) >= 0.5 for each in items]
        if len(asking) < 2:
            return 0.0
        members[:] = asking
        return share_asking(asking)

    def are_cards(self, members):
        """Whether what stands below rules are short titles with a text below each."""
        short = [
            each
            for each in members
            if len(each.title.text) < 120 and not each.title.text.endswith((".", ":"))
        ]
        return len(members) > 2 and len(short) >= 0.8 * len(members)

    def are_close(self, members):
        """Whether cards are most of the lines from first to last: else their colons are those of code."""
        lines = list(self.layout.filled_between(members[0].start, members[-1].end))
        own = {line for each in members for line in range(each.start, each.end)}
        others = [line for line in lines if line not in own and not self.layout.is_structure(line)]
        return len(own) > len(others)

    def counts_up(self, members):
        """Whether the numbers of titles mostly go on by one; they may begin again."""
        numbers = [each.number for each in members]
        steps = [
            later == 1 or later - former in {0, 1, 2}
            for former, later in pairwise(numbers)
            if former is not None and later is not None
        ]
        return sum(steps) >= 0.7 * max(len(members) - 1, 1)

    def is_good(self, style, *, is_first):
        count, kind = len(style.candidates), style.style[0]
        if kind == "q":
            return True
        needed = {"heading": 1 + (not is_first), "summary": 1, "row": 1, "term": 2, "card": 3}.get(kind, 2)
        if kind == "heading" and style.style[1] == 1:
            needed = 2
        if kind == "heading" and style.asking < 0.9 and count < 3:
            return is_first and count == 2 and style.asking >= 0.7 and style.with_text == 1
        if kind in {"ask", "bold"} and style.with_text < 0.5:
            return False
        if not is_first and kind == "ask" and count < 3:
            return False
        return count >= needed and style.rate >= (_GOOD if is_first else 0.65)

    def stands_around(self, outer, inner):
        """Whether `inner` are parts of the answers of `outer`."""
        if _depth(outer.style) >= _depth(inner.style) or outer.rate < _GOOD or outer.with_text < 0.5:
            return False
        starts = [each.start for each in outer.candidates]
        owners = [bisect_left(starts, each.start + 1) - 1 for each in inner.candidates]
        within = [
            owner
            for owner, each in zip(owners, inner.candidates, strict=True)
            if owner >= 0 and not self.section_between(outer.candidates[owner], each)
        ]
        if len(within) < 0.75 * len(inner.candidates):
            return False
        first_of: dict[int, Candidate] = {}
        for owner, each in zip(owners, inner.candidates, strict=True):
            first_of.setdefault(owner, each)
        direct = [
            owner
            for owner, each in first_of.items()
            if owner >= 0 and self.layout.text_between(outer.candidates[owner].end, each.start)
        ]
        if outer.asking < 0.5 and self.counts_within(outer, inner, owners):
            return inner.asking < 0.5 and len(direct) >= 0.5 * len(first_of)
        if outer.asking < 0.5 and inner.asking >= 0.7:
            texts = {each.title.text.casefold() for each in inner.candidates}
            repeated = len(texts) < 0.6 * len(inner.candidates)
            return repeated and len(direct) >= 0.5 * len(first_of)
        if inner.asking >= 0.8 and inner.with_text >= 0.7 and len(direct) < 0.5 * len(first_of):
            return False
        many = len(inner.candidates) >= 4 * len(outer.candidates) and inner.asking >= 0.8
        return not many

    def counts_within(self, outer, inner, owners):
        """Whether the numbers of most inner ones, such as “4.2”, begin with that of the outer one above."""
        within = [
            len(path := each.title.path) > 1 and path[:-1] == outer.candidates[owner].title.path
            for owner, each in zip(owners, inner.candidates, strict=True)
        ]
        return sum(within) >= 0.75 * len(within)

    def section_between(self, outer, inner):
        return any(
            block.level < outer.level
            for block in self.layout.headings_between(outer.end, inner.start)
            if outer.block.kind == "heading"
        )


def share_asking(items: Sequence[Candidate]) -> float:
    """How many of these ask, from 0 to 1."""
    return sum(each.title.asks for each in items) / len(items)


def _depth(style):
    """How far within others a style usually stands."""
    kind = style[0]
    if kind == "heading":
        return style[1]
    if kind == "numbered":
        return 8 + sum(style[1:]) / 10
    return {"q": 6.5, "card": 0.5, "summary": 7, "term": 7.5, "row": 7.5, "bold": 8}.get(
        kind, 9 + (style[1] if kind == "item" else 3)
    )
