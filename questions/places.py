"""Where a reader is: at a question among those of a role or of a topic.

Of a long list only the part with the question is read, however long the list is.
"""

from dataclasses import dataclass

from django.utils.http import urlencode

from .listing import TOPIC_PART
from .models import Placement, Question, Role, Topic
from .parts import Part, part_address, parts_of, size_of_parts

SHOWN = ["slug", "text", "label", "difficulty"]  # the fields of a question that an outline shows


@dataclass(frozen=True)
class Row:
    """A question of the list, with its number in it and its address within it."""

    number: int
    question: Question
    address: str
    is_hidden: bool = False

    @property
    def outline_address(self) -> str:
        return self.address


@dataclass(frozen=True)
class Place:
    """The place of a question in the list of `owner`, of which `size` questions are a part.

    `read` is the part with the question, and a row before and after it; `query` keeps a reader in the list.
    """

    owner: Role | Topic
    query: dict[str, str]
    total: int
    size: int
    row: Row
    read: list[Row]

    @property
    def part(self) -> int:
        return (self.row.number - 1) // self.size + 1

    @property
    def rows(self) -> list[Row]:
        """Those of the part."""
        return [row for row in self.read if (row.number - 1) // self.size + 1 == self.part]

    @property
    def parts(self) -> list[Part]:
        """The parts of the list, none if it has but one. Of a topic's many, those beside this one."""
        near = None if self.in_role else 1
        address = self.owner.get_absolute_url()
        return parts_of(address, self.total, self.size, self.part, self._name, near)

    @property
    def previous(self) -> Row | None:
        return self._row(self.row.number - 1)

    @property
    def next(self) -> Row | None:
        return self._row(self.row.number + 1)

    def _row(self, number):
        return next((row for row in self.read if row.number == number), None)

    @property
    def in_role(self) -> bool:
        return isinstance(self.owner, Role)

    @property
    def _name(self):
        return "part" if self.in_role else "page"

    @property
    def list_address(self) -> str:
        """The part of the list."""
        return part_address(self.owner.get_absolute_url(), self.part, self._name)

    @property
    def address(self) -> str:
        """Where the list shows the question."""
        return f"{self.list_address}#q-{self.row.question.slug}"

    @property
    def way(self) -> list[tuple[str, str]]:
        """Names and addresses of the pages that lead to the question."""
        way = [(self.owner.name, self.address)]
        if isinstance(self.owner, Role):
            way.insert(0, (self.owner.category.name, self.owner.category.get_absolute_url()))
        return way


def place_of(question: Question, requested: dict, placements: list[Placement]) -> Place | None:
    """Its place in the `role` or `topic` that is requested, or else in the first role of `placements`.

    None where it is in no role. A role or topic that does not hold the question counts as none requested.
    Recall, requested as `answers`, goes along to the other questions. One query for a role, six for a topic.
    """
    recall = {"answers": "hidden"} if requested.get("answers") == "hidden" else {}
    in_topic = _in_topic(question, requested.get("topic", ""), recall)
    if in_topic or not placements:
        return in_topic
    by_role = {placement.role.slug: placement for placement in placements}
    return _in_role(by_role.get(requested.get("role", ""), placements[0]), recall)


def _in_role(placement, recall):
    role, size = placement.role, size_of_parts(placement.total)
    names = [f"question__{name}" for name in SHOWN]
    siblings = role.placements.published().select_related("question").only("role", *names)
    start, stop = _around(placement.number, size)
    questions = [sibling.question for sibling in siblings.order_by("position", "pk")[start:stop]]
    query = {"role": role.slug} | recall
    return _place(placement.question_id, role, query, placement.total, size, start, questions)


def _in_topic(question, slug, recall):
    entry = question.listings.filter(topic__slug=slug).select_related("topic").first() if slug else None
    if entry is None:
        return None
    topic = entry.topic
    start, stop = _around(topic.listing.number(entry), TOPIC_PART)
    questions = [listed.question for listed in topic.listing.part(start, stop)]
    query = {"topic": slug} | recall
    return _place(question.pk, topic, query, topic.listing.count(), TOPIC_PART, start, questions)


def _around(number, size):
    """The slice of a list that has the part with its question `number`, and a question on each side."""
    start = (number - 1) // size * size
    return max(start - 1, 0), start + size + 1


def _place(pk, owner, query, total, size, start, questions):
    rows = [
        Row(number, question, f"{question.get_absolute_url()}?{urlencode(query)}")
        for number, question in enumerate(questions, start=start + 1)
    ]
    # None if the bank has changed since the place was counted.
    row = next((row for row in rows if row.question.pk == pk), None)
    return Place(owner, query, total, size, row, rows) if row else None
