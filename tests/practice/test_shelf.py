"""Bookmarks, notes and ticked steps: by plain forms, and by scripts that want JSON."""

import re

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from practice.identity import COOKIE
from practice.models import Bookmark, Learner, Note, StepTick
from questions.models import Question, Role
from questions.recording import record
from tests.factories import make_question, make_role, make_step
from tests.practice.browsers import browser_of

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
SHELF = "/practice/shelf/"
MARKS = "/practice/marks/"


@pytest.fixture
def role():
    return make_role(name="Tester")


@pytest.fixture
def question(role):
    return make_question(roles=[role], text="What is recall?")


@pytest.fixture
def learner():
    return Learner.objects.create()


@pytest.fixture
def own(learner):
    """The learner's browser."""
    return browser_of(learner)


def of(question, act=""):
    return f"{SHELF}{question.slug}/{act}"


def told(client, **parameters):
    """What a page is told of the shelf."""
    answer = client.get("/practice/marks/", parameters, headers=JSON).json()
    return {name: answer[name] for name in ("bookmarked", "notes", "steps") if name in answer}


def write(client, question, text, before="", **values):
    return client.post(of(question, "note/"), {"text": text, "before": before}, **values)


def test_only_the_first_thing_that_is_kept_makes_a_learner(client, question, role):
    step = make_step(role=role)
    for address in (SHELF, of(question), f"/practice/path/{role.slug}/", f"{MARKS}?role={role.slug}"):
        assert client.get(address).status_code == 200
    client.post(of(question, "bookmark/"), {"bookmarked": "0"})
    write(client, question, "  \n")
    client.post(f"/practice/path/{role.slug}/", {"before": step.key})
    assert COOKIE not in client.cookies
    assert not Learner.objects.exists()
    refused = client.post(of(question, "bookmark/"), {"bookmarked": "1", "time_zone": "Moon/Sea"})
    assertContains(refused, "There is no time zone of this name", status_code=400)
    assert not Learner.objects.exists()
    client.post(of(question, "bookmark/"), {"bookmarked": "1", "time_zone": "Asia/Tokyo"})
    assert Bookmark.objects.get().learner.key == Learner.objects.get().key
    assert Learner.objects.get().time_zone == "Asia/Tokyo"
    assert {COOKIE, "learner"} <= client.cookies.keys()


def test_a_bookmark_is_set_once_and_taken_away_from_the_shelf(own, question):
    for _twice in range(2):
        page = own.post(of(question, "bookmark/"), {"bookmarked": "1"})
        assertRedirects(page, of(question))
    assert Bookmark.objects.count() == 1
    assertContains(own.get(of(question)), "It is on your shelf.")
    assertContains(own.get(SHELF), question.text)
    for _twice in range(2):
        page = own.post(of(question, "bookmark/"), {"bookmarked": "0", "from_shelf": "1"})
        assertRedirects(page, SHELF)
    assertContains(own.get(SHELF), "Nothing is on it yet.")


def test_a_note_is_written_changed_and_deleted(own, question):
    write(own, question, "Found / all.\r\nAsk about cost.")
    assert Note.objects.get().text == "Found / all.\nAsk about cost."
    assertContains(own.get(SHELF), "Found / all.\nAsk about cost.")
    for _twice in range(2):  # a form that is sent again, by Back or a double click
        assertRedirects(write(own, question, "Shorter.", "Found / all.\r\nAsk about cost."), of(question))
    assertContains(own.get(of(question)), "Shorter.")
    write(own, question, "", "Shorter.")
    assert not Note.objects.exists()


def test_a_note_has_10_000_characters_at_most_and_a_longer_one_stays_in_its_form(own, question):
    longest = "é\r\n" * 4_999 + "xy"  # a browser's line ends, each of which is stored as one character
    write(own, question, longest)
    assert len(Note.objects.get().text) == 10_000
    page = write(own, question, f"{longest}z", longest)
    assertContains(page, "A note has 10000 characters at most, and this one has 10001.", status_code=400)
    assertContains(page, "xyz", status_code=400)
    refused = write(own, question, f"{longest}z", longest, headers=JSON)
    assert (refused.status_code, "10001" in refused.json()["error"]) == (400, True)
    assert Note.objects.get().text.endswith("xy")


def test_a_note_that_another_device_changed_is_not_written_over_unseen(own, question):
    write(own, question, "As on the phone.")
    page = write(own, question, "As on the laptop.", "")
    for words in ("changed elsewhere", "As on the phone.", "As on the laptop."):
        assertContains(page, words, status_code=409)
    refused = write(own, question, "As on the laptop.", "", headers=JSON)
    assert (refused.status_code, refused.json()["text"]) == (409, "As on the phone.")
    assert Note.objects.get().text == "As on the phone."
    write(own, question, "As on the laptop.", "As on the phone.")
    assert Note.objects.get().text == "As on the laptop."


def test_steps_are_ticked_and_only_what_differs_is_changed(own, role):
    steps = [make_step(role=role).key for _ in range(3)]
    address = f"/practice/path/{role.slug}/"
    assertRedirects(own.post(address, {"done": steps[:2]}), address)
    assert own.get(address).content.decode().count("checked\n") == 2
    StepTick.objects.get(step=steps[0]).delete()  # on another device, while the form is open here
    own.post(address, {"done": [steps[0], steps[2]], "before": steps[:2]})
    assert StepTick.objects.get().step == steps[2]
    assertContains(own.get(SHELF), "1 of 3 steps")
    page = own.post(address, {"done": "nowhere"})
    assertContains(page, "The path has no step “nowhere” any more.", status_code=400)


def test_a_script_keeps_the_same_and_is_told_what_is_kept(own, question, role):
    step = make_step(role=role)
    for _twice in range(2):
        kept = own.post(of(question, "bookmark/"), {"bookmarked": "1"}, headers=JSON)
        assert kept.json() == {"bookmarked": True}
        assert write(own, question, "Cost.", headers=JSON).json() == {"text": "Cost."}
        ticked = own.post(f"/practice/path/{role.slug}/", {"done": step.key}, headers=JSON)
        assert ticked.json() == {"steps": [step.key]}
    kept = {"bookmarked": [question.slug], "notes": {question.slug: "Cost."}}
    assert kept.items() <= told(own, question=question.slug).items()
    assert (kept | {"steps": [step.key]}).items() <= told(own, role=role.slug).items()
    unticked = own.post(f"/practice/path/{role.slug}/", {"before": step.key}, headers=JSON)
    assert unticked.json() == {"steps": []}


@pytest.mark.parametrize("act", ["bookmark/", "note/"])
def test_what_is_wrong_is_refused_with_a_sentence(own, question, act):
    refused = own.post(f"{SHELF}nowhere/{act}", headers=JSON)
    assert (refused.status_code, "nothing with this address" in refused.json()["error"]) == (404, True)
    assert own.post(f"{SHELF}nowhere/{act}").status_code == 404
    refused = own.post(of(question, "bookmark/"), {"bookmarked": "maybe"}, headers=JSON)
    assert (refused.status_code, refused.json().keys()) == (400, {"error"})


def test_what_is_kept_of_a_retired_question_and_a_changed_path_stays(own, role, question):
    step = make_step(role=role, title="Statistics")
    own.post(of(question, "bookmark/"), {"bookmarked": "1"})
    write(own, question, "My words.")
    own.post(f"/practice/path/{role.slug}/", {"done": step.key})
    Question.objects.filter(pk=question.pk).update(status="retired")
    step.delete()
    page = own.get(SHELF)
    for words in (question.text, "not in the bank any more", "My words.", step.key):
        assertContains(page, words)
    for address in (SHELF, f"/practice/path/{role.slug}/"):
        assertContains(own.get(address), "not in the path any more")
    Role.objects.filter(pk=role.pk).update(status="retired")
    assertContains(own.get(f"/practice/path/{role.slug}/"), step.key)
    assert Client().get(of(question)).status_code == 404
    write(own, question, "", "My words.")
    own.post(of(question, "bookmark/"), {"bookmarked": "0"})
    own.post(f"/practice/path/{role.slug}/", {"before": step.key})
    assert told(own, question=question.slug)["bookmarked"] == []
    assertContains(own.get(SHELF), "Nothing is on it yet.")


def test_what_is_kept_of_what_this_bank_never_had_is_shown_and_can_be_taken_off(own, learner):
    Bookmark.objects.create(learner=learner, question_id="elsewhere")
    Note.objects.create(learner=learner, question_id="elsewhere", text="My words.")
    StepTick.objects.create(learner=learner, role_id="far", step="statistics")
    page = own.get(SHELF)
    for words in ("A question that is not in this bank", "My words.", "A role that is not in this bank"):
        assertContains(page, words)
    fields = re.findall(r'name="(question|role)" value="(\w+)"', page.content.decode())
    for name, uid in fields:
        assertRedirects(own.post(SHELF, {name: uid}), SHELF)
    assertContains(own.get(SHELF), "Nothing is on it yet.")


def test_words_of_a_draft_are_shown_to_nobody(own, learner):
    draft = make_question(text="Not for you?", status="draft", answer="")
    Bookmark.objects.create(learner=learner, question_id=draft.uid)
    assertNotContains(own.get(SHELF), "Not for you?")
    assert own.get(of(draft)).status_code == 404


def test_a_note_is_text_and_nobody_elses(own, question):
    write(own, question, "<b>mine alone</b>")
    assertContains(own.get(SHELF), "&lt;b&gt;mine alone")
    assertContains(Client().get(SHELF), "Nothing is on it yet.")
    assertNotContains(Client().get(of(question)), "mine alone")


@pytest.mark.parametrize("number", [1, 20])
def test_the_shelf_costs_the_same_queries_however_much_is_on_it(
    own, learner, number, django_assert_num_queries
):
    with record():
        for _ in range(number):
            role = make_role()
            question = make_question(roles=[role])
            Bookmark.objects.create(learner=learner, question_id=question.uid)
            Note.objects.create(learner=learner, question_id=question.uid, text="x")
            StepTick.objects.create(learner=learner, role_id=role.uid, step=make_step(role=role).key)
    with django_assert_num_queries(7):
        own.get(SHELF)
