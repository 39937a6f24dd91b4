"""Where a reader is: at a question among those of a role or of a topic."""

from dataclasses import dataclass

from django.utils.http import urlencode

from .models import Placement, Question, Role, Topic


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
    """The place of a question in `rows`, the list of `owner`; `query` keeps a reader in that list."""

    owner: Role | Topic
    query: dict[str, str]
    rows: list[Row]
    row: Row

    @property
    def previous(self) -> Row | None:
        return self.rows[self.row.number - 2] if self.row.number > 1 else None

    @property
    def next(self) -> Row | None:
        return self.rows[self.row.number] if self.row.number < len(self.rows) else None

    @property
    def in_role(self) -> bool:
        return "role" in self.query

    @property
    def list_address(self) -> str:
        """Where the list shows the question."""
        address = self.owner.get_absolute_url()
        return f"{address}#q-{self.row.question.slug}" if self.in_role else address

    @property
    def way(self) -> list[tuple[str, str]]:
        """Names and addresses of the pages that lead to the question."""
        way = [(self.owner.name, self.list_address)]
        if isinstance(self.owner, Role):
            way.insert(0, (self.owner.category.name, self.owner.category.get_absolute_url()))
        return way


def place_of(question: Question, requested: dict, placements: list[Placement]) -> Place | None:
    """Its place in the `role` or `topic` that is requested, or else in the first role of `placements`.

    None where it is in no role. A role or topic that does not hold the question counts as none requested.
    Recall, requested as `answers`, goes along to the other questions. One query if a topic is requested.
    """
    recall = {"answers": "hidden"} if requested.get("answers") == "hidden" else {}
    in_topic = _in_topic(question, requested.get("topic", ""), recall)
    if in_topic or not placements:
        return in_topic
    by_role = {placement.role.slug: placement for placement in placements}
    placement = by_role.get(requested.get("role", ""), placements[0])
    listed = [(sibling.number, sibling.question) for sibling in placement.siblings]
    return _place(placement.role, {"role": placement.role.slug} | recall, listed, question)


def _in_topic(question, slug, recall):
    topic = next((topic for topic in question.topics.all() if topic.slug == slug), None)
    if topic is None:
        return None
    questions = topic.questions.published().by_difficulty().only("slug", "text", "label", "difficulty")
    return _place(topic, {"topic": slug} | recall, enumerate(questions, start=1), question)


def _place(owner, query, listed, question):
    rows = [Row(number, each, f"{each.get_absolute_url()}?{urlencode(query)}") for number, each in listed]
    row = next((row for row in rows if row.question.pk == question.pk), None)
    return Place(owner, query, rows, row) if row else None
