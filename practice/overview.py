"""What a learner's first page of practice says."""

from collections import Counter
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import cached_property

from questions.models import Question, Role, Status, Topic

from .choosing import AT_A_TIME, minutes_for
from .dates import Calendar
from .models import Card, Learner, Mark, Rewrite

FIRST = 10  # cards of today's list that are in sight at once
LISTED = 20
ROLES = 6
TOLD = 20  # questions that became others


class Overview:
    """A fixed number of statements, however many cards there are. Without a learner nothing is due."""

    def __init__(self, learner: Learner | None, calendar: Calendar):
        self.calendar = calendar
        self.cards = Card.objects.filter(learner=learner) if learner else Card.objects.none()

    @cached_property
    def known_last_time(self) -> Counter[Mark]:
        """How well those that are due were known."""
        rows = self.cards.due(self.calendar.midnight).order_by().values_list("rating")
        counts: Counter[Mark] = Counter()
        for rating, number in rows.annotate(n=Count("*")):
            counts[Mark.of(rating)] += number
        return counts

    @property
    def due(self) -> int:
        return self.known_last_time.total()

    @property
    def at_a_time(self) -> int:
        """How many of those that are due a session has."""
        return min(self.due, AT_A_TIME)

    @property
    def minutes(self) -> int:
        return minutes_for(self.at_a_time)

    @cached_property
    def today(self) -> list[Card]:
        """The first of those that are due."""
        rows = self.cards.due(self.calendar.midnight).select_related("question")
        return list(rows.only("due", "rating", "question__uid", "question__slug", "question__text")[:LISTED])

    @property
    def first(self) -> list[Card]:
        return self.today[:FIRST]

    @property
    def rest(self) -> list[Card]:
        return self.today[FIRST:]

    @property
    def behind(self) -> int:
        """How many of those that are due are not in sight at once."""
        return self.due - len(self.first)

    @property
    def more(self) -> int:
        """How many of those that are due are not in that list."""
        return self.due - len(self.today)

    @cached_property
    def next(self) -> Card | None:
        """What comes back first after today."""
        later = self.cards.published().filter(due__gte=self.calendar.midnight)
        return later.order_by("due", "pk").first()

    @property
    def has_cards(self) -> bool:
        return bool(self.due or self.next)

    @cached_property
    def changed(self) -> list[Any]:
        """Cards whose questions became others since, or are not in the bank any more."""
        rewritten = Rewrite.objects.filter(question=OuterRef("question"), at__gt=OuterRef("last_review"))
        # By their uids and not by a join, which would read the question of every card.
        retired = Question.objects.filter(status=Status.RETIRED).values("uid")
        rows = self.cards.filter(Exists(rewritten) | Q(question__in=retired)).select_related("question")
        rows = rows.only("rating", *(f"question__{name}" for name in ("uid", "slug", "text", "status")))
        return list(rows.order_by("-last_review", "pk")[:TOLD])

    @property
    def rewritten(self) -> list[Any]:
        return [card for card in self.changed if card.question.status == Status.PUBLISHED]

    @property
    def retired(self) -> list[Any]:
        return [card for card in self.changed if card.question.status == Status.RETIRED]

    # What may be chosen

    @cached_property
    def roles(self) -> list[Any]:
        """All roles, with the names of their fields."""
        return list(Role.objects.published().values_list("pk", "slug", "name", "category__name", named=True))

    @cached_property
    def topics(self) -> list[Any]:
        return list(Topic.objects.published().values_list("slug", "name", named=True))

    @cached_property
    def first_roles(self) -> list[Any]:
        """Those of the learner's own cards and then the first ones, with `marks`: a number for each mark."""
        marks = self._marks()
        pks = sorted(marks, key=lambda pk: -marks[pk].total())[:ROLES]
        rows = Role.objects.published().with_counts().only("slug", "name").in_bulk(pks)
        roles: list[Any] = [rows[pk] for pk in pks if pk in rows]
        for role in roles:
            role.marks = marks[role.pk]
        return roles

    def _marks(self) -> dict[int, Counter[Mark]]:
        """`{role: cards by mark}`."""
        # The roles' own status is not asked of the database, which would begin at all their questions.
        rows = self.cards.filter(question__placements__rank__gt=0).order_by()
        grouped = rows.values_list("question__placements__role", "rating").annotate(n=Count("*"))
        marks: dict[int, Counter[Mark]] = {role.pk: Counter() for role in self.roles}
        for role, rating, number in grouped:
            if role in marks:
                marks[role][Mark.of(rating)] += number
        return marks
