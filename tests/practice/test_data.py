"""All that is kept goes out as one file, comes in again, and goes for good."""

import json
import sqlite3
from datetime import timedelta
from io import BytesIO, StringIO
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from practice.data import read, write
from practice.joining import take_in
from practice.models import Bookmark, Card, Learner, Note, Review, StepTick
from questions.models import Question
from questions.recording import record
from tests.factories import make_question, make_role
from tests.practice.browsers import browser_of
from tests.reading import text_of

pytestmark = pytest.mark.django_db
PATH = "/practice/data/"
KEY = "0b5e0a3c-0f6f-4f7e-9a53-1f7b6d1f2a11"
OTHER_KEY = "0b5e0a3c-0f6f-4f7e-9a53-1f7b6d1f2a12"
REVIEW = {"key": KEY, "question": "a-question", "at": "2026-11-20T08:00:00Z", "rating": 3}
VOID = {"key": OTHER_KEY, "question": "a-question", "at": "2026-11-20T08:01:00Z", "voids": KEY}
NOTE = {"question": "a-question", "text": "Mine.", "changed": "2026-11-20T08:00:00Z"}
WHOLE = {
    "format": "interview-prep-practice",
    "version": 1,
    "learner": {"time_zone": "Europe/Berlin", "day_start": 5, "created": "2026-11-20T08:00:00Z"},
    "reviews": [REVIEW],
}


@pytest.fixture
def question():
    return make_question(text="What is recall?")


@pytest.fixture
def learner(question):
    learner = Learner.objects.create(time_zone="Europe/Berlin", day_start=5)
    learner.review(question, 3, key=uuid4(), said=1, points=3, words="A share.")
    slip = learner.review(question, 1, key=uuid4())
    learner.void(slip.key)
    Bookmark.objects.create(learner=learner, question=question)
    Note.objects.create(learner=learner, question=question, text="Mine.")
    StepTick.objects.create(learner=learner, role=make_role(), step="first")
    return learner


def send(browser, content):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return browser.post(PATH, {"file": SimpleUploadedFile("practice.json", content)})


def file_of(learner):
    return browser_of(learner).get("/practice/data/practice.json").content


def contents(data):
    """What a file holds, but for the order of its lists and the day on which the learner began."""
    whole = json.loads(data)
    whole["learner"].pop("created")
    lists = {name: sorted(map(json.dumps, rows)) for name, rows in whole.items() if isinstance(rows, list)}
    return whole | lists


def test_all_of_it_comes_in_again_on_another_site(learner):
    data = file_of(learner)
    learner.delete()
    browser = Client()
    page = send(browser, data)
    assert (page.status_code, "Taken in: 2 marks that were not here." in text_of(page)) == (200, True)
    assert contents(browser.get("/practice/data/practice.json").content) == contents(data)
    call_command("checkpractice", stdout=StringIO())


def test_a_file_that_is_sent_again_adds_nothing(learner):
    data = file_of(learner)
    page = send(browser_of(learner), data)
    assert "Taken in: 0 marks that were not here. 2 were here already." in text_of(page)
    assert contents(file_of(learner)) == contents(data)


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(1, 4), st.integers(0, 6 * 24 * 3600), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 8),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_history_that_was_split_and_joined_is_the_same(history, until):
    """Whatever was rated, undone and sent late, before the file was made and after."""
    Learner.objects.all().delete()
    questions = list(Question.objects.all()) or [make_question(), make_question()]
    learner, data = Learner.objects.create(), b""
    for number, (question, rating, seconds, is_undone) in enumerate(history):
        if number == until:
            data = write(learner)
        at = timezone.now() - timedelta(seconds=seconds)
        review = learner.review(questions[question], rating, key=uuid4(), at=at)
        if is_undone:
            learner.void(review.key)
    whole = write(learner)
    learner.delete()
    other = Learner.objects.create()
    for part in (data, whole, data) if data else (whole,):
        take_in(other, read(part))
    assert contents(write(other)) == contents(whole) | {"learner": contents(write(other))["learner"]}
    call_command("checkpractice", stdout=StringIO())


def test_what_is_here_and_what_comes_count_together(learner, question):
    at = (timezone.now() - timedelta(days=3)).isoformat()
    review = REVIEW | {"question": question.uid, "at": at, "rating": 1}
    note = NOTE | {"question": question.uid, "text": "Of the other site."}
    page = send(browser_of(learner), WHOLE | {"reviews": [review], "notes": [note]})
    assert page.status_code == 200
    card = Card.objects.get()
    assert (card.reviews, card.rating) == (2, 3)
    assert Note.objects.get().text == "Of the other site.\n\nMine."
    assert Learner.objects.get().day_start == 5
    call_command("checkpractice", stdout=StringIO())


def test_questions_of_another_bank_are_kept_and_told(client):
    page = send(client, WHOLE | {"notes": [NOTE]})
    assert "1 question is not in this bank" in text_of(page)
    assert Card.objects.get().question_id == "a-question"


def test_the_file_in_the_documentation_comes_in(client):
    text = (site.BASE_DIR / "docs" / "practice-data.md").read_text(encoding="utf-8")
    example = text.partition("```json\n")[2].partition("```")[0]
    assert send(client, example.encode()).status_code == 200
    assert contents(client.get("/practice/data/practice.json").content) == contents(example)


def without(values, name):
    return {key: value for key, value in values.items() if key != name}


def reviews(**values):
    return WHOLE | {"reviews": [REVIEW | values]}


WRONG = {
    "empty": (b"", "cannot be read"),
    "no text": (b"\xff\xfe\x00", "cannot be read"),
    "cut off": (json.dumps(WHOLE).encode()[:-2], "cannot be read"),
    "not a number": (json.dumps(reviews(rating=float("nan"))).encode(), "cannot be read"),
    "an endless number": (b"[" + b"9" * 5000 + b"]", "cannot be read"),
    "too deep": (b"[" * 100_000, "too deep"),
    "too many": (b"[" + b"{}," * 300_000 + b"{}]", "more than anybody"),
    "twice the same": (b'{"format": "a", "format": "b"}', "two things under the same name"),
    "a list": ([WHOLE], "no file of practice"),
    "another format": (WHOLE | {"format": "anki"}, "no file of practice"),
    "another version": (WHOLE | {"version": 2}, "of version 2"),
    "a strange version": (WHOLE | {"version": "\ud800" * 50}, "of version"),
    "no learner": (without(WHOLE, "learner"), "“learner” has to be an object"),
    "a strange zone": (WHOLE | {"learner": {"time_zone": "Mars", "day_start": 4}}, "no time zone"),
    "a strange hour": (WHOLE | {"learner": {"time_zone": "", "day_start": 24}}, "from 0 to 23"),
    "no hour": (WHOLE | {"learner": {}}, "learner.day_start"),
    "something more": (WHOLE | {"passwords": []}, "“passwords”"),
    "no list": (WHOLE | {"notes": {}}, "“notes” has to be a list"),
    "no object": (WHOLE | {"reviews": [3]}, "“reviews[0]” has to be an object"),
    "a rating of 7": (reviews(rating=7), "reviews[0].rating: this has to be a whole number from 1 to 4"),
    "a rating of 0": (reviews(rating=0), "from 1 to 4"),
    "a rating that is true": (reviews(rating=True), "from 1 to 4"),
    "a rating in words": (reviews(rating="3"), "from 1 to 4"),
    "no rating": (WHOLE | {"reviews": [without(REVIEW, "rating")]}, "either a rating"),
    "no key": (WHOLE | {"reviews": [without(REVIEW, "key")]}, "reviews[0].key"),
    "a strange key": (reviews(key="x"), "has to be a key"),
    "a key in numbers": (reviews(key=3), "has to be a key"),
    "the same key": (WHOLE | {"reviews": [REVIEW, REVIEW]}, "something is there twice"),
    "the future": (reviews(at="2126-11-20T08:00:00Z"), "in the future"),
    "long ago": (reviews(at="0001-01-01T00:00:00+14:00"), "too long ago"),
    "no such day": (reviews(at="2026-02-30T08:00:00Z"), "has to be a date"),
    "no zone": (reviews(at="2026-11-20T08:00:00"), "has to be a date"),
    "a number for a date": (reviews(at=1_764_000_000), "has to be a date"),
    "a long name": (reviews(question="x" * 101), "at most 100 characters"),
    "no name": (reviews(question="\x00"), "has to be a text"),
    "a long answer": (reviews(words="x" * 10_001), "at most 10000 characters"),
    "more said than there is": (reviews(said=3, points=2), "more key points"),
    "said of nothing": (reviews(said=0), "more key points"),
    "a void of nothing": (WHOLE | {"reviews": [VOID]}, "not in the file"),
    "a void of another": (WHOLE | {"reviews": [REVIEW, VOID | {"question": "b"}]}, "not in the file"),
    "a void that rates": (WHOLE | {"reviews": [REVIEW, VOID | {"rating": 1}]}, "either a rating"),
    "a void twice": (WHOLE | {"reviews": [REVIEW, VOID, VOID | {"key": str(uuid4())}]}, "there twice"),
    "a note twice": (WHOLE | {"notes": [NOTE, NOTE]}, "something is there twice"),
    "an empty note": (WHOLE | {"notes": [NOTE | {"text": " "}]}, "notes[0].text"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_such_file_is_refused_with_the_reason(client, name):
    content, words = WRONG[name]
    page = send(client, content)
    assert (page.status_code, words in text_of(page)) == (400, True), text_of(page)
    assert not Learner.objects.exists()


def test_without_a_file_one_is_asked_for(client):
    page = client.post(PATH)
    assert (page.status_code, "Choose the file" in text_of(page)) == (400, True)


def test_a_file_that_is_too_large_is_refused(client, settings):
    settings.PRACTICE_MAX_SIZE = 100
    page = send(client, WHOLE)
    assert (page.status_code, "is larger than anything" in text_of(page)) == (413, True)
    assert not Learner.objects.exists()


def test_the_reviews_of_another_learner_are_not_taken(learner):
    data, other = file_of(learner), Client()
    page = send(other, data)
    assert (page.status_code, "enter your recovery code" in text_of(page)) == (400, True)
    assert Learner.objects.get() == learner
    assert "practice" not in other.cookies


@pytest.mark.parametrize("length", [1, 30])
def test_a_file_takes_a_fixed_number_of_queries(client, django_assert_num_queries, length):
    rows = [REVIEW | {"key": str(uuid4()), "question": f"question {number}"} for number in range(length + 1)]
    voids = [VOID | {"key": str(uuid4()), "voids": row["key"], "question": row["question"]} for row in rows]
    notes = [NOTE | {"question": row["question"]} for row in rows]
    everything = read(json.dumps(WHOLE | {"reviews": rows + voids[:1], "notes": notes}).encode())
    learner = Learner.objects.create()
    with django_assert_num_queries(13):
        take_in(learner, everything)


def test_the_questions_are_a_deck_with_the_same_bytes(learner):
    make_question(text="Not practised?")
    draft = make_role(name="Secret", status="draft")
    marked = make_question(text="What is drift?", roles=[draft, make_role(name="Public")])
    Bookmark.objects.create(learner=learner, question=marked)
    first, second = (browser_of(learner).get("/practice/data/questions.apkg").content for _twice in "12")
    assert first == second
    with ZipFile(BytesIO(first)) as package, sqlite3.connect(":memory:") as database:
        database.deserialize(package.read("collection.anki2"))
        notes = database.execute("SELECT flds, tags FROM notes ORDER BY id").fetchall()
    database.close()
    assert [fields.partition("\x1f")[0] for fields, tags in notes] == ["What is drift?", "What is recall?"]
    assert "role::Public" in notes[0][1]
    assert "Secret" not in notes[0][1]


def test_deletion_says_what_goes_and_leaves_nothing(learner):
    browser, elsewhere = browser_of(learner), browser_of(learner)
    other = Learner.objects.create()
    assert "2 marks" in text_of(browser.get("/practice/delete/"))
    page = browser.post("/practice/delete/")
    assert {name: cookie["max-age"] for name, cookie in page.cookies.items()} == {"practice": 0, "learner": 0}
    for model in (Review, Card, Bookmark, Note, StepTick):
        assert not model.objects.exists()
    assert Learner.objects.get() == other
    assert "Nothing is kept" in text_of(elsewhere.get("/practice/delete/"))


@pytest.mark.parametrize("length", [1, 40])
def test_deletion_takes_a_fixed_number_of_queries(learner, django_assert_num_queries, length):
    with record():
        questions = [make_question() for _number in range(length)]
    for question in questions:
        learner.review(question, 3, key=uuid4())
    with django_assert_num_queries(16):
        learner.delete()
