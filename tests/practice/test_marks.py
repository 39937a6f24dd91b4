"""Marks where one reads: what a page is told of its learner, and what its script sends."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from practice.identity import COOKIE, MARKER
from practice.models import Learner, Review
from questions.recording import record
from tests.factories import make_question, make_role, make_topic

pytestmark = pytest.mark.django_db

MARKS, UNDO = "/practice/marks/", "/practice/marks/undo/"
ROLE = {"role": "tester"}


@pytest.fixture
def role():
    return make_role(name="Tester")


@pytest.fixture
@record()
def questions(role):
    return [make_question(roles=[role], text=f"What is {name}?") for name in ("one", "two", "three", "four")]


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)


def post(visitor, path, values):
    token = visitor.get("/practice/token").json()["token"]
    headers = {"X-CSRFToken": token, "Accept": "application/json"}
    return visitor.post(
        path, {name: value for name, value in values.items() if value is not None}, headers=headers
    )


def mark(visitor, question, mark, **values):
    return post(visitor, MARKS, {"question": question.slug, "rating": mark, "key": str(uuid4())} | values)


def told(visitor, **parameters):
    answer = visitor.get(MARKS, parameters, headers={"Accept": "application/json"})
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


def test_a_mark_is_answered_with_when_the_question_comes_back(visitor, questions):
    key = str(uuid4())
    answer = mark(visitor, questions[0], 3, key=key, said=2, points=3, time_zone="Europe/Berlin")
    due = Review.objects.get().at + timedelta(days=2)
    assert answer.json() == {
        "key": key,
        "mark": 3,
        "word": "Knew it",
        "back": "Comes back in 2 days",
        "due": due.isoformat(),
    }
    assert Learner.objects.get().time_zone == "Europe/Berlin"
    assert (Review.objects.get().said, Review.objects.get().points) == (2, 3)
    assert visitor.cookies[MARKER].value == "1"


def test_a_plain_form_does_the_same(visitor, questions):
    token = visitor.get("/practice/token").json()["token"]
    values = {"question": questions[0].slug, "rating": 2, "key": str(uuid4()), "csrfmiddlewaretoken": token}
    assert visitor.post(MARKS, values).json()["word"] == "Shaky"


def test_neither_the_token_nor_a_look_makes_a_learner(visitor, role):
    visitor.get("/practice/token")
    for parameters in (ROLE, {"question": "nothing"}, {"home": 1}):
        assert told(visitor, **parameters) == {"marks": {}}
    assert not Learner.objects.exists()
    assert {MARKER, COOKIE}.isdisjoint(visitor.cookies)


def test_undo_gives_back_the_mark_from_before_and_then_none(visitor, questions):
    for rating in (2, 3):
        mark(visitor, questions[0], rating)
    second, first = Review.objects.order_by("-pk").values_list("key", flat=True)
    assert post(visitor, UNDO, {"key": str(second)}).json()["word"] == "Shaky"
    assert post(visitor, UNDO, {"key": str(second)}).json()["word"] == "Shaky"  # sent twice
    assert post(visitor, UNDO, {"key": str(first)}).json() == {"mark": None}


def test_a_late_mark_is_of_the_moment_at_which_it_was_set(visitor, questions):
    at = timezone.now() - timedelta(hours=5)
    key = str(uuid4())
    for _twice in range(2):
        assert mark(visitor, questions[0], 1, key=key, at=at.isoformat()).json()["back"] == "Comes back now"
    assert Review.objects.get().at == at


def test_a_first_mark_whose_answer_was_lost_is_sent_again_and_makes_no_second_learner(visitor, questions):
    key = str(uuid4())
    mark(visitor, questions[0], 3, key=key)
    del visitor.cookies[COOKIE]
    assert mark(visitor, questions[0], 3, key=key).json()["key"] == key
    mark(visitor, questions[1], 2)
    assert Learner.objects.get().reviews.count() == 2
    # Another browser that knows the key comes to nothing by it.
    assert mark(Client(enforce_csrf_checks=True), questions[0], 3, key=key).status_code == 404
    assert Learner.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rating": 7}, "There is no mark 7"),
        ({"rating": 4}, "There is no mark 4"),
        ({"rating": None}, "Say how well"),
        ({"question": "nowhere"}, "not in the bank"),
        ({"question": "no\0where"}, "Null characters"),
        ({"key": "mine"}, "no key"),
        ({"time_zone": "Europe/Atlantis"}, "no time zone"),
    ],
)
def test_a_mark_that_cannot_be_is_refused_in_words(visitor, questions, values, sentence):
    slug, key = questions[0].slug, str(uuid4())
    answer = post(visitor, MARKS, {"question": slug, "rating": 3, "key": key} | values)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert not Learner.objects.exists()


def test_what_is_no_form_is_refused(client):
    answer = client.post(MARKS, "{}", content_type="application/json", headers={"Accept": "application/json"})
    assert (answer.status_code, "error" in answer.json()) == (400, True)
    assert not Learner.objects.exists()


def test_a_mark_without_its_token_or_from_elsewhere_is_refused(visitor, questions):
    for headers in ({}, {"X-CSRFToken": "guessed"}, {"Origin": "https://evil.example"}):
        answer = visitor.post(MARKS, {"rating": 3}, headers={"Accept": "application/json", **headers})
        assert answer.status_code == 403
        assert "Load it again" in answer.json()["error"]


def test_nobody_undoes_what_is_another_learners(visitor, questions):
    key = mark(visitor, questions[0], 3).json()["key"]
    stranger = Client(enforce_csrf_checks=True)
    assert post(stranger, UNDO, {"key": key}).status_code == 404
    mark(stranger, questions[0], 1)
    assert post(stranger, UNDO, {"key": key}).status_code == 404
    assert Review.objects.filter(rating=None).count() == 0


def test_a_mark_with_a_foreign_cookie_is_refused(visitor, questions):
    visitor.cookies[COOKIE] = "forged"
    for path in ("/practice/token", MARKS):
        answer = visitor.get(path, ROLE, headers={"Accept": "application/json"})
        assert answer.status_code == 400
        assert "cannot be read here" in answer.json()["error"]


@pytest.mark.parametrize(("parameters", "status"), [({}, 400), ({"role": "nobody"}, 404), ({"x": 1}, 400)])
def test_a_page_that_is_not_there_is_told_so(visitor, questions, parameters, status):
    mark(visitor, questions[0], 3)
    answer = visitor.get(MARKS, parameters, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_role_goes_on_after_the_question_that_was_marked_last(visitor, questions):
    for question, rating in ((questions[0], 3), (questions[3], 2), (questions[1], 1)):
        mark(visitor, question, rating)
    answer = told(visitor, **ROLE)
    assert answer["marks"] == {questions[0].slug: 3, questions[1].slug: 1, questions[3].slug: 2}
    go_on, practise = answer["ways"]
    assert go_on == {
        "address": f"/interview-questions/tester/#q-{questions[2].slug}",
        "text": "Go on at question 3",
        "note": "3 of 4 marked",
    }
    assert practise == {"address": "/practice/", "text": "Practise", "note": "2 due today"}
    mark(visitor, questions[2], 3)
    assert [way["text"] for way in told(visitor, **ROLE)["ways"]] == ["Practise"]


def test_home_goes_on_in_the_role_of_the_newest_mark(visitor, role, questions):
    other = make_role(name="Other")
    make_question(roles=[other])
    shared = make_question(roles=[role, other])
    mark(visitor, questions[0], 3)
    mark(visitor, shared, 1)
    answer = told(visitor, home=1)
    assert answer["roles"] == {
        "tester": {"counts": [1, 0, 1], "told": ", 2 of them marked"},
        "other": {"counts": [1, 0, 0], "told": ", 1 of them marked"},
    }
    go_on, practise = answer["ways"]
    assert go_on["text"] == "Go on with Tester at question 2"  # it has more marks, and ends with the last one
    assert (practise["text"], practise["note"]) == ("Practise what is due", "1 due today")


def test_a_question_tells_when_each_mark_would_bring_it_back(visitor, questions):
    mark(visitor, questions[0], 3, at=(timezone.now() - timedelta(days=3)).isoformat())
    answer = told(visitor, question=questions[0].slug, role="tester")
    assert answer["told"].startswith("Knew it, marked on ")
    assert answer["waits"].keys() == {"1", "2", "3"}
    assert answer["waits"]["1"] == "in 10 minutes"
    assert len(answer["ways"]) == 2


def test_what_pages_say_of_a_first_mark_is_so(visitor, questions):
    page = render_to_string("practice/_ratings.html")
    for question, rating in zip(questions, (1, 2, 3), strict=False):
        wait = mark(visitor, question, rating).json()["back"].removeprefix("Comes back ")
        assert wait in page


@pytest.mark.parametrize("length", [1, 30])
@pytest.mark.parametrize(("parameters", "number"), [(ROLE, 10), ({"home": 1}, 9), ({"topic": "subjects"}, 2)])
def test_a_page_is_told_in_a_fixed_number_of_queries(
    visitor, role, parameters, number, length, django_assert_num_queries
):
    topic = make_topic(name="Subjects")
    with record():
        questions = [make_question(roles=[role], topics=[topic]) for _ in range(length + 1)]
    mark(visitor, questions[0], 2)
    for question in questions[1:length]:
        Learner.objects.get().review(question, 3, key=uuid4())
    with django_assert_num_queries(number):
        answer = told(visitor, **parameters)
    assert answer["marks"] or answer["roles"]
