"""Progress is a view of reviews and of the cards that follow from them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from practice.models import Card, Learner, Review
from practice.progress import Recall, days_ahead, days_back
from questions.models import Question
from tests.factories import make_question, make_topic
from tests.practice.browsers import browser_of

pytestmark = pytest.mark.django_db
ADDRESS = "/practice/progress/"


@pytest.fixture
def learner():
    return Learner.objects.create(time_zone="Europe/Berlin")


@pytest.fixture
def own(learner):
    """The learner's browser."""
    return browser_of(learner)


def rate(learner, rating=3, question=None, **values):
    return learner.review(question or make_question(), rating, key=uuid4(), **values)


def at_clock(monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_a_visit_without_a_review_says_what_will_be_here(client):
    page = client.get(ADDRESS)
    assertContains(page, "Nothing is practised yet")


def test_the_page_sums_up_what_is_known_and_shows_each_picture_as_a_table_too(own, learner):
    topic = make_topic(name="Retrieval")
    for rating in (4, 3, 2, 1):
        rate(learner, rating, make_question(topics=[topic]))
    page = own.get(ADDRESS)
    assertContains(page, "4 questions are practised: 2 known, 1 shaky, 1 not yet.")
    assertContains(page, "By prediction, you would know 100% now.")
    assertContains(page, 'aria-label="2 known, 1 shaky, 1 not yet"')
    assertContains(page, 'aria-label="Reviews on each of the last 30 days: 4 in all, 4 today"')
    assertContains(page, "<td>Retrieval</td>", html=True)
    assert page.content.decode().count("As a table") == 3


def test_what_waits_counts_for_today_and_a_retired_question_not_at_all(learner):
    waiting, later, gone = (rate(learner).question_id for _ in range(3))
    Card.objects.filter(question=waiting).update(due=timezone.now() - timedelta(days=9))
    Card.objects.filter(question=later).update(due=timezone.now() + timedelta(days=99))
    Question.objects.filter(uid=gone).update(status="retired")
    chart = days_ahead(learner)
    assert (chart.of_today, chart.total, len(chart.columns)) == (1, 1, 30)


def test_days_begin_and_end_on_the_learners_clock_when_the_clocks_change(learner, monkeypatch):
    at_clock(monkeypatch, datetime(2026, 3, 28, 12, tzinfo=UTC))
    for due in (
        datetime(2026, 3, 29, 1, 59, 59, tzinfo=UTC),  # 3:59 in summer time: still the 28th
        datetime(2026, 3, 29, 2, 0, tzinfo=UTC),
        datetime(2026, 3, 30, 1, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 30, 2, 0, tzinfo=UTC),
    ):
        Card.objects.filter(question=rate(learner).question_id).update(due=due)
    assert [column.number for column in days_ahead(learner).columns][:4] == [1, 2, 1, 0]
    at_clock(monkeypatch, datetime(2026, 3, 30, 12, tzinfo=UTC))
    for at in (datetime(2026, 3, 29, 1, 59, tzinfo=UTC), datetime(2026, 3, 29, 2, 0, tzinfo=UTC)):
        rate(learner, at=at)
    assert [column.number for column in days_back(learner).columns][-3:] == [5, 1, 0]


def test_an_undone_review_is_in_no_picture(own, learner):
    rate(learner)
    learner.void(rate(learner).key)
    assertContains(own.get(ADDRESS), "Reviews on each of the last 30 days: 1 in all, 1 today")


def predicted(learner, predicted, *ratings, days=1):
    """Reviews that were given some days ago, as if they had been predicted so."""
    Review.objects.bulk_create(
        Review(
            learner=learner,
            question_id="any",
            rating=rating,
            key=uuid4(),
            predicted=predicted,
            at=timezone.now() - timedelta(days=days),
        )
        for rating in ratings
    )


def test_what_was_known_is_compared_with_what_was_predicted(own, learner):
    rate(learner)
    predicted(learner, 0.95, *[3] * 9, 1)
    predicted(learner, 0.9, *[2] * 10, days=100)
    predicted(learner, 0.42, 1)
    predicted(learner, 1.0, *[1] * 10)  # on the same day, of which nothing is predicted
    tenths = [
        (tenth.least, tenth.reviews, tenth.percent, tenth.recent_percent) for tenth in Recall(learner).tenths
    ]
    assert tenths == [(40, 1, None, None), (90, 20, 95, 90)]
    page = own.get(ADDRESS)
    assertContains(page, "Of 21 reviews on a later day, you knew 90%; 90% were predicted.")
    assertContains(page, "too few")


def test_too_few_reviews_draw_no_picture_of_memory(own, learner):
    rate(learner)
    predicted(learner, 0.95, *[3] * 9)
    page = own.get(ADDRESS)
    assertContains(page, "So far: 9.")
    assertNotContains(page, "were predicted")


@pytest.mark.parametrize("number", [1, 20])
def test_progress_costs_the_same_queries_however_much_was_practised(
    own, learner, number, django_assert_num_queries
):
    for _ in range(number):
        rate(learner, question=make_question(topics=[make_topic()]))
    with django_assert_num_queries(6):
        own.get(ADDRESS)


def test_progress_is_each_learners_own(own, learner):
    rate(Learner.objects.create())
    assertContains(own.get(ADDRESS), "Nothing is practised yet")
