"""What the index holds of questions, roles and topics: the words of each, and what it is filtered by."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from .. import markdown
from ..models import Placement, Question, QuestionTopic, Role, Status, Topic
from .tokens import words

KINDS = ("question", "role", "topic")
PUBLIC = "public"
EARLY, EARLIEST = "early", 10_000  # the word of the first rows of a kind, and their primary keys' limit
MOST_WORDS = 4_000  # of each part: PostgreSQL keeps the places of some 16,000 words in all


class Entry(NamedTuple):
    """The words of one row, by where they are, each as words with spaces around them.

    `facets` are what it is filtered by: the kind (and that it is public, and that it was made early),
    difficulty, topics and roles.
    """

    kind: str
    uid: str
    pk: int
    title: str
    topics: str
    lead: str
    body: str
    facets: str

    @property
    def id(self) -> int:
        """Its number in the index: in the order in which rows were made, whatever their kinds."""
        return self.pk * len(KINDS) + KINDS.index(self.kind)

    @property
    def is_public(self) -> bool:
        return f" {PUBLIC}{self.kind} " in self.facets

    @property
    def vocabulary(self) -> set[str]:
        return {*self.title.split(), *self.topics.split(), *self.lead.split(), *self.body.split()}


def facet(name: str, value: object) -> str:
    """The word that stands for a value of a facet: letters and digits, which every engine takes."""
    return f"{name}{value}"


def values_of(name: str, facets: str) -> list[str]:
    """The values of the facet `name`. The word that is its name alone is the kind of a row."""
    words = (word for word in facets.split() if word.startswith(name))
    return [value for word in words if (value := word.removeprefix(name))]


def entries_of(kind: str, uids: Collection[str]) -> list[Entry]:
    """The entries of those of `uids` that exist, in their order: at most three queries."""
    return {"question": _of_questions, "role": _of_roles, "topic": _of_topics}[kind](uids)


_READ = ("uid", "status", "text", "label", "difficulty", "key_points", "follow_ups", "sources")
_HTML = ("short_answer_html", "answer_html", "weak_answer_html")


def _of_questions(uids):
    rows = Question.objects.filter(uid__in=uids).order_by("pk").only(*_READ, *_HTML)
    of_rows = {"question__uid__in": uids}
    topics = QuestionTopic.objects.filter(**of_rows).order_by("topic__uid")
    topics = _grouped(topics.values_list("question", "topic", "topic__name"))
    placements = Placement.objects.filter(role__status=Status.PUBLISHED, **of_rows).order_by("role")
    roles = _grouped(placements.values_list("question", "role"))
    return [_of_question(row, topics.get(row.pk, []), roles.get(row.pk, [])) for row in rows]


def _of_question(question, topics, roles):
    html = [markdown.text_of(getattr(question, name)) for name in _HTML]
    follow_ups = (part for each in question.follow_ups_with_hints for part in each.values())
    sources = (source["title"] for source in question.sources)
    facets = [facet("topic", pk) for pk, _name in topics] + [facet("role", pk) for (pk,) in roles]
    facets.append(facet("status", question.status))
    if question.difficulty:
        facets.append(facet("difficulty", question.difficulty))
    return Entry(
        "question",
        question.uid,
        question.pk,
        title=_joined([question.text]),
        topics=_joined([question.label, *(name for _pk, name in topics)]),
        lead=_joined([html[0], *question.key_points]),
        body=_joined([*html[1:], *follow_ups, *sources]),
        facets=_facets("question", question.pk, question.status == Status.PUBLISHED, facets),
    )


def _of_roles(uids):
    rows = Role.objects.filter(uid__in=uids).order_by("pk").values_list("uid", "pk", "name", "status")
    return [_named("role", uid, pk, name, status == Status.PUBLISHED) for uid, pk, name, status in rows]


def _of_topics(uids):
    published = QuestionTopic.objects.filter(topic=OuterRef("pk"), question__status=Status.PUBLISHED)
    rows = Topic.objects.filter(uid__in=uids).order_by("pk").annotate(is_public=Exists(published))
    return [_named("topic", *row) for row in rows.values_list("uid", "pk", "name", "is_public")]


def _named(kind, uid, pk, name, is_public):
    facets = _facets(kind, pk, is_public, [])
    return Entry(kind, uid, pk, title=_joined([name]), topics="", lead="", body="", facets=facets)


def _joined(texts: Iterable[str]) -> str:
    found = words("\n".join(texts))[:MOST_WORDS]
    return f" {' '.join(found)} " if found else ""


def _facets(kind, pk, is_public, others):
    own = [kind, *[PUBLIC + kind] * is_public, *[EARLY] * (pk < EARLIEST)]
    return f" {' '.join([*own, *others])} "


def _grouped(rows):
    """`{first value: the others of its rows}`."""
    groups: dict[int, list] = {}
    for first, *others in rows:
        groups.setdefault(first, []).append(others)
    return groups
