"""What is exported: documents whole, and questions as lists show them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from ..documents import KINDS, Item, in_batches, items_of, slugs_in_order
from ..models import Category, Placement, Question, Role, Synonym, Topic

SITE = "Interview Prep"  # not translated: Anki knows a deck by its name


class Unfit(Exception):
    """What a format cannot hold; the message is one sentence for the person who chose it."""


class Entry(NamedTuple):
    """A question with its `number` in the file, and the names of its topics and roles."""

    question: Question
    number: int
    topics: list[str]
    roles: list[str]

    @property
    def address(self) -> str:
        """The address of its page, from anywhere."""
        return f"{settings.SITE_URL}{self.question.get_absolute_url()}"

    @property
    def changed_at(self) -> datetime:
        """When anything of it was last changed: later than before, after an undo too."""
        return self.question.changed_at or self.question.created


class Export:
    """Questions in an order, under a title; `uid` tells the title from others of the same name."""

    title: str
    uid: str
    intro = ""

    def entries(self) -> Iterator[Entry]:
        raise NotImplementedError


class PageExport(Export):
    """The published questions of a role's page, as its filter leaves them: two queries, however many."""

    def __init__(self, role: Role, placements: Sequence[Placement], queryset: "QuerySet[Placement]"):
        """`placements` have their numbers and topics, `queryset` is the same list with its words."""
        self.title, self.uid, self.intro = role.name, role.uid, role.intro
        self.placements, self.queryset = placements, queryset

    def entries(self) -> Iterator[Entry]:
        questions = Question.objects.filter(pk__in=self.queryset.order_by().values("question"))
        by_pk = {question.pk: question for question in questions.with_changed_at()}
        for placement in self.placements:
            if question := by_pk.get(placement.question_id):
                topics = [topic.name for topic in placement.topics]
                yield Entry(question, placement.number, topics, [self.title])


class BankExport(Export):
    """Documents of the bank, whatever their status: `questions`, and what goes with them.

    Their topics come along, and of `roles` (with their categories) those whose questions all do: a bank
    without a part of them could not be imported. `is_whole` adds what no question refers to. It is read a
    batch at a time; only ids are kept.
    """

    def __init__(
        self,
        questions: "QuerySet[Question]",
        roles: "QuerySet[Role] | None" = None,
        *,
        is_whole: bool = False,
        title: str = SITE,
        uid: str = "",
    ):
        self.questions, self.is_whole, self.title, self.uid = questions, is_whole, title, uid
        self.asked_roles = Role.objects.none() if roles is None else roles

    @classmethod
    def of_bank(cls) -> "BankExport":
        return cls(Question.objects.order_by("slug"), Role.objects.all(), is_whole=True)

    @classmethod
    def of_roles(cls, roles: "QuerySet[Role]") -> "BankExport":
        """`roles` with their questions: those of one role in the order of its page."""
        named = list(roles[:2])
        if len(named) == 1:
            placed = Question.objects.filter(placements__role=named[0])
            placed = placed.order_by("placements__position", "placements__pk")
            return cls(placed, roles, title=named[0].name, uid=named[0].uid)
        placed = Question.objects.filter(pk__in=Placement.objects.filter(role__in=roles).values("question"))
        return cls(placed.order_by("slug"), roles)

    def with_status(self, statuses: Collection[str]) -> "BankExport":
        """Those of the questions that have one of the `statuses`."""
        questions = self.questions.filter(status__in=statuses)
        return BankExport(questions, self.asked_roles, title=self.title, uid=self.uid)

    @cached_property
    def question_uids(self) -> list[str]:
        return list(dict.fromkeys(self.questions.values_list("uid", flat=True)))

    @cached_property
    def roles(self) -> "QuerySet[Role]":
        """The roles whose questions are all in it."""
        if self.is_whole:
            return self.asked_roles
        others = Placement.objects.exclude(question__in=self.questions.order_by().values("pk"))
        return self.asked_roles.exclude(pk__in=others.order_by().values("role"))

    @cached_property
    def left_roles(self) -> list[Role]:
        """The roles that were asked for, and cannot come along."""
        return list(self.asked_roles.exclude(pk__in=self.roles.order_by().values("pk")))

    @cached_property
    def slugs(self) -> dict[str, dict[str, str]]:
        """`{kind: {uid: slug}}` of all documents in it, in the order of files."""
        rows: dict[str, QuerySet[Any]] = {
            "category": Category.objects.all(),
            "topic": Topic.objects.all(),
            "synonym": Synonym.objects.all() if self.is_whole else Synonym.objects.none(),
            "question": self.questions,
            "role": self.roles,
        }
        if not self.is_whole:
            rows["category"] = Category.objects.filter(roles__in=self.roles.order_by().values("pk"))
            rows["topic"] = Topic.objects.filter(questions__in=self.questions.order_by().values("pk"))
        return {kind: slugs_in_order(rows[kind]) for kind in KINDS}

    def items(self) -> Iterator[Item]:
        """The documents, with their references as uids."""
        return items_of(self.slugs)

    def entries(self) -> Iterator[Entry]:
        roles = Prefetch("roles", Role.objects.only("name"))
        number = 0
        for batch in in_batches(self.question_uids):
            rows = Question.objects.filter(uid__in=batch).with_changed_at()
            by_uid = {row.uid: row for row in rows.prefetch_related("topics", roles)}
            for question in (by_uid[uid] for uid in batch if uid in by_uid):
                number += 1
                topics = [topic.name for topic in question.topics.all()]
                yield Entry(question, number, topics, [role.name for role in question.roles.all()])
