"""What is known follows from reviews alone."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practice.days import Days
from practice.models import Card, Learner, Review, Rewrite
from practice.refusals import NotTheirs
from questions.models import Question
from tests.factories import make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def question():
    return make_question(text="What is recall?")


@pytest.fixture
def learner():
    return Learner.objects.create()


def rate(learner, question, rating, **values):
    return learner.review(question, rating, key=uuid4(), **values)


def card_of(learner):
    return Card.objects.get(learner=learner)


def test_a_first_review_brings_the_question_back_in_minutes_or_days(learner):
    waits = {1: timedelta(minutes=10), 2: timedelta(minutes=15), 3: timedelta(days=2), 4: timedelta(days=8)}
    for rating, wait in waits.items():
        review = rate(learner, make_question(), rating)
        card = Card.objects.get(question=review.question_id)
        assert card.due - review.at == wait
        assert (card.rating, card.reviews) == (rating, 1)


def test_a_review_that_is_sent_twice_counts_once(learner, question):
    key = uuid4()
    first = learner.review(question, 3, key=key)
    assert learner.review(question, 1, key=key) == first
    assert Review.objects.get().rating == 3
    assert card_of(learner).reviews == 1


@pytest.mark.parametrize("number", [1, 20])
def test_a_review_after_many_takes_as_many_queries(learner, question, number, django_assert_num_queries):
    for _each in range(number):
        rate(learner, question, 3)
    with django_assert_num_queries(6):
        rate(learner, question, 3)


def test_undo_leaves_what_was_known_before(learner, question):
    rate(learner, question, 3)
    before = Card.objects.values().get()
    slip = rate(learner, question, 1)
    for _twice in range(2):
        learner.void(slip.key)
    assert Card.objects.values().get() == before | {"id": Card.objects.get().pk}
    assert Review.objects.count() == 3  # both stay, with the undo


def test_undo_of_the_only_review_leaves_no_card(learner, question):
    learner.void(rate(learner, question, 2).key)
    assert not Card.objects.exists()


def test_nobody_undoes_or_repeats_what_is_another_learners(learner, question):
    review = rate(learner, question, 2)
    other = Learner.objects.create()
    with pytest.raises(NotTheirs):
        other.void(review.key)
    with pytest.raises(NotTheirs):
        other.review(question, 2, key=review.key)
    assert Review.objects.count() == 1


def test_a_mark_that_arrives_late_takes_its_place_among_the_others(learner, question):
    now = timezone.now()
    rate(learner, question, 3, at=now - timedelta(days=3))
    rate(learner, question, 1)
    rate(learner, question, 3, at=now - timedelta(days=1))
    assert card_of(learner).rating == 1
    call_command("checkpractice", stdout=StringIO())


@pytest.mark.parametrize("wrong", [timedelta(days=30), timedelta(days=-1)])
def test_a_device_with_a_wrong_clock_is_not_believed(learner, question, wrong):
    review = rate(learner, question, 3, at=timezone.now() - wrong)
    assert abs(review.at - timezone.now()) < timedelta(minutes=1)


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 6 * 24 * 3600), st.booleans()), min_size=1, max_size=8
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_card_is_what_replaying_its_reviews_gives(history):
    """Whatever was rated, undone and sent late, in whatever order."""
    learner, question = Learner.objects.create(), Question.objects.first() or make_question()
    for rating, seconds, is_undone in history:
        review = rate(learner, question, rating, at=timezone.now() - timedelta(seconds=seconds))
        if is_undone:
            learner.void(review.key)
    call_command("checkpractice", stdout=StringIO())


def test_a_wrong_card_is_named_and_made_again(learner, question):
    rate(learner, question, 3)
    Card.objects.update(stability=99)
    with pytest.raises(CommandError):
        call_command("checkpractice", stdout=StringIO())
    call_command("checkpractice", "--repair", stdout=StringIO())
    call_command("checkpractice", stdout=StringIO())
    assert card_of(learner).stability < 99


def test_reviews_outlive_a_question_that_is_deleted(learner, question):
    rate(learner, question, 3)
    Question.objects.filter(pk=question.pk).update(status="retired")
    far = timezone.now() + timedelta(days=99)
    assert not Card.objects.due(far).exists()
    Question.objects.filter(pk=question.pk).update(status="published")
    assert Card.objects.due(far).count() == 1


def test_a_rewritten_question_is_kept_as_such_and_a_mended_one_is_not(question):
    question.answer = "It is *that*."
    question.save()
    assert not Rewrite.objects.exists()
    for answer in ("Precision divides by what was found, recall by what is there.", "Ask another time."):
        question.answer = answer
        question.save()
    assert Rewrite.objects.get().question == question


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 59, tzinfo=UTC), date(2026, 3, 28)),  # 3:59 in summer
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 0, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 59, tzinfo=UTC), date(2026, 10, 24)),  # 3:59 in winter
        ("Europe/Berlin", datetime(2026, 10, 25, 3, 0, tzinfo=UTC), date(2026, 10, 25)),
        ("Pacific/Auckland", datetime(2026, 11, 27, 15, 0, tzinfo=UTC), date(2026, 11, 28)),
        ("America/New_York", datetime(2026, 11, 28, 8, 59, tzinfo=UTC), date(2026, 11, 27)),
    ],
)
def test_a_day_begins_at_four_on_the_learners_clock(zone, moment, day):
    assert Days(ZoneInfo(zone), 4).of(moment) == day


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25)])
def test_a_day_in_which_the_clocks_change_has_another_length(day, hours):
    days = Days(ZoneInfo("Europe/Berlin"), 4)
    assert days.end(day) - days.begin(day) == timedelta(hours=hours)
