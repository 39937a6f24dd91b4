"""What two people changed at the same time: joined, or beside each other where both changed the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from ..changes import Change
from ..differences import Difference, Differences
from ..documents import KINDS, DocumentDict, Label


@dataclass
class Side:
    """A key of a document: what they and what I made of it, where either did.

    `name` is its field in the form; what has none is shown only.
    """

    key: str
    name: str
    label: Label
    theirs: list[Difference] = field(default_factory=list)
    mine: list[Difference] = field(default_factory=list)


@dataclass
class Meeting:
    """What somebody else saved since a form was opened, beside what the form holds."""

    changes: Sequence[Change]  # by which it was saved, the first one first
    both: list[Side]  # what both changed
    taken: list[Side]  # what they alone changed
    kept: list[Side]  # what I alone changed
    opened: DocumentDict = field(default_factory=dict)

    @classmethod
    def of(cls, row, opened: DocumentDict, saved: DocumentDict, mine: DocumentDict, names: dict[str, str]):
        """What was `opened`, what is `saved` now and what is `mine`; `names` are the form's fields by key."""
        kind = KINDS[row.kind]
        meeting = cls(_changes_since(row, opened), [], [], [], opened)
        for key in kind.defaults if opened else ():
            before, theirs = opened.get(key), saved.get(key)
            wanted = mine.get(key) if key in names else before
            they_did, i_did = theirs not in (before, wanted), wanted not in (before, theirs)
            side = Side(key, names.get(key, ""), capfirst(kind.label(key)))
            side.theirs = _difference(row, key, before, theirs) if they_did else []
            side.mine = _difference(row, key, before, wanted) if i_did else []
            where = meeting.both if they_did and i_did else meeting.taken if they_did else meeting.kept
            where += [side] if they_did or i_did else []
        return meeting

    def move_to_both(self, key: str) -> None:
        """A list that they changed, and that I changed, too: one has to choose."""
        self.both += [side for side in self.taken if side.key == key]
        self.taken = [side for side in self.taken if side.key != key]
        self.both[-1].name = key

    @property
    def joined(self) -> list[Side]:
        return [*self.taken, *self.kept]

    @property
    def names(self) -> str:
        """Who saved it."""
        authors = [change.changeset.author or _("A command") for change in self.changes]
        return get_text_list(list(dict.fromkeys(map(str, authors))), _("and")) or _("Somebody")

    @property
    def saved_at(self):
        return self.changes[-1].changeset.applied_at if self.changes else None


def _changes_since(row, opened):
    past = Change.objects.applied().filter(kind=row.kind, uid=row.uid).order_by("base")
    changes = list(past.select_related("changeset__author"))
    after = [place for place, change in enumerate(changes) if change.after == opened]
    return changes[after[-1] + 1 :] if after else changes[-1:]


def _difference(row, key, before, after):
    change = Change(kind=row.kind, uid=row.uid, before={key: before}, after={key: after})
    return [difference for _change, parts in Differences([change]) for difference in parts]
