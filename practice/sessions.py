"""A session is an address: its cards, and when it started. The rest follows from the reviews since then."""

from collections import Counter
from datetime import UTC, datetime
from math import ceil
from random import Random
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from questions.fields import FollowUp
from questions.models import Question, Status

from .choosing import MOST, minutes_for
from .models import FAST_CLOCK, Card, Learner, Mark, Rating, Review
from .refusals import Refused

FOLLOW_UP_EVERY = 3  # cards
LONGEST = 180  # minutes, past which a session was interrupted


class NoSession(Refused):
    text = _("This address of a session was cut short or changed. Begin again from your practice page.")


class KeysField(forms.Field):
    """Up to `MOST` keys of questions: “12-7-40”."""

    def to_python(self, value: str | None) -> list[int]:
        keys = (value or "").split("-")
        if len(keys) > MOST or not all(key.isascii() and key.isdecimal() and len(key) < 19 for key in keys):
            raise ValidationError(self.error_messages["required"])
        return list(dict.fromkeys(map(int, keys)))


class AddressForm(forms.Form):
    cards = KeysField()
    started = forms.IntegerField(min_value=0, max_value=10**14)  # milliseconds of Unix time

    def session(self, learner: Learner | None) -> "Session":
        """Raises NoSession."""
        if not self.is_valid():
            raise NoSession
        started = datetime.fromtimestamp(self.cleaned_data["started"] / 1000, UTC)
        if started > timezone.now() + FAST_CLOCK:  # no review would ever be one of this session
            raise NoSession
        return Session(learner, self.cleaned_data["cards"], started)


class Shown(NamedTuple):
    """A question at the end of a session, with its last rating there."""

    question: Question
    mark: Mark
    due: datetime
    missed: int  # key points, of the review that missed most
    points: int


class Session:
    """The questions of an address, in its order; those rated Again come once more at the end."""

    def __init__(self, learner: Learner | None, keys: list[int], started: datetime):
        self.learner, self.started = learner, started
        rows = self._rows(keys)
        self.questions = [row for row in rows if row.status == Status.PUBLISHED]
        self.gone = [row for row in rows if row.status == Status.RETIRED]

    def _rows(self, keys):
        """Those that are public, or were, with the words that lists show."""
        was_public = Q(status=Status.RETIRED, published_at__isnull=False)
        found = Question.objects.filter(Q(status=Status.PUBLISHED) | was_public, pk__in=keys)
        rows = {row.pk: row for row in found.only("uid", "slug", "text", "difficulty", "status")}
        return [rows[key] for key in keys if key in rows]

    @cached_property
    def _reviews(self) -> list[Any]:
        """The reviews of these questions since the start, the oldest first, with whether they are `void`."""
        if self.learner is None:
            return []
        undone = Exists(Review.objects.filter(voids=OuterRef("pk")))
        uids = [question.uid for question in self.questions]
        rows = self.learner.reviews.filter(question__in=uids, at__gte=self.started, rating__isnull=False)
        return list(rows.annotate(is_void=undone).order_by("at", "pk"))

    @cached_property
    def _standing(self) -> dict[str, list[Any]]:
        """`{uid of a question: its reviews}`."""
        standing: dict[str, list[Any]] = {question.uid: [] for question in self.questions}
        for review in self._reviews:
            if not review.is_void:
                standing[review.question_id].append(review)
        return standing

    @cached_property
    def _turns(self) -> dict[str, int]:
        """How often each question is asked in this session, by its uid."""
        again = {uid for uid, given in self._standing.items() if given and given[0].rating == Rating.AGAIN}
        return {uid: 2 if uid in again else 1 for uid in self._standing}

    @cached_property
    def _taken(self) -> dict[str, int]:
        """How often each of them has been asked so far."""
        return {uid: min(len(given), self._turns[uid]) for uid, given in self._standing.items()}

    @cached_property
    def current(self) -> Question | None:
        """The question to be asked; None at the end."""
        waiting = [each for each in self.questions if self._taken[each.uid] < self._turns[each.uid]]
        return min(waiting, key=lambda each: self._taken[each.uid], default=None)  # the first of equals

    @cached_property
    def question(self) -> Question | None:
        """The current one with all its words."""
        sources = ("short_answer", "answer", "weak_answer")
        rows = Question.objects.published().defer(*sources)
        return rows.filter(pk=self.current.pk).first() if self.current else None

    @property
    def number(self) -> int:
        """Which turn it is, from 1 on."""
        return sum(self._taken.values()) + 1

    @property
    def total(self) -> int:
        return sum(self._turns.values())

    @property
    def minutes_left(self) -> int:
        return minutes_for(self.total - self.number + 1)

    @property
    def ratings(self) -> list[int]:
        """Those that were given so far, one for each turn."""
        return [
            given[turn].rating
            for turn in (0, 1)
            for uid, given in self._standing.items()
            if turn < self._taken[uid]
        ]

    @property
    def last(self) -> Review | None:
        """What Undo takes back."""
        standing = [review for review in self._reviews if not review.is_void]
        return standing[-1] if standing else None

    @property
    def undone_words(self) -> str:
        """What was written for the current question, where its last review was taken back."""
        uid = self.current.uid if self.current else None
        of_current = [review for review in self._reviews if review.question_id == uid]
        return of_current[-1].words if of_current and of_current[-1].is_void else ""

    @property
    def follow_up(self) -> FollowUp | None:
        """What the interviewer goes on with: for one question in three, and the same at every look."""
        if self.question is None:
            return None
        draw = Random(f"{self.started.timestamp()} {self.question.pk}")  # noqa: S311  (no secret)
        follow_ups = self.question.follow_ups_with_hints
        return draw.choice(follow_ups) if follow_ups and not draw.randrange(FOLLOW_UP_EVERY) else None

    # The end

    @property
    def minutes(self) -> int | None:
        """How long it took; None where it was interrupted."""
        if self.last is None:
            return None
        minutes = ceil((self.last.at - self.started).total_seconds() / 60) or 1
        return minutes if minutes <= LONGEST else None

    @cached_property
    def shown(self) -> list[Shown]:
        """The questions that were rated, what comes back soonest first."""
        rated = {each.uid: each for each in self.questions if self._standing[each.uid]}
        dues = Card.objects.filter(learner=self.learner, question__in=rated)
        rows = dict(dues.order_by("due", "pk").values_list("question", "due"))
        return [self._shown(rated[uid], due) for uid, due in rows.items()]

    def _shown(self, question, due):
        reviews = self._standing[question.uid]
        ticked = [(row.points - row.said, row.points) for row in reviews if row.said is not None]
        return Shown(question, Mark.of(reviews[-1].rating), due, *max(ticked, default=(0, 0)))

    @property
    def counts(self) -> Counter[Mark]:
        return Counter(each.mark for each in self.shown)

    @property
    def well(self) -> list[Shown]:
        return [each for each in self.shown if each.mark == Mark.KNEW_IT]

    @property
    def back(self) -> list[Shown]:
        return [each for each in self.shown if each.mark != Mark.KNEW_IT]

    @property
    def to_read(self) -> list[Shown]:
        """Up to three, of which most was missed."""
        missed = [each for each in self.shown if each.missed or each.mark == Mark.NOT_YET]
        return sorted(missed, key=lambda each: (each.mark, -each.missed))[:3]
