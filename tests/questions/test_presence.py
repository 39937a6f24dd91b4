"""Who has a form open: a soft note, which costs little and never stands in anybody's way."""

import re
from contextlib import contextmanager
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains

from questions.models import ContentVersion, Presence, Question, Topic
from tests.factories import make_question, make_role, make_topic
from tests.questions.test_admin import address, change_url, form_of
from tests.questions.test_desk import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return member("Editors")


@pytest.fixture
def ben():
    return member("Editors")


def region(page):
    """The part of a form that says who else has it open, or None."""
    return re.search(r'<p\s+class="presence".*?</p>', page.content.decode(), re.DOTALL)


def note(page):
    """What the form says of others."""
    return unescape(re.sub(r"<[^>]*>", "", region(page)[0])).strip()


def sign(client, row, **values):
    """What the script of an open form sends, and the answer."""
    return client.post(address(type(row), "presence", row.uid), values)


def leave(client, row, page):
    return sign(client, row, leave="1", seen=re.search(r'data-seen="([^"]*)"', region(page)[0])[1])


def test_a_form_says_who_else_has_it_open(ada, ben, time_machine):
    question = make_question()
    time_machine.move_to("2026-11-27T09:41:00Z")
    assert note(ben.get(change_url(question))) == ""
    time_machine.move_to("2026-11-27T09:42:00Z")
    expected = f"{ben.user} has this open, since 9:41. Whoever saves second is shown both versions."
    assert note(ada.get(change_url(question))) == expected
    assert sign(ada, question).json()["note"] == expected
    # And both see it, of nobody but the other, in however many tabs.
    assert str(ada.user) in sign(ben, question).json()["note"]
    assert note(ben.get(change_url(question))).startswith(f"{ada.user} has this open")
    assert note(member("Editors").get(change_url(question))).startswith(
        f"{ben.user} (since 9:41) and {ada.user}"
    )


def test_the_note_is_about_this_document_only(ada, ben):
    question, topic = make_question(slug="same"), make_topic(slug="same")
    ben.get(change_url(topic))
    assert note(ada.get(change_url(question))) == ""


def test_it_expires_without_a_sign_of_life_and_is_swept(ada, ben, time_machine):
    question, other = make_question(), make_question()
    start = timezone.now()
    time_machine.move_to(start)
    ben.get(change_url(question))
    ben.get(change_url(other))
    time_machine.move_to(start + timedelta(seconds=100))
    sign(ben, question)
    time_machine.move_to(start + timedelta(seconds=200))
    assert note(ada.get(change_url(question))) != ""
    assert not Presence.objects.filter(uid=other.uid).exists()
    time_machine.move_to(start + timedelta(seconds=230))
    assert note(ada.get(change_url(question))) == ""
    # Who comes back is here since then.
    time_machine.move_to(start + timedelta(hours=1))
    ben.get(change_url(question))
    assert Presence.objects.get(user=ben.user, uid=question.uid).opened >= start + timedelta(hours=1)


def test_who_leaves_is_gone_at_once(ada, ben):
    question = make_question()
    page = ben.get(change_url(question))
    assert leave(ben, question, page).status_code == 200
    assert note(ada.get(change_url(question))) == ""


def test_a_page_that_is_left_for_a_newer_one_takes_nothing_away(ada, ben):
    question = make_question()
    page = ben.get(change_url(question))
    ben.get(change_url(question))  # a reload asks for the new page before it leaves the old one
    leave(ben, question, page)
    assert note(ada.get(change_url(question))) != ""


def test_a_form_with_an_error_is_still_open(ada, ben):
    question = make_question()
    values = form_of(ben.get(change_url(question))) | {"text": ""}
    assert note(ben.post(change_url(question), values)) == ""
    assert note(ada.get(change_url(question))) != ""


def test_who_may_only_read_is_not_noted(ada):
    role = make_role()
    assert region(member("Writers").get(change_url(role))) is None
    assert note(ada.get(change_url(role))) == ""
    assert sign(member("Writers"), role).status_code == 403


def test_a_sign_of_life_names_a_document_and_comes_from_staff(ada, client):
    question = make_question()
    assert ada.post(address(Question, "presence", "nothing")).status_code == 404
    assert ada.post(address(Topic, "presence", question.uid)).status_code == 404
    assert ada.get(address(Question, "presence", question.uid)).status_code == 405
    assert client.post(address(Question, "presence", question.uid)).status_code == 302
    assert sign(ada, question, leave="1", seen="yesterday").status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    assert sign(strict, question).status_code == 403
    assert not Presence.objects.exists()


def test_a_sign_of_life_costs_two_queries(ada, ben, django_assert_num_queries):
    question = make_question()
    for client in (ada, ben, *(member("Editors") for _ in range(5))):
        client.get(change_url(question))
    with django_assert_num_queries(8):  # after session, user and permissions, and within a savepoint
        sign(ada, question)


def test_it_changes_nothing_that_is_public(ada):
    question = make_question()
    number = ContentVersion.objects.get().number
    ada.get(change_url(question))
    sign(ada, question)
    assert ContentVersion.objects.get().number == number


@contextmanager
def read_only():
    """A database that refuses to write."""
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA query_only = 1")
        yield
        connection.cursor().execute("PRAGMA query_only = 0")
        return
    with transaction.atomic():
        connection.cursor().execute("SET LOCAL transaction_read_only = on")
        yield
        transaction.set_rollback(True)


def test_a_database_that_cannot_be_written_makes_no_form_fail(ada, ben):
    question = make_question()
    page = ben.get(change_url(question))
    ada.get(change_url(question))
    with read_only():
        form = ada.get(change_url(question))
        assert sign(ada, question).status_code == 503
        assert leave(ben, question, page).status_code == 200
    assertContains(form, question.text)
    assert note(form) == ""
