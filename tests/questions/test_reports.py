"""Reports from readers: the form without a cookie, its limits, and what the desk makes of them."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import Question, Report
from questions.report_form import MOST_BYTES, stamp_of
from questions.reports import MOST_OPEN, OF_ALL, OF_ONE, TEXT_LENGTH
from tests.factories import make_question, make_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def question():
    return make_question(text="What is recall?", roles=[make_role(name="Tester")])


@pytest.fixture
def stamp(question, time_machine):
    """A stamp of a form that has been open for a minute."""
    time_machine.move_to(timezone.now(), tick=False)
    stamp = stamp_of(question)
    time_machine.shift(timedelta(minutes=1))
    return stamp


def send(client, stamp, slug="what-is-recall", *, query="", sender="192.0.2.1", headers=None, **values):
    words = {"kind": "wrong", "text": "The last sentence is wrong.", "website": "", "stamp": stamp}
    words = {name: value for name, value in (words | values).items() if value is not None}
    return client.post(f"/report/{slug}/{query}", words, REMOTE_ADDR=sender, headers=headers or {})


def test_a_reader_finds_the_form_below_each_answer_and_comes_back(client, question, stamp):
    page = client.get("/interview-questions/tester/").content.decode()
    address = re.search(r'href="(/report/[^"]+)"', page)[1]
    assert address == "/report/what-is-recall/?role=tester"
    assertContains(client.get("/questions/what-is-recall/"), 'href="/report/what-is-recall/"')
    form = client.get(address)
    assertContains(form, "What is recall?")
    assert form.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in form.headers["Cache-Control"]
    sent = send(Client(enforce_csrf_checks=True), stamp, query="?role=tester")
    assert sent.url == "/report/what-is-recall/thanks/?role=tester"
    thanks = client.get(sent.url)
    assertContains(thanks, 'href="/interview-questions/tester/#q-what-is-recall"')
    assert not {"Set-Cookie"} & {*form.headers, *sent.headers, *thanks.headers}
    report = Report.objects.get()
    assert (report.question, report.kind, report.text) == (question, "wrong", "The last sentence is wrong.")
    assertContains(client.get("/robots.txt"), "Disallow: /report/")
    assertContains(client.get("/report/what-is-recall/?role=nowhere"), 'action="/report/what-is-recall/"')


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": ""}, "Choose what it is."),
        ({"kind": None, "text": None}, "Say in a sentence"),
        ({"kind": "insult"}, "Choose one of the three."),
        ({"text": " \x00\x1f\n "}, "Say in a sentence"),
        ({"text": "x" * (TEXT_LENGTH + 1)}, "Keep it to 2000 characters; this has 2001."),
        ({"website": "https://spam.example"}, "nobody sees"),
        ({"stamp": None}, "open for too long"),
        ({"stamp": "forged:1vQ:abc\x00é"}, "open for too long"),
        ({"headers": {"sec-fetch-site": "cross-site"}}, "open for too long"),
    ],
)
def test_what_is_refused_says_why_and_keeps_the_words(client, stamp, values, sentence):
    page = send(client, **{"stamp": stamp} | values)
    assertContains(page, sentence, status_code=400)
    assertContains(
        page, (values.get("text", "The last sentence is wrong.") or "").strip("\x00\x1f\n "), status_code=400
    )
    assert not Report.objects.exists()
    assert "Set-Cookie" not in page.headers


def test_a_stamp_is_of_one_question_and_of_some_hours(client, question, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    other = stamp_of(make_question(text="What is precision?"))
    stamp = stamp_of(question)
    assertContains(send(client, stamp), "very quick", status_code=400)
    time_machine.shift(10)
    assert send(client, stamp).status_code == 302
    page = send(client, other)
    assertContains(page, "open for too long", status_code=400)
    time_machine.shift(timedelta(hours=13))
    page = send(client, stamp, text="Later.")
    assertContains(page, "open for too long", status_code=400)
    fresh = re.search(r'name="stamp" value="([^"]+)"', page.content.decode())[1]
    time_machine.shift(10)
    assert send(client, fresh, text="Later.").status_code == 302


def test_a_report_that_is_sent_twice_counts_once(client, stamp):
    for text in ("It is wrong.", "It is wrong.", " It is\x00 wrong.\r\n"):
        assert send(client, stamp, text=text).status_code == 302
    assert Report.objects.count() == 1
    send(client, stamp, text="It is wrong.", kind="unclear")
    assert Report.objects.count() == 2


def test_one_sender_is_limited_wherever_its_header_says_it_is(client, stamp, time_machine):
    for number in range(OF_ONE):
        headers = {"x-forwarded-for": f"198.51.100.{number}"}
        assert send(client, stamp, text=f"Number {number}", headers=headers).status_code == 302
    refused = send(client, stamp, text="One more", headers={"x-forwarded-for": "203.0.113.7"})
    assertContains(refused, "5 reports within the hour", status_code=429)
    assertContains(refused, "One more", status_code=429)
    assert int(refused.headers["Retry-After"]) == 3600
    assert send(client, stamp, text="Number 0").status_code == 302  # a retry of what was taken
    assert send(client, stamp, text="One more", sender="192.0.2.2").status_code == 302
    assert not Report.objects.filter(sender__contains="192.0").exists()
    time_machine.shift(timedelta(hours=1, seconds=1))
    assert send(client, stamp, text="One more, later").status_code == 302
    assert Report.objects.exclude(sender="").count() == 1


def test_senders_of_one_network_are_one_and_all_together_are_limited(client, stamp):
    for number in range(OF_ONE):
        send(client, stamp, text=f"Number {number}", sender=f"2001:db8:0:1::{number}")
    assert send(client, stamp, text="x", sender="2001:db8:0:1:ffff::").status_code == 429
    for number in range(OF_ONE, OF_ALL):
        assert send(client, stamp, text=f"Number {number}", sender=f"192.0.2.{number}").status_code == 302
    refused = send(client, stamp, text="x", sender="198.51.100.1")
    assertContains(refused, "More reports came in", status_code=429)
    assert Report.objects.count() == OF_ALL


def test_no_more_reports_wait_than_anybody_reads(client, question, stamp):
    hours_ago = timezone.now() - timedelta(hours=2)
    Report.objects.bulk_create(
        Report(question=question, kind="wrong", text=f"{n}", digest=f"{n}", created=hours_ago)
        for n in range(MOST_OPEN)
    )
    assertContains(send(client, stamp), "than they can read", status_code=429)


def test_a_sender_without_an_address_counts_with_all(client, stamp):
    for number in range(OF_ONE + 1):
        assert send(client, stamp, text=f"{number}", sender="").status_code == 302


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/x"]
)
def test_what_is_too_large_or_no_form_is_refused(client, question, content_type):
    large = client.generic("POST", "/report/what-is-recall/", b"x" * 1_000_000, content_type)
    assert large.status_code == (400 if content_type.startswith("multipart") else 413)
    broken = client.generic("POST", "/report/what-is-recall/", b"kind=\xff%00&&text", content_type)
    assert broken.status_code == 400
    assert client.generic("POST", "/report/what-is-recall/", b"x" * MOST_BYTES, "text/x").status_code == 400
    assert client.put("/report/what-is-recall/").status_code == 405


def test_a_question_that_is_renamed_meanwhile_is_still_the_one(client, question, stamp):
    question.slug = "recall"
    question.save()
    assert client.get("/report/what-is-recall/?role=tester").url == "/report/recall/?role=tester"
    assert send(client, stamp).url == "/report/recall/thanks/"
    assert Report.objects.get().question == question


@pytest.mark.parametrize(("status", "code"), [("retired", 410), ("draft", 404), ("review", 404)])
def test_what_is_not_public_takes_no_report(client, question, stamp, status, code):
    Question.objects.filter(pk=question.pk).update(status=status)
    for answer in (
        client.get("/report/what-is-recall/"),
        client.get("/report/what-is-recall/thanks/"),
        send(client, stamp),
        send(client, stamp, slug="what-is-recall") if status == "retired" else client.get("/report/nothing/"),
    ):
        assert answer.status_code == code
    assert not Report.objects.exists()


def test_a_preview_has_no_link_to_report_a_problem(client, question):
    from questions.previews import preview_address

    assertNotContains(client.get(preview_address("question", question.uid)), "/report/")
