"""Two people save the same document: nothing of either is lost, or taken back without a word."""

import pytest
from pytest_django.asserts import assertContains

from learningpath.models import Tip
from questions.models import Placement
from questions.recording import record
from tests.factories import make_question, make_role, make_step, make_tip
from tests.questions.test_admin import change_url, form_of
from tests.questions.test_desk import fresh, member, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def other():
    return member("Editors")


@pytest.fixture
@record()
def role():
    role = make_role(name="Tester", intro="Old.")
    for text in ("One?", "Two?", "Three?"):
        make_question(roles=[role], text=text)
    make_step(role=role, title="Old step")
    make_tip(role=role, text="Old tip.")
    return role


def order(role):
    return [placement.question.text for placement in role.placements.all()]


def both(editor, other, role, theirs, mine, **choices):
    """Both open the form of `role`; the other one saves first. Returns the page of the conflict."""
    opened = form_of(editor.get(change_url(role)))
    save(other, role, **theirs)
    page = editor.post(change_url(role), opened | mine)
    assert page.context["conflict"]
    editor.post(change_url(role), form_of(page) | choices)
    return page


def test_rows_that_only_they_changed_stay_theirs(editor, other, role):
    theirs = {"tips-0-text": "Their tip.", "steps-0-title": "Their step", "placements-2-position": 1}
    page = both(editor, other, role, theirs, {"intro": "Mine."})
    assertContains(page, "The two changed different things")
    assert fresh(role).intro == "Mine."
    assert (role.tips.get().text, role.steps.get().title) == ("Their tip.", "Their step")
    assert order(role) == ["Three?", "One?", "Two?"]


@pytest.mark.parametrize(("choice", "expected"), [("mine", "My tip."), ("theirs", "Their tip.")])
def test_rows_that_both_changed_are_a_choice(editor, other, role, choice, expected):
    choices = {"choose-tips": choice}
    page = both(editor, other, role, {"tips-0-text": "Their tip."}, {"tips-0-text": "My tip."}, **choices)
    assertContains(page, 'name="choose-tips"')
    assert role.tips.get().text == expected


def test_a_row_that_they_deleted_and_i_did_not_touch_stays_deleted(editor, other, role):
    both(editor, other, role, {"tips-0-DELETE": "on"}, {"intro": "Mine."})
    assert (fresh(role).intro, Tip.objects.count()) == ("Mine.", 0)


def test_a_row_that_they_deleted_and_i_changed_is_not_lost(editor, other, role):
    both(editor, other, role, {"tips-0-DELETE": "on"}, {"tips-0-text": "Mine."}, **{"choose-tips": "mine"})
    assert role.tips.get().text == "Mine."


def test_a_row_that_they_added_stays(editor, other, role):
    opened = form_of(editor.get(change_url(role)))
    make_tip(role=role, text="New tip.")
    page = editor.post(change_url(role), opened | {"intro": "Mine."})
    editor.post(change_url(role), form_of(page))
    assert (fresh(role).intro, role.tips.count()) == ("Mine.", 2)


def test_a_question_that_was_taken_out_of_a_role_meanwhile_can_still_be_saved(editor, role):
    question = role.placements.first().question
    opened = form_of(editor.get(change_url(question)))
    Placement.objects.filter(question=question).delete()
    assert editor.post(change_url(question), opened | {"answer": "Mine."}).status_code == 302
    assert (fresh(question).answer, question.placements.count()) == ("Mine.", 0)


def test_a_row_without_a_number_keeps_its_place(editor, role):
    save(editor, role, **{"placements-1-position": ""})
    assert order(role) == ["One?", "Two?", "Three?"]


def test_a_row_that_is_sent_by_hand_adds_no_role_to_a_category(editor, role):
    page = editor.get(change_url(role.category))
    values = form_of(page) | {"roles-TOTAL_FORMS": 2, "roles-1-position": 1}
    assert editor.post(change_url(role.category), values).status_code < 500
    assert role.category.roles.count() == 1
