"""Curators put the roles of a category, and the categories, in order."""

import pytest
from pytest_django.asserts import assertContains

from questions.models import Category, ChangeSet, Role
from tests.factories import make_category, make_question, make_role
from tests.questions.test_admin import address, change_url, form_of
from tests.questions.test_desk import fresh, member

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def category():
    category = make_category(name="Data")
    for name in ("Analyst", "Engineer", "Scientist"):
        make_question(roles=[make_role(name=name, category=category)])
    return category


def names(category):
    return [role.name for role in category.roles.all()]


def move(editor, category, row, number):
    page = editor.get(change_url(category))
    return editor.post(change_url(category), form_of(page) | {f"roles-{row}-position": number})


def test_without_an_order_roles_are_sorted_by_name(category):
    assert names(category) == ["Analyst", "Engineer", "Scientist"]


def test_the_page_of_a_category_orders_its_roles_for_readers(editor, category, client):
    move(editor, category, 2, 1)
    assert names(category) == ["Scientist", "Analyst", "Engineer"]
    page = client.get("/").content.decode()
    assert page.index("Scientist") < page.index("Analyst") < page.index("Engineer")
    move(editor, category, 0, 3)
    assert names(category) == ["Analyst", "Engineer", "Scientist"]
    ChangeSet.objects.first().undo(editor.user)
    assert names(category) == ["Scientist", "Analyst", "Engineer"]


def test_a_save_without_a_move_changes_no_role(editor, category):
    before = ChangeSet.objects.count()
    editor.post(change_url(category), form_of(editor.get(change_url(category))) | {"name": "Data work"})
    assert ChangeSet.objects.count() == before + 1
    assert ChangeSet.objects.first().changes.count() == 1


def test_a_new_role_comes_last_where_there_is_an_order(editor, category):
    move(editor, category, 2, 1)
    inlines = {f"{name}-TOTAL_FORMS": 0 for name in ("placements", "steps", "tips")}
    inlines |= {f"{name}-INITIAL_FORMS": 0 for name in ("placements", "steps", "tips")}
    values = {"name": "Architect", "category": category.pk, "intro": "It designs."}
    response = editor.post(address(Role, "add"), values | inlines)
    assert response.status_code == 302, response.context["errors"]
    assert names(category)[-1] == "Architect"


def test_a_new_category_comes_last(editor, category):
    Category.objects.filter(pk=category.pk).update(position=7)
    page = editor.get(address(Category, "add"))
    assertContains(page, 'name="position" value="8"')
    editor.post(address(Category, "add"), form_of(page) | {"name": "Another"})
    assert Category.objects.last().name == "Another"


def test_the_order_is_a_part_of_the_role(editor, category):
    move(editor, category, 2, 1)
    change = ChangeSet.objects.first().changes.get(uid=Role.objects.get(name="Scientist").uid)
    assert (change.before["position"], change.after["position"]) == (0, 1)
    assert fresh(Role.objects.get(name="Scientist")).position == 1
