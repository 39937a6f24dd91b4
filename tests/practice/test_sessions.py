"""A learner's evening: what is due, one card at a time, and what is left of it."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from practice.dates import Calendar
from practice.days import Days
from practice.models import Card, Learner, Review, Rewrite
from questions.models import Question
from questions.recording import record
from tests.factories import make_question, make_role, make_step, make_topic

pytestmark = pytest.mark.django_db
OVERVIEW, START = "/practice/", "/practice/start/"


@pytest.fixture
def role():
    return make_role(name="Tester")


@pytest.fixture
@record()
def three(role):
    points = {"key_points": ["Says what", "Says why"], "follow_ups": ["And then?"]}
    return [make_question(roles=[role], text=f"What is {name}?", **points) for name in ("A", "B", "C")]


def begin(client, **choice):
    """The address of a new session."""
    response = client.get(START, choice)
    assert response.status_code == 302
    return response.headers["Location"]


def asked(client, address):
    return re.search(r"<h1[^>]*>(.*?)</h1>", client.get(address).content.decode(), re.DOTALL)[1].strip()


def rate(client, address, rating, **values):
    """Send the form that the page at `address` shows."""
    page = client.get(address).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(question|key|points)" value="([^"]*)"', form_of(page)))
    return client.post(address, hidden | {"rating": rating} | values)


def form_of(page):
    return re.search(r'<form\s+class="leaf card".*?</form>', page, re.DOTALL)[0]


def undo(client, address):
    return press_undo(client, client.get(address).content.decode())


def press_undo(client, page):
    form = re.search(r'<form class="undo".*?</form>', page, re.DOTALL)[0]
    target = re.search(r'action="([^"]*)"', form)[1].replace("&amp;", "&")
    return client.post(target, dict(re.findall(r'name="(key)" value="([^"]*)"', form)))


@pytest.fixture
def learner(client, three):
    """Whose cookie `client` has, after a review of the first question."""
    rate(client, begin(client, role="tester"), 3)
    return Learner.objects.get()


def waits(learner, question, days, **values):
    """A card that has been due for so many days."""
    moment = timezone.now() - timedelta(days=days)
    kept = {"state": 2, "stability": 3, "difficulty": 5, "rating": 3, "reviews": 2}
    kept |= {"due": moment, "last_review": moment - timedelta(days=9)} | values
    return Card.objects.update_or_create(learner=learner, question=question, defaults=kept)[0]


def test_a_session_asks_in_the_roles_order_and_again_once_more_at_the_end(client, three):
    address = begin(client, role="tester")
    given = []
    for rating in (1, 3, 2, 1):
        given.append(asked(client, address))
        assertRedirects(rate(client, address, rating), address, fetch_redirect_response=False)
    assert given == ["What is A?", "What is B?", "What is C?", "What is A?"]
    assert asked(client, address) == "Three cards, one minute."
    page = client.get(address)
    assertContains(page, "One you knew, one was shaky, one not yet.")
    assertContains(page, "The first comes back in 10 minutes.")
    assert Review.objects.count() == 4


def test_the_same_address_is_the_same_card_on_every_device(client, three):
    address = begin(client, role="tester")
    rate(client, address, 3)
    other = Client()
    other.cookies = client.cookies
    assert asked(other, address) == asked(client, address) == "What is B?"
    rate(other, address, 4)
    assert asked(client, address) == "What is C?"
    assertContains(client.get(address), "Card 3 of 3")


def test_a_form_that_is_sent_twice_counts_once(client, three):
    address = begin(client, role="tester")
    values = {"question": three[0].slug, "key": uuid4(), "points": 2}
    for rating in (3, 1):
        client.post(address, values | {"rating": rating})
    assert Review.objects.get().rating == 3
    assert asked(client, address) == "What is B?"


def test_the_first_review_brings_the_time_zone_along(client, three):
    rate(client, begin(client, role="tester"), 3, time_zone="Asia/Tokyo")
    assert Learner.objects.get().time_zone == "Asia/Tokyo"


def test_undo_brings_the_card_back_with_what_was_written(client, three):
    address = begin(client, role="tester")
    rate(client, address, 1, words="A share of all.", point=["0"])
    review = Review.objects.get()
    assert (review.said, review.points) == (1, 2)
    undo(client, address)
    assert asked(client, address) == "What is A?"
    assertContains(client.get(address), "A share of all.</textarea>")
    assert not Card.objects.exists()
    rate(client, address, 3, words="Better.")
    assertNotContains(client.get(address), "Better.")


def test_undo_takes_back_the_last_card_at_the_end_and_nothing_of_others(client, three, learner):
    address = begin(client, random=1)
    rate(client, address, 4)
    assertContains(client.get(address), "One card, one minute.")
    undo(client, address)
    assertContains(client.get(address), "Card 1 of 1")
    theirs = Review.objects.exclude(void=None).get()
    stranger = Client()
    rate(stranger, begin(stranger, role="tester"), 3)
    refused = stranger.post("/practice/session/undo/", {"key": theirs.key})
    assert refused.status_code == 404


def test_a_page_that_back_brings_from_memory_undoes_and_rates_as_any_other(client, three):
    address = begin(client, role="tester")
    rate(client, address, 3)
    page = client.get(address).content.decode()
    values = dict(re.findall(r'name="(question|key)" value="([^"]*)"', form_of(page)))
    for _twice in range(2):
        assertRedirects(press_undo(client, page), address)
    assert asked(client, address) == "What is A?"
    client.post(address, values | {"rating": 1})
    assert Review.objects.standing().get().question_id == three[1].uid
    rate(client, address, 2)
    press_undo(client, page)
    assert Review.objects.standing().count() == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"rating": 7}, "There is no rating 7"), ({"time_zone": "Moon/Sea"}, "There is no time zone")],
)
def test_what_was_written_stays_when_a_rating_is_refused(client, three, wrong, told):
    address = begin(client, role="tester")
    page = rate(client, address, **{"rating": 3, "words": "My answer.", "point": ["1"]} | wrong)
    assertContains(page, told, status_code=400)
    assertContains(page, "My answer.</textarea>", status_code=400)
    assert page.content.decode().count("checked") == 3  # the point, and the site's theme and keys
    assert not Review.objects.exists()


def test_a_question_that_is_retired_meanwhile_is_skipped_and_told(client, three):
    address = begin(client, role="tester")
    form = {"question": three[0].slug, "key": uuid4(), "rating": 3, "words": "My answer."}
    retire(three[0])
    page = client.post(address, form)
    assertContains(page, "not in the bank any more", status_code=400)
    assertContains(page, "My answer.", status_code=400)
    assert asked(client, address) == "What is B?"
    for question in three[1:]:
        retire(question)
    assertContains(client.get(address), "There is no card here.")


def retire(question):
    with record():
        question.status = "retired"
        question.save()


def test_words_of_a_draft_are_not_to_be_had_by_its_number(client, three):
    draft = make_question(text="Secret?", status="draft")
    page = client.get(f"/practice/session/?cards={draft.pk}-{three[0].pk}&started=1")
    assertNotContains(page, "Secret?")
    assertContains(page, "Card 1 of 1")


def test_what_has_waited_longest_comes_first_and_new_questions_after_it(client, three, learner):
    for question, days in zip(three[:2], (1, 5), strict=True):
        waits(learner, question, days)
    due = begin(client)
    assert keys(due) == [three[1].pk, three[0].pk]
    assert keys(begin(client, role="tester")) == [three[1].pk, three[0].pk, three[2].pk]
    assertContains(client.get(OVERVIEW), "Two are due today.")
    assertContains(client.get(OVERVIEW), "Last time: two you knew.")


def keys(address):
    return [int(key) for key in re.search(r"cards=([\d-]+)", address)[1].split("-")]


def test_what_was_rated_a_minute_ago_comes_after_new_questions(client, three):
    rate(client, begin(client, role="tester"), 1)
    assert keys(begin(client, role="tester")) == [three[1].pk, three[2].pk, three[0].pk]
    assertContains(client.get(OVERVIEW), "One is due today.")
    assert keys(begin(client)) == [three[0].pk]


def test_hundreds_due_come_twenty_at_a_time(client, role, learner):
    with record():
        for _each in range(41):
            waits(learner, make_question(), 2)
    page = client.get(OVERVIEW)
    assertContains(page, "41 are due today.")
    assertContains(page, "Practise twenty of them")
    assertContains(page, "And 21 that have waited for less.")
    assert len(keys(begin(client))) == 20


def test_nothing_due_says_when_something_is(client, learner):
    page = client.get(OVERVIEW)
    assertContains(page, "Nothing is due today.")
    assertContains(page, "Kept with this browser alone.")
    of_stranger = Client().get(OVERVIEW)
    assertNotContains(of_stranger, "Kept with this browser alone.")
    assertContains(of_stranger, "Enter a code")  # where a code of another device says that it is entered
    assertContains(page, f"The next one comes back {timezone.now() + timedelta(days=2):%A}.")
    assertRedirects(client.get(START), OVERVIEW)


def test_a_choice_narrows_and_one_that_fits_nothing_says_so(client, role, three):
    topic = make_topic(name="Subjects")
    hard = make_question(roles=[role], topics=[topic], difficulty="hard")
    assert keys(begin(client, role="tester", difficulty="hard")) == [hard.pk]
    assert keys(begin(client, topic="subjects")) == [hard.pk]
    assert keys(begin(client, role="tester", topic="subjects", number=5)) == [hard.pk]
    assert keys(begin(client, difficulty="hard")) == [hard.pk]
    assert keys(begin(client, random=1, topic="subjects")) == [hard.pk]
    assertContains(
        client.get(START, {"topic": "subjects", "difficulty": "easy"}), "No question", status_code=400
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("role", "nobody", "There is no such role"),
        ("topic", "nothing", "There is no such topic"),
        ("difficulty", "impossible", "There is no such difficulty"),
        ("number", "99", "A session has 1 to 30 cards."),
        ("number", "many", "A session has 1 to 30 cards."),
        ("minutes", "0", "Choose from 2 to 35 minutes."),
    ],
)
def test_a_wrong_choice_is_told_at_its_field(client, three, name, value, told):
    assertContains(client.get(START, {name: value}), told, status_code=400)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "cards=1",
        "cards=1-x&started=1",
        "cards=1&started=x",
        "cards=1&started=99999999999999",
        f"cards={'1-' * 40}1&started=1",
    ],
)
def test_an_address_that_was_cut_short_says_what_to_do(client, query):
    assertContains(client.get(f"/practice/session/?{query}"), "Begin again", status_code=400)


def test_a_card_shows_when_it_comes_back_and_what_was_known(client, three, learner):
    card = waits(learner, three[0], 0, last_review=timezone.now() - timedelta(days=3))
    address = f"/practice/session/?cards={three[0].pk}&started={int(timezone.now().timestamp() * 1000)}"
    Review.objects.update(words="My first try.", at=card.last_review)
    page = client.get(address)
    for text in ("in 10 minutes", "What you wrote last time", "My first try.", "Good", "90%"):
        assertContains(page, text)
    assertNotContains(page, "has been rewritten")
    Rewrite.objects.create(question=three[0], at=timezone.now())
    assertContains(client.get(address), "has been rewritten since you last answered it")
    page = client.get(OVERVIEW)
    assertContains(page, "Rewritten: read them again")
    retire(three[0])
    assertContains(client.get(OVERVIEW), "Not in the bank any more")


def test_one_card_in_three_goes_on_with_a_follow_up_and_stays_so(client, three):
    addresses = [f"/practice/session/?cards={three[0].pk}&started={started}" for started in range(24)]
    with_one = [address for address in addresses if goes_on(client, address)]
    assert 0 < len(with_one) < 20  # of 24: which ones, the key of the question decides
    assert goes_on(client, with_one[0])


def goes_on(client, address):
    return b"The interviewer goes on" in client.get(address).content


def test_the_end_names_what_to_read_and_where_to_go_on(client, three):
    address = begin(client, role="tester", number=2)
    rate(client, address, 2, point=["0"])
    rate(client, address, 4)
    page = client.get(address)
    assertContains(page, "1 of 2 points missed")
    assertContains(page, "in 8 days")
    assertContains(page, "number=2&amp;role=tester")
    assertContains(page, "Two more")


@pytest.mark.parametrize("number", [1, 50])
def test_pages_cost_the_same_whatever_is_due(client, role, three, learner, number, django_assert_num_queries):
    with record():
        questions = [make_question(roles=[role]) for _each in range(number)]
    for question in questions:
        waits(learner, question, 2)
    address = begin(client)
    with django_assert_num_queries(9):
        client.get(OVERVIEW)
    with django_assert_num_queries(8):
        client.get(address)
    for key in keys(address):
        learner.review(Question.objects.get(pk=key), 3, key=uuid4())
    with django_assert_num_queries(4):
        assertContains(client.get(address), "What went well")


@pytest.fixture
def path():
    """The role Writer, whose path has two steps."""
    role = make_role(name="Writer")
    make_step(role=role, title="The language", body="Functions, closures and types.")
    make_step(role=role, title="Data that lasts", body="Relational tables, SQL and their indexes.")
    return role


def miss(client, learner, question, **choice):
    """The end of a session in which `question` was asked twice and not known."""
    address = begin(client, number=1, **choice)
    for _turn in range(2):
        learner.review(question, 1, key=uuid4())
    return address


@pytest.mark.parametrize("choice", [{"role": "writer"}, {"topic": "databases"}])
def test_the_end_names_the_step_of_the_path_that_teaches_what_was_missed(
    client, path, learner, choice, django_assert_num_queries
):
    topics = [make_topic(name="Databases")]
    question = make_question(roles=[path], topics=topics, text="How does an index speed SQL up?")
    address = miss(client, learner, question, **choice)
    with django_assert_num_queries(8):
        page = client.get(address)
    assertContains(page, 'href="/interview-questions/writer/#step-data-that-lasts"')
    assertContains(page, "Step 2 of the path, Writer:")


@pytest.mark.parametrize("text", ["How do you cook rice?", "Types, or indexes?"])
def test_the_end_names_no_step_where_none_or_two_would_fit(client, path, learner, text):
    address = miss(client, learner, make_question(roles=[path], text=text), role="writer")
    page = client.get(address)
    assertContains(page, "What to read before then")
    assertNotContains(page, "of the path")


NOW = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)  # a Saturday, and 22 o'clock in Berlin


@pytest.mark.parametrize(
    ("hours", "coming", "below"),
    [
        (-1, "now", None),
        (0.25, "in 15 minutes", "in 15 minutes"),
        (5, "later today", "later today, 28 Nov"),  # 3 o'clock: the day has not begun
        (8, "tomorrow", "tomorrow, 29 Nov"),
        (48, "Monday", "in 2 days, 30 Nov"),
        (24 * 9, "in 9 days", "in 9 days, 7 Dec"),
        (24 * 91, "in 3 months", "in 3 months, 27 Feb 2027"),
    ],
)
def test_dates_are_those_of_the_learners_days(hours, coming, below):
    calendar = Calendar(Days(ZoneInfo("Europe/Berlin"), 4), NOW)
    moment = NOW + timedelta(hours=hours)
    assert calendar.coming(moment) == coming
    assert below is None or calendar.choice(moment)[0] == below


@pytest.mark.parametrize("name", ["question", "key", "rating", "words", "point", "time_zone"])
def test_what_no_form_sends_is_refused(client, three, name):
    address = begin(client, role="tester")
    values = {"question": three[0].slug, "key": uuid4(), "rating": 3, name: "\0"}
    status = 302 if name == "point" else 400  # of a point only whether it was ticked is read
    assert client.post(address, values).status_code == status
