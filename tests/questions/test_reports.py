"""Reports from readers: the form without a cookie, its limits, and what the desk makes of them."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import Change, ChangeSet, Question, Report
from questions.report_form import MOST_BYTES, stamp_of
from questions.reports import KEPT, MOST_OPEN, OF_ALL, OF_ONE, TEXT_LENGTH
from tests.factories import empty_the_bank, make_question, make_role
from tests.questions.test_admin import change_url
from tests.questions.test_desk import fresh, member, save, undo

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


# At the desk


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def writer():
    return member("Writers")


def make_report(question, text="It is wrong.", **values):
    values = {"kind": "wrong", "digest": text[:60]} | values
    return Report.objects.create(question=question, text=text, **values)


def close(client, report, verb="close", chosen=()):
    values = {"report": [each.pk for each in chosen]}
    return client.post(f"{LIST}act/{report.pk}/{verb}/", values, follow=True)


LIST = "/admin/questions/report/"


def test_an_editor_reads_a_report_beside_its_question_and_closes_it(editor, client, question):
    report = make_report(question, "It <b>swaps</b> <script>alert(1)</script> both.")
    assertContains(editor.get("/admin/"), "Reports from readers")
    assertContains(editor.get("/admin/"), "It &lt;b&gt;swaps")
    for address in (LIST, change_url(report)):
        page = editor.get(address)
        assertContains(page, "It &lt;b&gt;swaps&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt; both.")
        assertContains(page, change_url(question))
    assertContains(editor.get(change_url(report)), "It is <em>this</em>.")
    page = close(editor, report)
    assertContains(page, "Closed a report on “What is recall?”.")
    assertContains(page, "No report is open.")
    assertContains(close(editor, report), "Somebody else has closed it already.")
    assertContains(editor.get(LIST, {"state": "closed"}), f"closed by {editor.user}")
    assertContains(close(editor, report, "reopen"), "Opened again")
    assert fresh(report).is_open
    assert not ChangeSet.objects.filter(summary__startswith="Corrected").exists()
    assertNotContains(client.get("/questions/what-is-recall/"), "Corrected on")


def test_closing_can_say_in_public_that_the_answer_was_corrected(editor, client, question, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=3))
    report, other = make_report(question), make_report(question, "So it is.")
    stays = make_report(question, "Another matter.")
    page = close(editor, report, "correct", [report, other])
    assertContains(page, "Closed 2 reports on “What is recall?”.")
    assertContains(page, "Take the line away")
    assert list(Report.objects.open()) == [stays]
    today = timezone.localdate()
    line = date_format(today, "j F Y")
    for address in ("/questions/what-is-recall/", "/interview-questions/tester/"):
        public = client.get(address)
        assertContains(public, "Corrected on")
        assertContains(public, f'<time datetime="{today:%Y-%m-%d}">{line}</time>')
    page = client.get("/questions/what-is-recall/").content.decode()
    assert re.search(rf'"dateModified":\s*"{today:%Y-%m-%d}', page)
    changeset = ChangeSet.objects.applied().get(summary="Corrected: What is recall?")
    assert changeset.author == editor.user
    assertContains(editor.get(change_url(changeset)), today.isoformat())
    undo(editor, changeset)
    assertNotContains(client.get("/questions/what-is-recall/"), "Corrected on")
    assert fresh(question).updated == question.updated
    assertContains(close(editor, stays, "correct"), "Below the answer it says")
    again = make_report(question, "And again.")
    assertNotContains(close(editor, again, "correct"), "Take the line away")  # the day is the same


def test_a_question_out_of_sight_keeps_its_reports_and_takes_no_line(editor, question):
    report = make_report(question)
    question.status = "retired"
    question.save()
    assertContains(editor.get(LIST), "It is wrong.")
    assertNotContains(editor.get(change_url(report)), "and say “Corrected")
    assertContains(close(editor, report, "correct"), "close it without the public line")
    assert fresh(report).is_open
    assert fresh(question).corrected_on is None
    assertContains(close(editor, report), "Closed a report")


def test_a_writer_reads_reports_of_published_questions_and_closes_none(writer, editor, client, question):
    report = make_report(question)
    assertContains(writer.get(LIST), "It is wrong.")
    assertNotContains(writer.get(change_url(report)), "Close")
    assert close(writer, report).status_code == 403
    assert client.get(LIST).status_code == 302
    assert client.post(f"/admin/questions/report/act/{report.pk}/close/").status_code == 302
    question.status = "retired"
    question.save()
    assertNotContains(writer.get(LIST), "It is wrong.")
    assert writer.get(change_url(report)).status_code == 404
    with pytest.raises(PermissionDenied):
        Report.objects.all().close(writer.user, question)
    assert close(editor, report, "burn").status_code == 404
    wrong = editor.post(f"{LIST}act/{report.pk}/close/", {"report": "x"})
    assert wrong.status_code == 404
    assert fresh(report).is_open


@pytest.mark.parametrize("length", [1, 30])
def test_the_list_is_by_question_the_oldest_first_at_a_fixed_cost(editor, django_assert_num_queries, length):
    now = timezone.now()
    for number in range(length):
        question = make_question(text=f"Question {number:02}?")
        for place in range(7):
            made = now - timedelta(hours=number, minutes=place)
            make_report(question, f"Report {place} of {number:02}", created=made)
    editor.get(LIST)
    with django_assert_num_queries(9):
        page = editor.get(LIST)
    text = page.content.decode()
    assertContains(page, "and 2 more")
    if length == 30:
        assert text.index("Question 29?") < text.index("Question 28?")
        assert "Question 04?" not in text
        assertContains(editor.get(LIST, {"page": 2}), "26 to 30 of 30 questions")
        assertContains(editor.get(LIST, {"kind": "unclear"}), "No report is like that.")
        assertContains(editor.get(LIST, {"kind": "x", "page": "y"}), "Question 29?")


def test_reports_go_with_their_question_and_some_time_after_they_were_closed(editor, question, time_machine):
    closed, stays = make_report(question), make_report(question, "Open for long.")
    close(editor, closed)
    draft = make_question(status="draft", text="A draft?")
    make_report(draft)
    draft.delete()
    assert set(Report.objects.all()) == {closed, stays}
    time_machine.move_to(timezone.now() + KEPT + timedelta(days=1))
    Report.objects.sweep()
    assert list(Report.objects.all()) == [stays]


def test_the_day_of_a_correction_is_a_part_of_the_document(editor, tmp_path):
    question = make_question(text="What is recall?", corrected_on="2026-11-20")
    call_command("dumpbank", tmp_path)
    assert "corrected_on: 2026-11-20" in (tmp_path / "questions" / "what-is-recall.md").read_text()
    empty_the_bank()
    call_command("loadbank", tmp_path)
    question = Question.objects.get()
    assert str(question.corrected_on) == "2026-11-20"
    page = editor.get(change_url(question))
    assert page.context["adminform"].form["corrected_on"].value() == question.corrected_on


def test_change_sets_from_before_there_was_such_a_day_can_be_undone(editor, question):
    save(editor, question, answer="Another.")
    changes = list(Change.objects.filter(kind="question", uid=question.uid))
    for change in changes:
        for document in filter(None, (change.before, change.after)):
            del document["corrected_on"]
        change.save(update_fields=["before", "after"])
    undo(editor, changes[-1].changeset)
    assert fresh(question).answer == question.answer
