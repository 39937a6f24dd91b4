"""What is different between two documents, in a form that a person can read.

Texts differ by words, with long unchanged runs folded; lists of references by what was added, taken
out and moved; everything else by its old and its new value.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import Match, SequenceMatcher
from typing import TYPE_CHECKING

from django.db.models import prefetch_related_objects
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .documents import KINDS, DocumentDict, Label

if TYPE_CHECKING:
    from .changes import Change, ChangeSet

FOLD = 24  # unchanged words in a row from which on they are folded
CONTEXT = 6  # of those, words that are shown on either side
# A word with the space behind it: spaces of their own would all look alike, at a cubic cost.
_TOKEN = re.compile(r"(?:\d+(?:[.,]\d+)*|\w+|[^\w\s])\s*|\s+")
_LINE = re.compile(r".*\n?")
MOST_PAIRS = 2_000_000  # of equal tokens that are looked at; what needs more is compared by lines


@dataclass
class Piece:
    """A run of text: `same`, `del`, `ins` or `fold`."""

    kind: str
    text: str

    @property
    def fold_label(self) -> str:
        count = len(self.text.split())
        return ngettext("%(n)s word unchanged", "%(n)s words unchanged", count) % {"n": count}


@dataclass
class Difference:
    """What is different in one key of a document: a word diff, or sentences."""

    label: Label
    pieces: list[Piece] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class Differences:
    """The differences of many changes; names of what they refer to cost one query a kind."""

    def __init__(self, changes: "Iterable[Change]"):
        self.changes = list(changes)

    def __iter__(self) -> "Iterator[tuple[Change, list[Difference]]]":
        """`(change, [Difference, …])` of each change."""
        for change in self.changes:
            yield change, list(self._of(change))

    def _of(self, change):
        schema = KINDS[change.kind]
        before, after = schema.normal(change.before) or {}, schema.normal(change.after) or {}
        for key in schema.defaults:
            old, new = before.get(key), after.get(key)
            if old != new and not (old is None and new in ("", [])) and not (new is None and old in ("", [])):
                shown = schema.shown(key)
                yield self._difference(schema.label(key), schema.references.get(key), shown(old), shown(new))

    def _difference(self, label, refers, old, new):
        if refers:
            before, after = ([self._name(refers, uid) for uid in _as_list(each)] for each in (old, new))
            return Difference(label, lines=list_changes(before, after))
        if isinstance(old or new, list):
            return Difference(label, word_diff(_lines(old), _lines(new)))
        old, new = as_text(old), as_text(new)
        if " " in old + new:
            return Difference(label, word_diff(old, new))
        return Difference(label, [Piece(kind, text) for kind, text in (("del", old), ("ins", new)) if text])

    def _name(self, kind, uid):
        return self._names.get(kind, {}).get(uid, uid)

    @cached_property
    def _names(self):
        changes = self.changes
        return names_in((c.kind, document) for c in changes for document in (c.before, c.after))


def names_in(documents: "Iterable[tuple[str, DocumentDict | None]]") -> dict[str, dict[str, str]]:
    """`{kind: {uid: name}}` of what documents, given with their kinds, refer to; one query a kind."""
    wanted: dict[str, set[str]] = {}
    for kind, document in documents:
        for key, refers in KINDS[kind].references.items():
            wanted.setdefault(refers, set()).update(_as_list((document or {}).get(key)))
    return {
        refers: {row.uid: str(row) for row in KINDS[refers].model._base_manager.filter(uid__in=uids)}
        for refers, uids in wanted.items()
    }


def with_differences(changesets: "Iterable[ChangeSet]") -> "list[ChangeSet]":
    """The change sets, each with `differences`: one query for all their changes, and a few for names."""
    changesets = list(changesets)
    prefetch_related_objects(changesets, "changes")
    changes = [change for changeset in changesets for change in changeset.changes.all()]
    differences = {change.pk: parts for change, parts in Differences(changes)}
    for changeset in changesets:
        of_set = (differences[change.pk] for change in changeset.changes.all())
        changeset.differences = [part for parts in of_set for part in parts]
    return changesets


class Matcher(SequenceMatcher):
    """Ends in a bounded time: once it has looked at `MOST_PAIRS`, the rest counts as changed.

    Texts of few different words take the base class a time in the cube of their length.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]):
        super().__init__(None, old, new, autojunk=False)
        self.old, self.new = old, new
        self.counts = Counter(new)
        self.left = MOST_PAIRS

    def pairs(self, start: int = 0, end: int | None = None) -> int:
        """How many tokens of the new text equal one of the old text between `start` and `end`."""
        return sum(self.counts[token] for token in self.old[start:end])

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        self.left -= self.pairs(alo, ahi)
        if self.left < 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces that lead from the text `before` to the text `after`."""
    matcher = Matcher(_TOKEN.findall(before), _TOKEN.findall(after))
    if matcher.pairs() > MOST_PAIRS:
        matcher = Matcher(_LINE.findall(before), _LINE.findall(after))
    pieces = []
    old, new = matcher.old, matcher.new
    for change, a, b, c, d in matcher.get_opcodes():
        if change == "equal":
            pieces += _folded("".join(old[a:b]), first=not a, last=b == len(old))
        else:
            pieces += [Piece("del", "".join(old[a:b]))] if a < b else []
            pieces += [Piece("ins", "".join(new[c:d]))] if c < d else []
    return pieces


def _folded(text, *, first, last):
    words = re.findall(r"\s*\S+\s*|\s+", text)
    if len(words) < FOLD:
        return [Piece("same", text)]
    head, tail = 0 if first else CONTEXT, 0 if last else CONTEXT
    parts = words[:head], words[head : len(words) - tail], words[len(words) - tail :]
    kinds = zip(("same", "fold", "same"), parts, strict=True)
    return [Piece(kind, "".join(part)) for kind, part in kinds if part]


def list_changes(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Sentences on what was added to, taken out of and moved within a list of names."""
    lines = [
        _("added at %(place)s: %(name)s") % {"place": place, "name": name}
        for place, name in enumerate(after, start=1)
        if name not in before
    ]
    lines += [_("taken out: %(name)s") % {"name": name} for name in before if name not in after]
    stayed = [name for name in after if name in before]
    still = _longest_rising([before.index(name) for name in stayed])
    lines += [
        _("moved from %(old)s to %(new)s: %(name)s")
        % {"old": before.index(name) + 1, "new": after.index(name) + 1, "name": name}
        for place, name in enumerate(stayed)
        if place not in still
    ]
    return lines


def _longest_rising(numbers):
    """The places of a longest rising subsequence of `numbers`: what need not be called moved.

    Patience sorting, as in Fredman, On computing the length of longest increasing subsequences, 1975.
    """
    tops: list[int] = []
    places: list[int] = []
    before: list[int | None] = []
    for place, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        tops[pile : pile + 1] = [number]
        places[pile : pile + 1] = [place]
        before.append(places[pile - 1] if pile else None)
    rising = set()
    last = places[-1] if places else None
    while last is not None:
        rising.add(last)
        last = before[last]
    return rising


def _lines(value):
    """A list of lines, links, steps or tips as one text."""
    return "\n".join(line if isinstance(line, str) else _entry(line) for line in value or [])


def _entry(entry):
    # In this order: PostgreSQL returns the keys of a document in its own.
    parts = (
        entry[key]
        for key in ("question", "hint", "title", "text", "url", "body", "resources")
        if entry.get(key)
    )
    return "\n".join(_lines(part) if isinstance(part, list) else part for part in parts)


def as_text(value: object) -> str:
    """A value of a document as a text that a person can read."""
    return "" if value is None else _lines(value) if isinstance(value, list) else str(value)


def _as_list(value):
    return value if isinstance(value, list) else [value] if value else []
