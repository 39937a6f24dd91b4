"""Which candidates are questions: the kind of element that repeats, asks, and has something below it.

In a page of “### 7. What is …?” these are the headings of the third level, and a heading of the fourth
is a part of an answer; in another it is the other way round. So styles are compared, not levels fixed:
each is rated by how many candidates it has, how many of them ask, and how many have a text below. The
best one wins, unless one that it stands within is good as well. What no question covers is looked
through once more, since a page may change its style halfway.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from . import furniture, titles
from .candidates import Candidate
from .extents import Chosen, Extents, is_within
from .layout import Layout
from .styles import Rater, share_asking

_COUNTED = {"numbered", "q", "item"}  # the styles of titles that stand line by line in contents
_DEEPEST = 6  # looks into what is left


class Chooser:
    """Chooses among the candidates of one text."""

    def __init__(self, layout: Layout, candidates: list[Candidate], kept: set[int]):
        """`kept` are lines that cannot belong to a question, such as those of tips."""
        self.layout = layout
        candidates = [each for each in candidates if each.start not in kept]
        refrains = self.refrains(candidates)
        dropped = refrains | self.contents(candidates)
        self.candidates = [
            each for each in candidates if each.start not in dropped and not self.is_in_closed_list(each)
        ]
        self.rater = Rater(layout)
        self.extents = Extents(layout, self.candidates, kept, refrains)
        self.known: set[str] = set()  # the titles of questions that are chosen already

    def refrains(self, candidates):
        """The lines of headings that return again and again with nothing below them."""
        empty = [each for each in candidates if each.style[0] == "heading" and not self.layout.has_text(each)]
        count = Counter(each.title.text for each in empty)
        return {each.start for each in empty if count[each.title.text] > 2}

    def contents(self, candidates):
        """The lines of contents without links: titles line by line that come again with a text below."""
        lines = list({each.start: each for each in candidates if each.style[0] in _COUNTED}.values())
        runs: list[list[Candidate]] = [[]]
        for each, later in pairwise(lines):
            if each.rest or self.ends_contents(each.end, later.start):
                runs.append([])
            else:
                runs[-1].append(each)
        bare = {each.start for run in runs for each in run}
        last = {each.title.text: each.start for each in lines}
        found: set[int] = set()
        for run in runs:
            again = sum(last[each.title.text] not in bare for each in run)
            if again > max(2, 0.6 * len(run)):
                end = max(each.start for each in run if last[each.title.text] > each.start)
                found.update(each.start for each in candidates if run[0].start <= each.start <= end)
        return found

    def ends_contents(self, start, end):
        """Whether a text stands between two titles, apart from indented lines directly below the first."""
        between = list(self.layout.filled_between(start, end))
        is_below = between == list(range(start, start + len(between)))
        return not is_below or not all(self.layout.lines[line][0].isspace() for line in between)

    def is_in_closed_list(self, candidate):
        """Whether a candidate is an item below a heading such as “Useful links”."""
        if candidate.block.kind != "item":
            return False
        at = bisect_left(self.layout.headings, candidate.start, key=lambda block: block.start) - 1
        return at >= 0 and furniture.is_closed(titles.plain(self.layout.headings[at].text).text)

    def choose(self) -> list[Chosen]:
        """The questions, in the order of their lines."""
        chosen: list[Chosen] = []
        regions = [(0, len(self.layout.lines), 0)]
        while regions:
            start, end, depth = regions.pop()
            found = self.in_region(start, end, is_first=depth == 0)
            chosen += found
            if found and depth < _DEEPEST:
                regions += [(*gap, depth + 1) for gap in self.gaps(start, end, found)]
        return sorted(chosen, key=lambda each: each.candidate.start)

    def gaps(self, start: int, end: int, chosen: list[Chosen]) -> Iterator[tuple[int, int]]:
        """The runs of lines between `start` and `end` that no question covers."""
        covered = {line for each in chosen for line in each.lines}
        covered |= {line for each in chosen for line in range(each.candidate.start, each.candidate.end)}
        run = start
        for line in sorted(covered):
            if self.layout.any_filled(run, line):
                yield run, line
            run = max(run, line + 1)
        if self.layout.any_filled(run, end):
            yield run, end

    def in_region(self, start, end, *, is_first):
        """The questions of the best style between two lines; none if no style is good."""
        at = bisect_left(self.candidates, start, key=lambda each: each.start)
        inside = []
        while at < len(self.candidates) and self.candidates[at].start < end:
            inside.append(self.candidates[at])
            at += 1
        best = self.rater.best(inside, end, is_first=is_first)
        if best is None:
            return []
        chosen = self.with_siblings(best, inside)
        if not is_first and self.repeats(chosen):
            return []
        self.known |= {each.title.text.casefold() for each, _sure in chosen}
        return self.extents.with_answers(chosen, end)

    def repeats(self, chosen):
        """Whether these are the titles of known questions once more: a list of contents without links."""
        again = [
            each
            for each, _sure in chosen
            if each.title.text.casefold() in self.known and not self.layout.has_text(each)
        ]
        return len(again) > len(chosen) / 2

    def with_siblings(self, best, candidates):
        """The candidates of a style, and those beside them that differ only in how they are numbered."""
        chosen = [(each, self.is_sure(best, each)) for each in best.candidates]
        if best.style[0] == "heading":
            starts = {each.start for each in best.candidates}
            for each in candidates:
                beside = (each.style[0] == "heading" and each.level == best.style[1]) or each.style == ("q",)
                if beside and each.start not in starts and each.title.asks and self.layout.has_text(each):
                    chosen.append((each, each.title.asks == 1))
        if best.style[0] == "heading" and best.style[2]:
            chosen += self.numbered_on(chosen, candidates)
        if best.style[0] == "heading" and not best.style[2]:
            chosen = [pair for pair in chosen if self.may_be_question(best, pair[0])]
        if best.style[0] == "numbered":
            chosen = self.of_numbered(best, candidates)
        if best.style[0] == "bold":
            chosen = self.of_bold(best, candidates)
        if best.style[0] == "item":
            chosen += self.other_items(best, candidates)
            chosen += self.counted_items(best, chosen, candidates)
        return self.without_groups(sorted(chosen, key=lambda pair: pair[0].start))

    def of_numbered(self, best, candidates):
        """Numbered lines, and those numbered deeper or less deep that ask."""
        known = {each.start for each in best.candidates}
        beside = [
            each
            for each in candidates
            if each.style[0] == "numbered" and each.start not in known and each.title.asks == 1
        ]
        return [(each, self.is_sure(best, each)) for each in [*best.candidates, *beside]]

    def without_groups(self, chosen):
        """The chosen ones but for a “4” that does not ask, if the first thing below it is “4.1”."""
        groups = {
            each.start
            for (each, _sure), (later, _later_sure) in pairwise(chosen)
            if each.title.asks < 1
            and is_within(later.path, each.path)
            and not self.layout.text_between(each.end, later.start)
        }
        return [pair for pair in chosen if pair[0].start not in groups]

    def of_bold(self, best, candidates):
        """Bold lines that ask; where they are numbered, one without a number has to stand alone."""
        numbered = [each for each in best.candidates if each.title.prefix]
        are_numbered = len(numbered) >= 0.6 * len(best.candidates)
        asking = [
            each
            for each in best.candidates
            if each.title.prefix or each.title.level or (each.title.asks and not (are_numbered and each.rest))
        ]
        starts = {each.start for each in asking}
        marked = [each for each in candidates if each.style == ("q",) and each.start not in starts]
        return [(each, bool(each.title.asks or each.title.prefix)) for each in [*asking, *marked]]

    def numbered_on(self, chosen, candidates):
        """Numbered headings of other levels that go on counting, before the chosen ones or behind them."""
        known = {each.start for each, _sure in chosen}
        numbers = {each.number for each, _sure in chosen}
        found, last = [], 0
        for each in candidates:
            if each.style[0] != "heading" or each.number is None or len(each.title.path) > 1:
                continue
            number = each.number
            goes_on = number == last + 1 and number not in numbers and not self.opens_section(each)
            if each.start in known or goes_on:
                last = number
            if each.start not in known and goes_on:
                found.append((each, True))
        return found

    def other_items(self, best, candidates):
        """Items at the same depth in a list that asks, some of them bold and some not."""
        lists = {each.block.list_start for each in best.candidates}
        lists |= self.lists_beside(best, candidates, lists)
        known = {each.start for each in best.candidates}
        return [
            (each, bool(each.title.asks))
            for each in candidates
            if each.style[:2] == best.style[:2] and each.block.list_start in lists and each.start not in known
        ]

    def counted_items(self, best, chosen, candidates):
        """Items whose numbers the chosen ones leave out: one that names its subject, in a list of its own."""
        known = {each.start for each, _sure in chosen}
        numbers = {each.number for each, _sure in chosen}
        columns = {self.layout.column(each.start) for each, _sure in chosen}
        found, last, above = [], 0, None
        for each in candidates:
            if each.style[:3] != best.style[:3] or self.layout.column(each.start) not in columns:
                continue
            is_inner = above and above.start not in known and above.number == last
            if each.number == last + 1 and each.number not in numbers and not is_inner:
                found.append((each, True))
                known.add(each.start)
            if each.start in known:
                last = each.number or last
            above = each
        return found

    def lists_beside(self, best, candidates, lists):
        """Lists in the same sections, such as those that go on behind a block of code."""
        asking = defaultdict(list)
        for each in candidates:
            if each.style[:2] == best.style[:2] and each.block.list_start not in lists:
                asking[each.block.list_start].append(each)
        starts = [each.start for each in best.candidates]
        found = set()
        for start, items in asking.items():
            at = bisect_left(starts, start) - 1
            if (
                at >= 0
                and share_asking(items) >= 0.3
                and not any(self.layout.headings_between(starts[at], start))
            ):
                found.add(start)
        return found

    def is_sure(self, best, candidate):
        if best.style[0] in {"card", "ask"}:
            return candidate.title.asks == 1
        if best.style[0] in {"q", "row", "sides"}:
            return True
        if best.style[0] == "heading" and (candidate.title.prefix or self.layout.has_level(candidate)):
            return True
        return bool(candidate.title.asks)

    def may_be_question(self, best, candidate):
        """Whether a heading without a number is a question: it asks, or stands among those that do."""
        if candidate.title.asks:
            return (
                self.layout.has_text(candidate)
                or candidate.title.asks == 1
                or not self.opens_section(candidate)
            )
        if self.layout.has_level(candidate) and self.layout.has_text(candidate):
            return True
        return best.asking >= 0.75 and self.layout.has_text(candidate) and not self.opens_section(candidate)

    def opens_section(self, candidate):
        """Whether the first thing below a heading is another candidate: then it names a group of them."""
        at = bisect_left(self.candidates, candidate.end, key=lambda each: each.start)
        for each in self.candidates[at : at + 3]:
            if self.layout.text_between(candidate.end, each.start):
                return False
            if each.title.asks and each.level > candidate.level:
                return True
        return False
