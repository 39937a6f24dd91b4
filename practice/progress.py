"""What a learner's reviews add up to: by days, by what was predicted, by topics."""

from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import fsrs
from django.db.models import Avg, BigIntegerField, Count, F, Func, Q
from django.db.models.functions import Floor, Least
from django.utils import timezone

from questions.models import Topic

from . import scheduling
from .charts import DayChart, RecallChart, Ruler
from .days import DAY
from .models import Card, Learner, Mark, Rating, Review

SPAN = 30  # days, ahead and back
RECENT = timedelta(days=90)
FEWEST = 10  # reviews, below which a share says nothing
TOPICS = 12  # that are drawn; the table has all


class Seconds(Func):
    """A moment as whole seconds since 1970: a thousand of them are read in a fifth of the time."""

    output_field = BigIntegerField()
    template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s)) AS BIGINT)"

    def as_sqlite(self, compiler, connection, **context):
        template = "CAST(STRFTIME('%%%%s', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)


def days_ahead(learner: Learner) -> DayChart:
    """How many cards come back on each of the next 30 days; what waits since earlier counts for today."""
    cards = Card.objects.published().filter(learner=learner)
    return _ahead(learner, cards.values_list(Seconds("due"), flat=True))


def _ahead(learner, moments):
    return _by_day(learner, [learner.today + DAY * number for number in range(SPAN)], moments)


def days_back(learner: Learner) -> DayChart:
    """How many reviews there were on each of the last 30 days."""
    days = [learner.today - DAY * number for number in reversed(range(SPAN))]
    reviews = Review.objects.standing().filter(learner=learner, at__gte=learner.days.begin(days[0]))
    return _by_day(learner, days, reviews.order_by().values_list(Seconds("at"), flat=True))


def _by_day(learner: Learner, days: list[date], moments: Iterable[int]) -> DayChart:
    """The chart of `moments`: the first of `days` has those before it, too, and none those after the last."""
    ends = [learner.days.end(day).timestamp() for day in days]
    numbers = Counter(bisect(ends, moment) for moment in moments)
    return DayChart(days, [numbers[index] for index in range(len(days))], learner.today)


@dataclass(frozen=True)
class Tenth:
    """Reviews whose answers were predicted to be known with a chance of this tenth, and how they went."""

    tenth: int
    reviews: int
    predicted: float  # 0 to 1, on average
    known: int
    recent: int
    recently_known: int

    @property
    def least(self) -> int:
        return 10 * self.tenth

    @property
    def most(self) -> int:
        return 10 * self.tenth + 10

    @property
    def percent(self) -> int | None:
        return percent(self.known, self.reviews)

    @property
    def recent_percent(self) -> int | None:
        return percent(self.recently_known, self.recent)


def percent(part: float, whole: int) -> int | None:
    """None where the whole is too small to say anything."""
    return round(100 * part / whole) if whole >= FEWEST else None


class Recall:
    """How often answers were known, beside how often that was predicted.

    A second review on the same day is left out: FSRS counts days, and is certain within the first.
    """

    fewest = FEWEST

    def __init__(self, learner: Learner):
        predicted = Least(Floor(F("predicted") * 10), 9.0)
        known, recent = Q(rating__gt=Rating.AGAIN), Q(at__gte=timezone.now() - RECENT)
        rows = (
            Review.objects.standing()
            .filter(learner=learner, predicted__lt=1)
            .order_by(predicted)
            .values_list(predicted)
            .annotate(
                reviews=Count("pk"),
                mean=Avg("predicted"),
                known=Count("pk", known),
                recent=Count("pk", recent),
                recently_known=Count("pk", known & recent),
            )
        )
        self.tenths = [Tenth(int(tenth), *numbers) for tenth, *numbers in rows]

    @property
    def reviews(self) -> int:
        return sum(tenth.reviews for tenth in self.tenths)

    @property
    def percent(self) -> int | None:
        return percent(sum(tenth.known for tenth in self.tenths), self.reviews)

    @property
    def expected(self) -> int | None:
        return percent(sum(tenth.predicted * tenth.reviews for tenth in self.tenths), self.reviews)

    @property
    def chart(self) -> RecallChart:
        drawn = [tenth for tenth in self.tenths if tenth.reviews >= FEWEST]
        return RecallChart((tenth.tenth, tenth.predicted, tenth.known / tenth.reviews) for tenth in drawn)


@dataclass
class Known:
    """How many of some cards are known, shaky and not yet known, and how likely each is known now."""

    topic: Topic | None = None
    known: int = 0
    shaky: int = 0
    not_yet: int = 0
    chances: float = 0

    def add(self, rating: int, chance: float) -> None:
        self.chances += chance
        if rating >= Mark.KNEW_IT:
            self.known += 1
        elif rating == Mark.SHAKY:
            self.shaky += 1
        else:
            self.not_yet += 1

    @property
    def cards(self) -> int:
        return self.known + self.shaky + self.not_yet

    @property
    def percent(self) -> int:
        return round(100 * self.chances / self.cards)


class Knowledge:
    """What is known of all cards, and of those of each topic; topics with the most cards come first.

    One query reads the cards with their topics, and with them when they come back.
    """

    def __init__(self, learner: Learner):
        self.learner, self.now = learner, timezone.now()
        self.all = Known()
        self.topics: list[Known] = []
        self.chances: dict[int, float] = {}  # by card
        self.due: list[int] = []
        self._read()

    def _read(self) -> None:
        by_topic: dict[int, Known] = defaultdict(Known)
        cards = Card.objects.published().filter(learner=self.learner)
        for pk, rating, stability, last, due, topic in cards.values_list(
            "pk", "rating", "stability", Seconds("last_review"), Seconds("due"), "question__topics"
        ):
            if pk not in self.chances:
                self.chances[pk] = self._chance(stability, last)
                self.all.add(rating, self.chances[pk])
                self.due.append(due)
            if topic:
                by_topic[topic].add(rating, self.chances[pk])
        for pk, named in Topic.objects.only("name", "slug").in_bulk(by_topic).items():
            by_topic[pk].topic = named
        self.topics = sorted(by_topic.values(), key=lambda known: (-known.cards, str(known.topic)))

    def _chance(self, stability: float, last: int) -> float:
        last_review = datetime.fromtimestamp(last, UTC)
        card = fsrs.Card(card_id=0, stability=stability, last_review=last_review)
        return scheduling.chance(card, self.now)

    @property
    def days_ahead(self) -> DayChart:
        return _ahead(self.learner, self.due)

    @property
    def drawn(self) -> list[tuple[Known, Ruler]]:
        """The first topics with their rulers, all to one scale."""
        first = self.topics[:TOPICS]
        most = max((known.cards for known in first), default=1)
        return [(known, Ruler((known.known, known.shaky, known.not_yet), most)) for known in first]
