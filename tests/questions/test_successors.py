"""A retired question's address leads to the one that took its place."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import ChangeSet, Question
from questions.writing import unrecorded
from tests.factories import empty_the_bank, make_question, make_role
from tests.questions.test_admin import change_url, form_of
from tests.questions.test_desk import fresh, member, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return member("Editors")


def retire(question, successor=""):
    row = fresh(question)
    row.status, row.successor = "retired", successor and successor.uid
    row.save()
    return row


def test_the_form_names_a_successor_and_the_address_leads_there(editor, client):
    old, new = make_question(text="Old?"), make_question(text="New?", slug="new")
    page = save(editor, old, _retire="", successor=new.pk, follow=True)
    assertContains(page, "Retired “Old?”. Its address leads to “New?”.")
    gone = client.get(old.get_absolute_url())
    assertContains(gone, '<a href="/questions/new/">New?</a>', status_code=410, html=True)
    opened = editor.get(change_url(old))
    assert form_of(opened)["successor"] == new.pk
    assert editor.post(change_url(old), form_of(opened) | {"successor": ""}).status_code == 302
    assertNotContains(client.get(old.get_absolute_url()), "Read instead", status_code=410)


def test_retiring_asks_which_question_takes_its_place(editor):
    question, other = make_question(), make_question(text="Another one?")
    values = form_of(editor.get(change_url(question)))
    assertContains(editor.post(change_url(question), values | {"_retire": ""}), "Choose one, if another")
    page = editor.post(change_url(question), values | {"_retire": "", "successor": other.pk})
    assertContains(page, "leads to “Another one?”")


def test_the_last_of_a_row_of_successors_is_shown_and_circles_end(client):
    first, second, third = (make_question(text=text) for text in ("First?", "Second?", "Third?"))
    retire(first, second)
    retire(second, third)
    assertContains(client.get(first.get_absolute_url()), "Third?", status_code=410)
    retire(third, first)
    assertNotContains(client.get(first.get_absolute_url()), "Read instead", status_code=410)


def test_a_question_is_not_its_own_successor(editor):
    question = make_question()
    page = editor.post(
        change_url(question), form_of(editor.get(change_url(question))) | {"successor": question.pk}
    )
    assertContains(page, "A question cannot be its own successor.")
    with pytest.raises(ValidationError):
        Question(text="x", uid="x", slug="x", successor="x").full_clean()


@pytest.mark.unrecorded(reason="the constraint is tried below what records")
def test_the_database_refuses_it_too():
    question = make_question()
    with pytest.raises(IntegrityError), transaction.atomic():
        unrecorded(Question).filter(pk=question.pk).update(successor=question.uid)


def test_a_successor_that_is_gone_harms_nothing(editor, client):
    draft = make_question(status="draft")
    old = retire(make_question(), draft)
    draft.delete()
    assertNotContains(client.get(old.get_absolute_url()), "Read instead", status_code=410)
    save(editor, old, answer="Other words.")
    assert fresh(old).answer == "Other words."


def test_files_name_it_by_its_address_and_bring_it_back(tmp_path):
    new = make_question(text="New?", slug="newer", roles=[make_role()])
    old = retire(make_question(text="Old?", slug="old"), new)
    call_command("dumpbank", tmp_path)
    assert "successor: newer" in (tmp_path / "questions" / "old.md").read_text()
    empty_the_bank()
    call_command("loadbank", tmp_path)
    assert Question.objects.get(slug="old").successor == Question.objects.get(slug="newer").uid
    assert old.successor == new.uid


def test_it_is_undone_like_everything_else(editor):
    old, new = make_question(), make_question()
    save(editor, old, successor=new.pk)
    assert fresh(old).successor == new.uid
    ChangeSet.objects.first().undo(editor.user)
    assert fresh(old).successor == ""
