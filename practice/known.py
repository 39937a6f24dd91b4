"""What is known of a question, and when it would come back."""

from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from . import scheduling
from .dates import Calendar
from .models import Card, Learner, Rating, Review, Rewrite


class Choice(NamedTuple):
    """A rating, and when the question comes back after it, at length and in short."""

    value: int
    label: Any
    when: str
    date: str


class Known:
    """What a learner knows of a question: three statements, or none without a learner."""

    card: Any
    last: Review | None
    in_writing: Review | None

    def __init__(self, learner: Learner | None, question: Any, calendar: Calendar):
        self.calendar = calendar
        rewritten = Rewrite.objects.filter(question=OuterRef("question"), at__gt=OuterRef("last_review"))
        cards = Card.objects.filter(learner=learner, question=question.uid)
        self.card = cards.annotate(is_rewritten=Exists(rewritten)).first() if learner else None
        reviews = Review.objects.standing().filter(learner=learner, question=question.uid).reverse()
        self.last = reviews.first() if learner else None
        self.in_writing = reviews.exclude(words="").first() if learner else None

    @property
    def chance(self) -> int | None:
        """How likely it is, in per cent, that it is still known."""
        return round(scheduling.chance(self.card.known, self.calendar.now) * 100) if self.card else None

    @property
    def ratings(self) -> list[Choice]:
        dates = scheduling.next_dates(self.card and self.card.known, self.calendar.now)
        return [Choice(value, label, *self.calendar.choice(dates[value])) for value, label in Rating.choices]
