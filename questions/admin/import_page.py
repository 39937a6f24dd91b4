"""What the page of an import shows: one page of its items, with the differences and the lines left over.

Filtering and paging go over the list of items; only the changes of those that are shown are read.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..changes import Change, ChangeSet
from ..differences import Difference, Differences
from ..documents import KINDS, DocumentDict, Label
from ..imported import Import
from ..importing.assembling import ItemDict
from ..importing.planning import CHANGED, NEAR, NEW, SAME, WRONG, merged
from ..importing.working import digest_of
from ..markdown import MAX_LENGTH
from ..models import Difficulty, Question, Topic
from ..previews import preview_address

PER_PAGE = 50
LEFT_PER_PAGE = 40
MOST_NOTES = 100
MOST_STROKES = 400  # of the ruler: more are no longer seen apart

NO_ANSWER, NOT_SURE = "no-answer", "not-sure"
LABELS: dict[str, Label] = {
    "": _("all"),
    NEW: _("new"),
    CHANGED: _("changed"),
    SAME: _("same"),
    NEAR: _("near-duplicate"),
    NO_ANSWER: _("no answer"),
    WRONG: _("wrong"),
    NOT_SURE: _("not sure"),
}
VERDICTS: dict[str, Label] = {
    NEW: _("New"),
    CHANGED: _("Changed"),
    SAME: _("Same"),
    NEAR: _("Near-duplicate"),
    WRONG: _("Wrong"),
}


WAYS: dict[str, Label] = {
    "out": _("Leave it out"),
    "new": _("Take it as new"),
    "change": _("Take it as a change"),  # of the question that it is like
}


class Way(NamedTuple):
    """What can become of a near-duplicate."""

    name: str
    label: Label
    is_chosen: bool


class Sieve(NamedTuple):
    """A link that shows the items of a verdict."""

    name: str
    label: Label
    count: int
    is_current: bool


@dataclass
class Row:
    """An item as the page shows it."""

    number: int
    item: ItemDict
    on: "ImportPage"
    document: DocumentDict = field(default_factory=dict)
    difficulty: Label = ""
    topics: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    preview: str = ""
    url: str = ""  # of the form of the question, where there is one
    like_url: str = ""
    came_in: bool = False
    form: Any = None  # while it is edited

    @property
    def place(self) -> int:
        return self.number + 1

    @property
    def label(self) -> Label:
        return VERDICTS[self.item["verdict"]]

    @property
    def words(self) -> int:
        # Of one that is much too long, and so wrong, the start is enough.
        return len(self.document.get("answer", "")[: 2 * MAX_LENGTH].split())

    @property
    def is_near(self) -> bool:
        return self.item["verdict"] == NEAR and self.item["may"]

    @property
    def is_choice(self) -> bool:
        """Whether it can be taken or left out."""
        return self.item["verdict"] in {NEW, CHANGED} and self.item["may"]

    @property
    def ways(self) -> list[Way]:
        """What can become of a near-duplicate."""
        chosen = self.item.get("as", "new") if self.item["taken"] else "out"
        names = ["out", "new", *(["change"] if self.item.get("like_in_bank") else [])]
        return [Way(name, WAYS[name], name == chosen) for name in names]

    @property
    def kind_label(self) -> Label:
        return KINDS[self.item["kind"]].model._meta.verbose_name or self.item["kind"]

    @property
    def may_be_edited(self) -> bool:
        return self.item["kind"] == "question" and self.item["verdict"] != SAME

    @property
    def digest(self) -> str:
        return digest_of(self.item)


class LeftRow(NamedTuple):
    """Lines of the same words that are in no item, and the item before a single one."""

    number: int
    file: str
    line: int
    text: str
    times: int
    item: int | None

    @property
    def place(self) -> int | None:
        return None if self.item is None else self.item + 1


def matches(item: ItemDict, show: str) -> bool:
    """Whether the sieve `show` lets an item through."""
    if show == NO_ANSWER:
        return not item["answered"]
    if show == NOT_SURE:
        return not item["sure"]
    return not show or item["verdict"] == show


class ImportPage:
    """One page of the items of `row`, and one of its lines left over; `show` is the name of a sieve."""

    def __init__(self, row: Import, show: str = "", page: object = 1, left: object = 1):
        self.row, self.show = row, show if show in LABELS else ""
        self.is_open = row.changeset.state == ChangeSet.State.PLANNED
        numbers = [number for number, item in enumerate(row.items) if matches(item, self.show)]
        self.page: Page = Paginator(numbers, PER_PAGE).get_page(page)
        self.left_page: Page = Paginator(self.groups_of_left_over(), LEFT_PER_PAGE).get_page(left)

    @property
    def has_several(self) -> bool:
        """Whether it holds more than one file."""
        return len(self.row.names) > 1

    @property
    def query(self) -> str:
        """The part of the address that leads to this page."""
        return urlencode({"show": self.show, "page": self.page.number, "left": self.left_page.number})

    @property
    def sieves(self) -> list[Sieve]:
        counts = self.row.counts | {"": len(self.row.items)}
        return [Sieve(name, label, counts.get(name, 0), name == self.show) for name, label in LABELS.items()]

    def rows(self) -> list[Row]:
        """The items of the page, in a fixed number of queries."""
        rows = [Row(number, self.row.items[number], self) for number in self.page.object_list]
        uids = [row.item["uid"] for row in rows]
        found = self.row.changeset.changes.filter(uid__in=uids)
        changes = {change.key: change for change in found}
        likes = KINDS["question"].read([row.item["like"] for row in rows if row.item.get("like_in_bank")])
        pks = dict(Question.objects.filter(uid__in=[*uids, *likes]).order_by().values_list("uid", "pk"))
        compared: dict[int, Change] = {}
        for row in rows:
            change = changes.get((row.item["kind"], row.item["uid"]))
            like = likes.get(row.item.get("like", ""))
            self.fill(row, change, pks)
            if other := self.compared(row, change, like.document if like else None):
                compared[row.number] = other
        parts = dict(zip(compared, (parts for _change, parts in Differences(compared.values())), strict=True))
        for row in rows:
            row.differences = parts.get(row.number, [])
        self.name_topics(rows)
        return rows

    def compared(self, row: Row, change: Change | None, like: DocumentDict | None) -> Change | None:
        """What differs in an item: from what is in the bank, or from the question that it is like."""
        if change is None or change.after is None:
            return None
        if like and row.is_near and self.is_open:
            after = merged(like, change.after, joins_topics=True)
            return Change(kind="question", uid=row.item["like"], before=like, after=after)
        return change if change.before else None

    def fill(self, row, change, pks):
        row.document = (change and change.after) or row.item.get("found", {})
        difficulty = row.document.get("difficulty")
        row.difficulty = Difficulty(difficulty).label if difficulty in Difficulty.values else ""
        row.came_in = not self.is_open and change is not None
        if change and self.is_open and change.kind == "question":
            row.preview = preview_address("change", change.pk)
        for name, uid in {"url": row.item["uid"], "like_url": row.item.get("like")}.items():
            if uid in pks and row.item["kind"] == "question":
                setattr(row, name, reverse("admin:questions_question_change", args=[pks[uid]]))

    def name_topics(self, rows):
        """Give each row the names of its topics, which may be planned themselves."""
        uids = {uid for row in rows for uid in row.document.get("topics", [])}
        names = dict(Topic.objects.filter(uid__in=uids).order_by().values_list("uid", "name"))
        planned = self.row.changeset.changes.filter(kind="topic", uid__in=uids - names.keys())
        names |= {change.uid: change.label for change in planned}
        for row in rows:
            row.topics = [names.get(uid, uid) for uid in row.document.get("topics", [])]

    @property
    def page_numbers(self):
        return self.page.paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1)

    @property
    def notes(self) -> list[str]:
        """What the reader noticed, but for what the items say themselves."""
        found = [each for each in self.row.warnings if not each["message"].startswith("no answer here")]
        notes = [
            f"{_('line')} {each['line']}: {each['message']}" if each["line"] else each["message"]
            for each in found[:MOST_NOTES]
        ]
        return [*notes, *(["…"] if len(found) > MOST_NOTES else [])]

    # What is left over

    def groups_of_left_over(self) -> list[list[int]]:
        """The numbers of the lines that are left over, equal ones together."""
        groups: dict[str, list[int]] = {}
        for number, left in enumerate(self.row.left_over):
            groups.setdefault(left["text"].strip(), []).append(number)
        return list(groups.values())

    def left_rows(self) -> list[LeftRow]:
        lines: dict[str, list[tuple[int, int]]] = {}
        for number, item in enumerate(self.row.items):
            if item["kind"] == "question" and item["verdict"] != SAME:
                lines.setdefault(item["file"], []).append((item["line"], number))
        for of_file in lines.values():
            of_file.sort()
        return [self.left_row(group, lines) for group in self.left_page.object_list]

    def left_row(self, group: Sequence[int], lines: dict[str, list[tuple[int, int]]]) -> LeftRow:
        left = self.row.left_over[group[0]]
        of_file = lines.get(left["file"], [])
        place = bisect_right(of_file, (left["line"], len(self.row.items)))
        before = of_file[place - 1][1] if place and len(group) == 1 and self.is_open else None
        return LeftRow(group[0], left["file"], left["line"], left["text"], len(group), before)

    # In numbers

    def strokes(self) -> dict[str, str]:
        """The ruler: paths by class, one stroke an item in their order; none where there are many."""
        paths: dict[str, list[str]] = {}
        if len(self.row.items) > MOST_STROKES:
            return {}
        for number, item in enumerate(self.row.items):
            name, height = _STROKES[item["verdict"]]
            if name == "new" and not item["sure"]:
                name = "unsure"
            paths.setdefault(name, []).append(f"M{4 * number + 1} 14v-{height}")
        return {name: "".join(strokes) for name, strokes in paths.items()}

    @property
    def ruler_width(self) -> int:
        return 4 * len(self.row.items)

    def summary(self) -> dict[str, int]:
        """How many items that are taken would do what."""
        taken = [item for item in self.row.items if item["taken"]]
        changed = [item for item in taken if item["verdict"] == CHANGED or item.get("as") == "change"]
        new = [item for item in taken if item not in changed]
        bare = sum(not item["answered"] for item in new)
        return {
            "taken": len(taken),
            "new": len(new) - bare,
            "bare": bare,
            "changed": len(changed),
            "left_out": len(self.row.items) - len(taken),
        }

    def new_topics(self) -> list[str]:
        """The names of the topics that the bank does not have."""
        of_items = {item["uid"] for item in self.row.items if item["kind"] == "topic"}
        planned = self.row.changeset.changes.filter(kind="topic")
        return sorted(change.label for change in planned if change.uid not in of_items)


_STROKES = {
    NEW: ("new", 14),
    CHANGED: ("", 14),
    NEAR: ("faint", 9),
    SAME: ("faint", 5),
    WRONG: ("wrong", 14),
}
