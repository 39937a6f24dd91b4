"""A learner without an account comes to another browser, and back."""

import re
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from practice import codes, identity
from practice.identity import COOKIE
from practice.models import Bookmark, Learner, Note, Review, StepTick
from questions.recording import record
from tests.factories import make_question, make_role, make_step
from tests.practice.browsers import browser_of
from tests.reading import text_of

pytestmark = pytest.mark.django_db
ENTER = "/practice/devices/enter/"


@pytest.fixture
def question():
    return make_question(text="What is recall?")


@pytest.fixture
def learner(question):
    learner = Learner.objects.create()
    learner.review(question, 3, key=uuid4())
    return learner


def code_of(learner, path="/practice/devices/"):
    page = browser_of(learner).post(path)
    return re.search(r'<p class="code">([0-9A-Z-]+)</p>', page.content.decode())[1]


def recovery_code_of(learner):
    return code_of(learner, "/practice/devices/recovery/")


def learner_in(browser):
    """The learner whom the cookie of `browser` opens."""
    cookie = browser.cookies.get(COOKIE)
    key = cookie.value.partition(":")[0] if cookie else None
    return Learner.objects.filter(key=key).first()


def test_a_code_brings_the_learner_to_another_browser_once(learner, client):
    code = code_of(learner)
    page = client.post(ENTER, {"code": code}, follow=True)
    assert "this browser has it now" in text_of(page)
    assert learner_in(client) == learner
    other = Client()
    again = other.post(ENTER, {"code": code})
    assert (again.status_code, "used already" in text_of(again)) == (410, True)
    assert learner_in(other) is None


def test_a_code_may_be_typed_in_many_ways(learner):
    code = recovery_code_of(learner)
    for typed in (code.lower(), f" {code.replace('-', ' ')} ", code.replace("-", "–"), code.replace("-", "")):
        assert Client().post(ENTER, {"code": typed}).status_code == 302


def test_letters_that_look_like_digits_are_read_as_those(client, learner, monkeypatch):
    monkeypatch.setattr("secrets.choice", lambda alphabet: alphabet[len(alphabet) % 31])  # always 1
    assert code_of(learner) == "11111-11111"
    assert client.post(ENTER, {"code": "lI1Il-11111"}).status_code == 302


def test_the_link_of_a_code_keeps_it_from_servers_and_previews(learner, client):
    page = browser_of(learner).post("/practice/devices/").content.decode()
    link = re.search(r'href="(http://127.0.0.1:8000/practice/devices/enter/#[0-9A-Z-]+)"', page)[1]
    assert "<svg" in page
    assert not re.search(r"<svg[^>]*style", page)
    address, code = link.split("#")
    for _preview in range(2):
        assert client.get(address).status_code == 200
    assert client.post(address, {"code": code}).status_code == 302


def test_a_code_is_good_for_ten_minutes(learner, client):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = code_of(learner)
        clock.shift(601)
        page = client.post(ENTER, {"code": code})
    assert (page.status_code, "ten minutes are over" in text_of(page)) == (410, True)


def test_a_new_code_ends_the_one_before(learner, client):
    before = code_of(learner)
    code_of(learner)
    assert client.post(ENTER, {"code": before}).status_code == 404


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        ("", 400, "Type the code"),
        ("ABCDE", 400, "has 10 characters"),
        ("UUUUU-UUUUU", 400, "has 10 characters"),
        ("A" * 101, 400, "at most 100 characters"),
        ("ABCDE-ABCDE", 404, "no such code"),
        ("ABCDE-ABCDE-ABCDE-ABCDE", 404, "no such code"),
        ("ABCDE\x00ABCDE", 400, ""),
    ],
)
def test_what_is_no_code_is_refused_in_words(learner, client, code, status, words):
    page = client.post(ENTER, {"code": code})
    assert page.status_code == status
    assert words in text_of(page)
    assert learner_in(client) is None


def test_only_so_many_wrong_codes_are_taken_from_one_network(learner, client):
    code = code_of(learner)
    for _try in range(20):
        assert client.post(ENTER, {"code": "ABCDE-ABCDE"}).status_code == 404
    page = client.post(ENTER, {"code": code})
    assert (page.status_code, "Wait an hour" in text_of(page)) == (429, True)
    assert page.headers["Retry-After"] == "3600"
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=2)):
        assert client.post(ENTER, {"code": code}).status_code == 410
    assert Client(REMOTE_ADDR="192.0.2.9").post(ENTER, {"code": code}).status_code == 302


def test_a_browser_that_has_something_is_asked_first(learner, question):
    other = Learner.objects.create()
    other.review(question, 1, key=uuid4())
    browser, code = browser_of(other), code_of(learner)
    page = browser.post(ENTER, {"code": code})
    assert (page.status_code, "Nothing was changed yet" in text_of(page)) == (200, True)
    assert learner_in(browser) == other
    assert Review.objects.filter(learner=other).exists()
    assert Client().post(ENTER, {"code": code}).status_code == 302  # kept apart, it stays good


def fill(learner, questions, role, text):
    for question in questions:
        learner.review(question, 2, key=uuid4())
        Bookmark.objects.create(learner=learner, question=question)
        Note.objects.create(learner=learner, question=question, text=text)
    StepTick.objects.create(learner=learner, role=role, step="first")


def test_put_together_nothing_of_either_is_lost(learner, question):
    role, own, theirs = make_role(), make_question(), make_question()
    fill(learner, [question, own], role, "Mine.")
    other = Learner.objects.create()
    fill(other, [question, theirs], role, "Theirs.")
    StepTick.objects.create(learner=other, role=role, step="second")
    browser = browser_of(other)
    browser.post(ENTER, {"code": code_of(learner), "together": "1"})
    assert learner_in(browser) == learner == Learner.objects.get()
    assert learner.counts() == {"cards": 3, "reviews": 5, "bookmarks": 3, "notes": 3, "steps": 2}
    assert Note.objects.get(question=question.uid).text == "Mine.\n\nTheirs."
    call_command("checkpractice", stdout=StringIO())
    assert browser_of(other).get("/practice/data/").cookies[COOKIE].value == ""


@pytest.mark.parametrize("length", [1, 30])
def test_putting_together_takes_a_fixed_number_of_queries(learner, django_assert_max_num_queries, length):
    other, role = Learner.objects.create(), make_role()
    with record():
        questions = [make_question() for _number in range(length)]
    fill(learner, questions, role, "Mine.")
    fill(other, questions, role, "Theirs.")
    browser, code = browser_of(other), code_of(learner)
    with django_assert_max_num_queries(65):
        assert browser.post(ENTER, {"code": code, "together": "1"}).status_code == 302


def test_a_recovery_code_stays_good_until_there_is_a_new_one(learner, client):
    first = recovery_code_of(learner)
    for _twice in range(2):
        browser = Client()
        assert browser.post(ENTER, {"code": first}).status_code == 302
        assert learner_in(browser) == learner
    recovery_code_of(learner)
    assert client.post(ENTER, {"code": first}).status_code == 404
    assert first.replace("-", "") not in str(Learner.objects.values().get())


def test_a_recovery_code_of_what_was_put_together_stays_good(learner, client):
    other = Learner.objects.create()
    written = recovery_code_of(other)
    browser_of(other).post(ENTER, {"code": code_of(learner), "together": "1"})
    client.post(ENTER, {"code": written})
    assert learner_in(client) == learner


@pytest.mark.parametrize("cookie", ["x", "a:b", "é", "x" * 4000])
def test_a_cookie_that_cannot_be_read_is_kept_until_its_owner_says_otherwise(learner, cookie):
    browser = Client()
    browser.cookies[COOKIE] = cookie
    page = browser.get("/practice/data/")
    assert (page.status_code, "Forget it on this browser" in text_of(page)) == (400, True)
    assert COOKIE not in page.cookies
    assert browser.post("/practice/delete/").status_code == 400
    assert browser.post(ENTER, {"code": recovery_code_of(learner)}).status_code == 302
    assert learner_in(browser) == learner
    browser.cookies[COOKIE] = cookie
    assert browser.post("/practice/forget/").cookies[COOKIE].value == ""
    assert browser.get("/practice/data/").status_code == 200


def test_a_former_secret_opens_what_it_has_signed_as_long_as_it_is_a_fallback(learner, settings):
    browser, written = browser_of(learner), recovery_code_of(learner)
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another secret"
    assert browser.get("/practice/data/").status_code == 400
    assert Client().post(ENTER, {"code": written}).status_code == 302
    settings.SECRET_KEY_FALLBACKS = [former]
    assert browser.get("/practice/data/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert browser.get("/practice/data/").status_code == 200  # the cookie came again, newly signed


def test_a_cookie_stays_good_with_every_release(settings, client):
    settings.SECRET_KEY = "a secret of long ago"
    Learner.objects.create(key="0" * 32)
    client.cookies[COOKIE] = f"{'0' * 32}:0sFLQXNtSSiKXEzLkB-BKfLyku1IKpqKnasP2CwBhao"
    assert client.get("/practice/data/practice.json").status_code == 200


def test_a_cookie_that_was_cut_or_is_anothers_opens_nothing(learner):
    browser = browser_of(learner)
    whole = browser.cookies[COOKIE].value
    for wrong in (whole[:-1], f"{Learner.objects.create().key}:{whole.partition(':')[2]}"):
        browser.cookies[COOKIE] = wrong
        assert browser.get("/practice/data/practice.json").status_code == 400


def test_the_page_of_a_cookie_that_cannot_be_read_has_forms_that_work():
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[COOKIE] = "x"
    page = browser.get("/practice/data/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert browser.post("/practice/forget/", {"csrfmiddlewaretoken": token}).status_code == 302


@pytest.mark.parametrize("path", ["devices/", "devices/recovery/", "delete/"])
def test_where_nothing_is_kept_there_is_nothing_to_move(client, path):
    page = client.post(f"/practice/{path}")
    assert (page.status_code, "Nothing is kept with this browser yet" in text_of(page)) == (400, True)
    assert not Learner.objects.exists()


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("devices/", {}),
        ("devices/recovery/", {}),
        ("delete/", {}),
        ("settings/", {"day_start": "4"}),
        ("shelf/", {"question": "x"}),
        ("shelf/{question}/bookmark/", {"bookmarked": "1"}),
        ("shelf/{question}/bookmark/", {"bookmarked": "0"}),
        ("shelf/{question}/note/", {"text": "x"}),
        ("path/tester/", {"done": "first"}),
        ("marks/", {"question": "{question}", "rating": "3", "key": str(uuid4())}),
    ],
)
def test_a_learner_who_is_deleted_meanwhile_is_told_so(learner, question, monkeypatch, path, values):
    make_step(role=make_role(name="Tester"), key="first")
    browser = browser_of(learner)
    monkeypatch.setattr(identity, "learner_of", lambda request: learner)
    Learner.objects.get().delete()
    values = {name: value.format(question=question.slug) for name, value in values.items()}
    page = browser.post(f"/practice/{path.format(question=question.slug)}", values)
    assert (page.status_code, "deleted a moment ago" in text_of(page)) == (410, True)
    assert page.cookies[COOKIE].value == ""


def test_who_enters_the_code_of_somebody_deleted_meanwhile_loses_nothing(learner, monkeypatch):
    browser = browser_of(learner)
    monkeypatch.setattr(codes, "find", lambda text, network: Learner(pk=0))
    page = browser.post(ENTER, {"code": "ABCDE-ABCDE", "together": "1"})
    assert (page.status_code, "no such code" in text_of(page)) == (404, True)
    assert (learner_in(browser), learner.counts()["reviews"]) == (learner, 1)


def test_first_things_that_are_kept_at_once_are_one_learners(client, question):
    client.get("/practice/settings/")  # brings the cookie that guards forms
    guard = client.cookies["csrftoken"].value
    other = make_question()
    for each in (question, question, other):
        tab = Client()  # none of them has had an answer to the others
        tab.cookies["csrftoken"] = guard
        tab.post(f"/practice/shelf/{each.slug}/bookmark/", {"bookmarked": "1"})
    assert learner_in(tab) == Learner.objects.get()
    assert Bookmark.objects.count() == 2
    tab.post("/practice/forget/")
    client.cookies["csrftoken"] = tab.cookies["csrftoken"].value
    client.post(f"/practice/shelf/{other.slug}/bookmark/", {"bookmarked": "1"})
    assert Learner.objects.count() == 2


def test_what_nobody_can_open_any_more_is_swept(learner, question):
    gone, written_down = Learner.objects.create(), Learner.objects.create()
    gone.review(question, 3, key=uuid4())
    recovery_code_of(written_down)
    with time_machine.travel(timezone.now() + timezone.timedelta(days=700)):
        browser_of(learner).get("/practice/")
    with time_machine.travel(timezone.now() + timezone.timedelta(days=740)):
        call_command("sweeppractice", "--dry-run", stdout=StringIO())
        assert Learner.objects.count() == 3
        output = StringIO()
        call_command("sweeppractice", stdout=output)
    assert output.getvalue() == "Deleted 1 learners.\n"
    assert set(Learner.objects.all()) == {learner, written_down}
    assert Review.objects.get().learner == learner
