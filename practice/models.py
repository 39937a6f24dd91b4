"""What a learner does with the bank: reviews, and what follows from them; what a learner has kept.

A mark, a rating of a session and the undo of either are rows of one list, to which rows are only ever
added. Cards hold what replaying that list gives, and can always be made again from it.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import fsrs
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from questions.models import Question, Role, Status

from . import scheduling
from .dates import Calendar
from .days import Days
from .refusals import NotTheirs

WORDS_LENGTH = 10_000  # characters of an answer in writing, or of a note
LATE = timedelta(days=7)  # how much later than it was made a mark may arrive
FAST_CLOCK = timedelta(minutes=5)  # by which the clock of another machine may be ahead
DAY_BEGINS = 4  # o'clock
COOKIE_LASTS = timedelta(days=400)  # from the last visit on: the most that browsers allow
SEEN_WITHIN = timedelta(days=30)  # to which a last visit is known
FORGOTTEN = timedelta(days=730)  # after it: far longer than a cookie, also where an old backup was restored


class Rating(models.IntegerChoices):
    """How well an answer was known, in the words of sessions."""

    AGAIN = 1, _("Again")
    HARD = 2, _("Hard")
    GOOD = 3, _("Good")
    EASY = 4, _("Easy")


class Mark(models.IntegerChoices):
    """The same in the words of reading. Good and Easy are both “knew it”."""

    NOT_YET = 1, _("Not yet")
    SHAKY = 2, _("Shaky")
    KNEW_IT = 3, _("Knew it")

    @classmethod
    def of(cls, rating: Any) -> "Mark":
        return cls(min(rating, cls.KNEW_IT))


def new_key() -> str:
    """A random key of 128 bits."""
    return secrets.token_hex(16)


def of_document(model: type[models.Model], field: Any = models.ForeignKey) -> Any:
    """A reference to a document by its uid, which outlives the row: a deletion of it can be undone."""
    return field(
        model,
        models.DO_NOTHING,
        to_field="uid",
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


def of_learner() -> models.ForeignKey:
    return models.ForeignKey("Learner", models.CASCADE, db_index=False, related_name="%(class)ss")


class LearnerQuerySet(models.QuerySet["Learner"]):
    def out_of_reach(self) -> Self:
        """Those whose cookies have ended in every browser, and who wrote down no code to come back with."""
        return self.filter(recovery="", seen__lt=timezone.now() - FORGOTTEN)

    def sweep(self) -> int:
        """Delete them with all that they kept, each in a transaction of its own. Returns how many."""
        learners = list(self)
        for learner in learners:
            with suppress(Learner.DoesNotExist):
                learner.delete()
        return len(learners)


class Learner(models.Model):
    """Somebody who has marked or kept something: a random key, and no more is known of them."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    day_start = models.PositiveSmallIntegerField(
        _("the day begins at"), default=DAY_BEGINS, validators=[MaxValueValidator(23)]
    )
    # The digest of a code that was written down; empty: none was made.
    recovery = models.CharField(max_length=64, default="", blank=True, editable=False)
    # A keyed digest of the cookie that guards forms, of the browser that began; empty: it had none.
    browser = models.CharField(max_length=64, default="", blank=True, editable=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    seen = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = LearnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        constraints = [
            models.CheckConstraint(condition=Q(day_start__lte=23), name="learner_day_start_is_an_hour"),
            models.UniqueConstraint(
                fields=["recovery"], condition=~Q(recovery=""), name="learner_recovery_unique"
            ),
            models.UniqueConstraint(
                fields=["browser"], condition=~Q(browser=""), name="learner_browser_unique"
            ),
        ]

    def __str__(self):
        return f"learner {self.pk}"

    @property
    def days(self) -> Days:
        return Days(ZoneInfo(self.time_zone or settings.TIME_ZONE), self.day_start)

    @property
    def calendar(self) -> Calendar:
        """The learner's days as they are seen now."""
        return Calendar(self.days, timezone.now())

    @property
    def today(self) -> date:
        return self.calendar.today

    def visit(self) -> None:
        """Remember that the learner was here: once a month, as a visit else writes nothing."""
        now = timezone.now()
        if self.seen < now - SEEN_WITHIN:
            Learner.objects.filter(pk=self.pk).update(seen=now)

    def counts(self) -> dict[str, int]:
        """How much is kept, by the kind of it."""
        return {
            "cards": Card.objects.filter(learner=self).count(),
            "reviews": Review.objects.filter(learner=self, rating__isnull=False).count(),
            "bookmarks": Bookmark.objects.filter(learner=self).count(),
            "notes": Note.objects.filter(learner=self).count(),
            "steps": StepTick.objects.filter(learner=self).count(),
        }

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the learner with all that is kept. Raises Learner.DoesNotExist where somebody else did."""
        with self.alone():
            for relation in self._meta.related_objects:
                # One query for each table: `delete()` would read every review first, as others may void it.
                rows = relation.related_model._base_manager.filter(learner=self)
                rows._raw_delete(rows.db)
            return super().delete(*args, **kwargs)

    def review(self, question: Question, rating: int, *, key: UUID, **values: Any) -> "Review":
        """Add a review with `values` of its other fields; one that has its `key` already is that one.

        Raises NotTheirs where the key is another learner's.
        """
        at = _believable(values.pop("at", None))
        with self.alone():
            # One statement for both: who rates waits, and so does everybody else who wants to write.
            reviews = list(Review.objects.filter(Q(learner=self, question=question.uid) | Q(key=key)))
            for earlier in reviews:
                if earlier.key == key:
                    return self._own(earlier)
            new = Review(learner=self, question_id=question.uid, rating=rating, key=key, at=at, **values)
            Card.objects.keep(self, question.uid, [*standing(reviews), new])
        return new

    def void(self, key: UUID) -> "Review":
        """Undo the review with this `key`: once, however often it is sent.

        Both stay in the list. Returns what is void now. Raises NotTheirs where this learner has no such
        review.
        """
        with self.alone():
            review = self._own(Review.objects.filter(key=key, rating__isnull=False).first())
            if not Review.objects.filter(voids=review).exists():
                Review.objects.create(learner=self, question_id=review.question_id, key=uuid4(), voids=review)
                self.replay(review.question_id)
        return review

    def replay(self, uid: str) -> None:
        """Make the card of the question `uid` again from its reviews."""
        with self.alone():
            Card.objects.keep(self, uid, self._standing(uid))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A transaction in which no other device of this learner writes. Raises Learner.DoesNotExist."""
        with transaction.atomic():
            Learner.objects.select_for_update().values_list("pk").get(pk=self.pk)
            yield

    def _own(self, review):
        if review is None or review.learner_id != self.pk:
            raise NotTheirs
        return review

    def _standing(self, uid):
        return standing(Review.objects.filter(learner=self, question=uid))


def standing(reviews: "Iterable[Review]") -> "list[Review]":
    """The same of all reviews of one question as `ReviewQuerySet.standing()`."""
    reviews = sorted(reviews, key=lambda review: (review.at, review.pk))
    undone = {review.voids_id for review in reviews}
    return [review for review in reviews if review.rating and review.pk not in undone]


def _believable(at: datetime | None) -> datetime:
    """When something was done, as a device tells it: not in the future, and not too long ago."""
    now = timezone.now()
    return at if at and now - LATE <= at <= now else now


class ReviewQuerySet(models.QuerySet["Review"]):
    def standing(self) -> Self:
        """Those that count, the oldest first: neither void nor the undo of another."""
        undone = Review.objects.filter(voids=OuterRef("pk"))
        return self.filter(~Exists(undone), rating__isnull=False).order_by("at", "pk")

    def save_predicted(self, reviews: "Iterable[Review]") -> None:
        """Save the `predicted` of reviews that are there.

        `bulk_update()` takes ten times as long for the thousands of a history, and all who write wait.
        """
        rows = [(review.predicted, review.pk) for review in reviews]
        if not rows:
            return
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE practice_review SET predicted = %s WHERE id = %s", rows)


class Review(models.Model):
    """How well an answer was known at a moment; or, with `voids`, that an earlier review does not count.

    Rows are added, and gone only with their learner.
    """

    learner = of_learner()
    question = of_document(Question)
    key = models.UUIDField(unique=True)  # made where the rating is, so that it counts once
    rating = models.PositiveSmallIntegerField(null=True, choices=Rating.choices)
    voids = models.OneToOneField("self", models.CASCADE, null=True, related_name="void")
    at = models.DateTimeField(default=timezone.now)
    said = models.PositiveSmallIntegerField(null=True)  # key points that were ticked
    points = models.PositiveSmallIntegerField(null=True)  # of so many
    words = models.TextField(blank=True, default="")  # the answer in writing
    predicted = models.FloatField(null=True)  # how likely it was, just before, that it was known

    objects: ClassVar = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=False, voids__isnull=True)
                | Q(rating__isnull=True, voids__isnull=False),
                name="review_rates_or_voids",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__in=Rating.values), name="review_rating_known"
            ),
            models.CheckConstraint(
                condition=Q(said__isnull=True, points__isnull=True) | Q(said__lte=F("points")),
                name="review_said_of_points",
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "at"], name="review_learner_at"),
            models.Index(fields=["learner", "question"], name="review_learner_question"),
        ]

    def __str__(self):
        return f"{self.question_id}, {self.at:%Y-%m-%d %H:%M}"

    @property
    def mark(self) -> Mark:
        return Mark.of(self.rating)


class CardQuerySet(models.QuerySet["Card"]):
    def published(self) -> Self:
        """Those whose questions are in the bank."""
        return self.filter(question__status=Status.PUBLISHED)

    def due(self, before: datetime) -> Self:
        """What comes back before a moment, what has waited longest first."""
        return self.published().filter(due__lt=before).order_by("due", "pk")

    def keep(self, learner: Learner, uid: str, reviews: "list[Review]") -> None:
        """Make the learner's card of a question what its standing `reviews` give; save those that are new."""
        reviews.sort(key=lambda review: review.at)
        card: Any
        card, moved = Card.of(learner.pk, uid, reviews)
        Review.objects.save_predicted(review for review in moved if review.pk)
        for review in reviews:
            if review.pk is None:
                review.save(force_insert=True)
        if card is None:
            self.filter(learner=learner, question=uid).delete()
        else:
            self.bulk_create(
                [card], update_conflicts=True, unique_fields=["learner", "question"], update_fields=Card.KEPT
            )


class Card(models.Model):
    """What a learner knows of a question: what replaying its reviews gives, kept to be listed quickly."""

    KEPT: ClassVar = ["state", "step", "stability", "difficulty", "due", "last_review", "rating", "reviews"]

    learner = of_learner()
    question = of_document(Question)
    state = models.PositiveSmallIntegerField(choices=[(state.value, state.name) for state in fsrs.State])
    step = models.PositiveSmallIntegerField(null=True)
    stability = models.FloatField()
    difficulty = models.FloatField()
    due = models.DateTimeField()
    last_review = models.DateTimeField()
    rating = models.PositiveSmallIntegerField(choices=Rating.choices)  # of the last review
    reviews = models.PositiveIntegerField()

    objects: ClassVar = CardQuerySet.as_manager()

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        constraints = [models.UniqueConstraint(fields=["learner", "question"], name="card_once_per_question")]
        # With all that counts and lists of marks need: a learner's cards lie far apart in the table.
        indexes = [models.Index(fields=["learner", "due", "question", "rating"], name="card_learner_due")]

    def __str__(self):
        return f"{self.question_id}, due {self.due:%Y-%m-%d}"

    @classmethod
    def of(cls, learner: int, uid: str, reviews: "list[Review]") -> "tuple[Card | None, list[Review]]":
        """The card, not saved, that standing reviews of one question give, and those predicted otherwise."""
        predicted = [review.predicted for review in reviews]
        known = scheduling.replay(reviews)
        moved = [
            review for review, before in zip(reviews, predicted, strict=True) if review.predicted != before
        ]
        if known is None:
            return None, moved
        kept = {name: getattr(known, name) for name in cls.KEPT if hasattr(known, name)}
        card = cls(
            learner_id=learner, question_id=uid, rating=reviews[-1].rating or 0, reviews=len(reviews), **kept
        )
        return card, moved

    @property
    def known(self) -> fsrs.Card:
        """The same for the scheduler."""
        kept = {
            name: getattr(self, name) for name in ("step", "stability", "difficulty", "due", "last_review")
        }
        return fsrs.Card(card_id=0, state=fsrs.State(self.state), **kept)

    @property
    def mark(self) -> Mark:
        return Mark.of(self.rating)


class Rewrite(models.Model):
    """When a question last became another one: its learners are told until they have reviewed it again."""

    question = of_document(Question, models.OneToOneField)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("rewrite")
        verbose_name_plural = _("rewrites")

    def __str__(self):
        return f"{self.question_id}, {self.at:%Y-%m-%d}"


class Bookmark(models.Model):
    """A question that a learner wants to find again."""

    learner = of_learner()
    question = of_document(Question)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("bookmark")
        verbose_name_plural = _("bookmarks")
        constraints = [
            models.UniqueConstraint(fields=["learner", "question"], name="bookmark_once_per_question")
        ]

    def __str__(self):
        return self.question_id


class Note(models.Model):
    """What a learner has written to a question, for nobody else."""

    learner = of_learner()
    question = of_document(Question)
    text = models.TextField(_("note"), max_length=WORDS_LENGTH)
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.UniqueConstraint(fields=["learner", "question"], name="note_once_per_question"),
            models.CheckConstraint(condition=~Q(text=""), name="note_not_empty"),
        ]

    def __str__(self):
        return self.question_id


class StepTick(models.Model):
    """A step of a role's learning path that a learner has done; the step is known by its key."""

    learner = of_learner()
    role = of_document(Role)
    step = models.CharField(max_length=100)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("ticked step")
        verbose_name_plural = _("ticked steps")
        constraints = [models.UniqueConstraint(fields=["learner", "role", "step"], name="step_ticked_once")]

    def __str__(self):
        return f"{self.role_id}, {self.step}"


class DeviceCode(models.Model):
    """A code that makes another device the same learner's: of minutes, and for once."""

    learner = of_learner()
    digest = models.CharField(max_length=64, unique=True)
    expires = models.DateTimeField()
    used = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("code for a device")
        verbose_name_plural = _("codes for devices")

    def __str__(self):
        return f"until {self.expires:%H:%M}"


class WrongCode(models.Model):
    """That somebody tried a code that there is not: counted for an hour, so that nobody goes on trying."""

    sender = models.CharField(max_length=64)  # a hash of the network
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("wrong code")
        verbose_name_plural = _("wrong codes")
        indexes = [models.Index(fields=["sender", "at"], name="wrong_code_sender_at")]

    def __str__(self):
        return f"{self.at:%H:%M}"
