import hashlib
import re
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from questions.models import ChangeSet, ContentVersion, Question, Role
from questions.recording import record
from tests.factories import (
    make_category,
    make_curator,
    make_question,
    make_role,
    make_step,
    make_tip,
    make_topic,
)

pytestmark = pytest.mark.django_db

BANK = [*apps.get_app_config("questions").get_models(), *apps.get_app_config("learningpath").get_models()]
# What is shown within its change set, its link, the form, its question and the import.
WITHIN = {"change", "linkuse", "presence", "topiclisting", "upload"}
BANK = [model for model in BANK if model._meta.model_name not in WITHIN]

# Django's tabular.html, by feature release, as templates/admin/edit_inline/tabular.html was compared with it.
COMPARED = {
    "5.2": "ef1b0d9b50be1e24e18f44c96571af7070202de3816eeb9746318c8aa5d6f1f7",
    "6.1": "c86c726f3adcd10d5fdd82c6612977cf5f06338aecd08b4f7ee132b43b5dbbdc",
}


@pytest.fixture
def curator():
    return make_curator()


@pytest.fixture
def desk(client, curator):
    """A client that is logged in as a curator."""
    client.force_login(curator)
    return client


def address(model, page="changelist", *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def change_url(row):
    """The address of a row's page in the admin."""
    return address(type(row), "change", row.pk)


def form_of(page):
    """The values that a browser would send back if nothing were touched."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for bound in form:
            value = "" if bound.value() is None else bound.field.prepare_value(bound.value())
            values[bound.html_name] = getattr(value, "pk", value)
    return {name: value for name, value in values.items() if value is not False}


@pytest.mark.parametrize("model", BANK)
def test_every_model_has_a_list_that_searches_and_filters(desk, model):
    make_tip(role=make_role())
    assert desk.get(address(model)).status_code == 200
    assert desk.get(address(model), {"q": "nothing like it"}).status_code == 200


@pytest.mark.parametrize("length", [1, 30])
def test_every_list_costs_at_most_twelve_queries(desk, length, django_assert_max_num_queries, subtests):
    with record():  # one change set: made one by one, they take PostgreSQL long
        for _ in range(length):
            role = make_role(category=make_category())
            make_question(roles=[role], topics=[make_topic()])
            make_step(role=role)
            make_tip(role=role)
    for model in BANK:
        desk.get(address(model))
        with subtests.test(model=model), django_assert_max_num_queries(12):
            desk.get(address(model))


@pytest.mark.parametrize("length", [1, 30])
def test_the_form_of_a_role_costs_a_fixed_number_of_queries(desk, length, django_assert_num_queries):
    role = make_role()
    with record():
        for _ in range(length):
            question = make_question(roles=[role])
            make_step(role=role)
            make_tip(role=role)
    url = change_url(role)
    desk.get(url)
    with django_assert_num_queries(12):  # one counts what the sidebar lists; four tell who is here
        page = desk.get(url)
    assertContains(page, f'<option value="{question.pk}" selected>{question}</option>', html=True)


@pytest.mark.parametrize("model", BANK)
def test_a_stranger_sees_no_list(client, model):
    assertRedirects(client.get(address(model)), f"/admin/login/?next={address(model)}")


def test_a_word_changed_is_on_the_page_at_the_next_load(desk, client, curator):
    question = make_question(roles=[make_role(name="Tester")], text="Old words?", topics=[make_topic()])
    number = ContentVersion.objects.get().number
    page = desk.get(change_url(question))
    response = desk.post(change_url(question), form_of(page) | {"text": "New words?"})
    assertRedirects(response, address(Question))
    assertContains(client.get("/interview-questions/tester/"), "New words?")
    changeset = ChangeSet.objects.first()
    assert (changeset.author, changeset.source, str(changeset)) == (curator, "admin", "New words?")
    assert ContentVersion.objects.get().number == number + 1
    assert question.topics.count() == 1


def test_saving_an_untouched_form_changes_nothing(desk):
    question = make_question(
        sources=[{"title": "A | B", "url": "https://a.example"}], key_points=["One", "Two"]
    )
    count_before = ChangeSet.objects.count()
    page = desk.get(change_url(question))
    desk.post(change_url(question), form_of(page))
    assert ChangeSet.objects.count() == count_before


def test_a_question_is_written_with_its_lists_and_its_place(desk, curator):
    role = make_role()
    desk.post(
        address(Question, "add"),
        {
            "text": "What is recall?",
            "difficulty": "easy",
            "status": "published",
            "answer": "The share\r\nfound.",
            "key_points": "One\r\n\r\n  Two  ",
            "follow_ups": "",
            "sources": "A book, 2016\r\nA page | https://a.example/x",
            "placements-TOTAL_FORMS": 1,
            "placements-INITIAL_FORMS": 0,
            "placements-0-role": role.pk,
            "placements-0-position": "",
        },
    )
    question = Question.objects.get()
    assert (question.slug, question.author, question.answer) == (
        "what-is-recall",
        curator,
        "The share\nfound.",
    )
    assert question.key_points == ["One", "Two"]
    assert question.sources == [{"title": "A book, 2016"}, {"title": "A page", "url": "https://a.example/x"}]
    assert role.placements.get().position == 1


def test_a_role_is_edited_in_one_place_as_one_change_set(desk):
    role = make_role()
    first, second = make_question(roles=[role]), make_question(roles=[role])
    step = make_step(role=role)
    count_before = ChangeSet.objects.count()
    page = desk.get(change_url(role))
    changes = {
        "placements-0-position": 2,
        "placements-1-position": 1,
        "steps-0-title": "Learn more",
        "tips-TOTAL_FORMS": 1,
        "tips-0-text": "Bring a number.",
        "tips-0-position": "",
        "tips-0-role": role.pk,
        "tips-0-id": "",
    }
    response = desk.post(change_url(role), form_of(page) | changes)
    assertRedirects(response, address(Role))
    assert [placement.question for placement in role.placements.all()] == [second, first]
    assert role.steps.get().key == step.key
    assert ChangeSet.objects.count() == count_before + 1
    assert ChangeSet.objects.first().changes.get().after["tips"] == [
        {"key": "bring-a-number", "text": "Bring a number."}
    ]


def test_the_second_of_two_curators_sees_the_conflict_and_loses_nothing(desk):
    question = make_question(text="As it began?")
    opened = form_of(desk.get(change_url(question)))
    desk.post(change_url(question), opened | {"text": "The first one's?"})
    response = desk.post(change_url(question), opened | {"text": "The second one's?"})
    assertContains(response, "curator saved this while you were writing")
    assertContains(response, "The first one&#x27;s?")
    assert form_of(response)["text"] == "The second one's?"
    question.refresh_from_db()
    assert question.text == "The first one's?"
    version = re.search(r'name="base" value="(\d+)"', response.content.decode())[1]
    desk.post(change_url(question), opened | {"text": "Mine?", "base": version})
    question.refresh_from_db()
    assert question.text == "Mine?"


def test_invalid_values_are_reported_and_nothing_is_written(desk):
    question = make_question()
    count_before = ChangeSet.objects.count()
    page = desk.get(change_url(question))
    bad = {"sources": "x | ftp://a.example", "key_points": "x" * 301, "slug": "a b"}
    response = desk.post(change_url(question), form_of(page) | bad)
    for error in ("An address begins with https://", "at most 300 characters", "make an address"):
        assertContains(response, error)
    assert ChangeSet.objects.count() == count_before


def test_preview_is_made_by_the_sites_own_renderer(desk, client):
    response = desk.post("/admin/questions/question/preview/", {"text": "**Bold** <script>"})
    lost = '<ul class="lost"><li>Line 1: HTML is shown as text: &lt;script&gt;</li></ul>'
    assert response.content.decode() == lost + '<p dir="auto"><strong>Bold</strong> &lt;script&gt;</p>\n'
    assert desk.get("/admin/questions/question/preview/").status_code == 405
    client.logout()
    assert client.post("/admin/questions/question/preview/", {"text": "x"}).status_code == 302


def test_preview_says_where_a_text_is_too_long(desk):
    page = desk.post("/admin/questions/question/preview/", {"text": f"x\r\n\r\n{'y' * 50_000}"})
    assertContains(page, "<li>Line 3: here end the 50000 characters that a text may have</li>")
    page = desk.post("/admin/questions/question/preview/", {"text": "y" * 50_000})
    assertNotContains(page, "<li>")


LONG = {
    "answer": ("y" * 50_001, "at most 50000 characters"),
    "short_answer": ("y" * 50_001, "at most 50000 characters"),
    "key_points": ("y\n" * 101, "Keep the list to 100 entries; this has 101."),
    "follow_ups": ("y\n" * 101, "Keep the list to 100 entries; this has 101."),
    "sources": ("y\n" * 101, "Keep the list to 100 entries; this has 101."),
    "note": ("y" * 2_001, "at most 2000 characters"),
}


@pytest.mark.parametrize("name", LONG)
def test_each_text_of_a_question_has_a_longest_length(desk, name):
    question = make_question(status="review")
    text, error = LONG[name]
    response = desk.post(change_url(question), form_of(desk.get(change_url(question))) | {name: text})
    assertContains(response, error)
    assertContains(response, text[:50_000].strip()[:200])


def test_view_on_site_leads_to_what_is_public_only(desk):
    shown, draft = make_question(), make_question(status="draft")
    assertContains(desk.get(change_url(shown)), "See it in public")
    assertNotContains(desk.get(change_url(draft)), "See it in public")


def test_history_is_read_only(desk):
    make_question()
    changeset = ChangeSet.objects.first()
    assertContains(desk.get(change_url(changeset)), "Difficulty")
    desk.post(change_url(changeset), {"summary": "x"})
    changeset.refresh_from_db()
    assert changeset.summary != "x"
    assert desk.post(address(ChangeSet, "delete", changeset.pk), {"post": "yes"}).status_code == 403


def test_the_fork_of_the_tabular_inline_was_compared_with_the_installed_django():
    release = "{}.{}".format(*django.VERSION)
    original = Path(admin.__file__).parent / "templates/admin/edit_inline/tabular.html"
    digest = hashlib.sha256(original.read_bytes()).hexdigest()
    assert COMPARED.get(release) == digest, (
        f"Compare the fork with Django's and add the hash: see what changed in {original}, bring it into "
        f"templates/admin/edit_inline/ where it matters, then set COMPARED[{release!r}] to {digest!r}."
    )
