"""Sweeps over all addresses of practice."""

from uuid import uuid4

import pytest
from django.urls import NoReverseMatch, reverse

from practice.models import Bookmark, Learner, Note, Review
from practice.urls import urlpatterns
from tests.factories import make_question, make_role

from .browsers import browser_of

pytestmark = pytest.mark.django_db


def address_of(pattern):
    try:
        return reverse(pattern.name)
    except NoReverseMatch:
        return reverse(pattern.name, args=["shown"])


ADDRESSES = sorted(map(address_of, urlpatterns))


@pytest.fixture
def learner():
    question = make_question(roles=[make_role(name="Shown")], text="Shown?")
    learner = Learner.objects.create()
    learner.review(question, 3, key=uuid4())
    Bookmark.objects.create(learner=learner, question=question)
    Note.objects.create(learner=learner, question=question, text="Mine.")
    return learner


def test_what_is_sent_without_its_token_or_from_elsewhere_changes_nothing(learner):
    browser = browser_of(learner, enforce_csrf_checks=True)
    token = browser.get("/practice/token").json()["token"]
    values = {"question": "shown", "rating": 1, "key": Review.objects.get().key, "bookmarked": 0, "text": ""}
    before = learner.counts()
    for address in ADDRESSES:
        assert browser.post(address, values).status_code == 403
        sent = values | {"csrfmiddlewaretoken": token}
        assert browser.post(address, sent, headers={"Origin": "https://evil.example"}).status_code == 403
        assert browser.post(address, sent, headers={"Origin": "null"}).status_code == 403
    assert learner.counts() == before
    assert Review.objects.standing().count() == 1


def test_what_changes_something_is_not_to_be_read_and_all_else_has_a_head(learner):
    browser = browser_of(learner)
    answers = {address: browser.get(address).status_code for address in ADDRESSES}
    refused = [address.removeprefix("/practice/") for address, status in answers.items() if status == 405]
    assert refused == [
        "devices/recovery/",
        "forget/",
        "marks/undo/",
        "session/undo/",
        "shelf/shown/bookmark/",
        "shelf/shown/note/",
    ]
    assert {address: browser.head(address).status_code for address in ADDRESSES} == answers
    assert Learner.objects.get().counts() == learner.counts()
