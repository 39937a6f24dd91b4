"""Colleagues: added, changed, switched off and deleted by Editors and operators, and by nobody else."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from interviewprep.colleagues import ColleagueAdmin
from questions.models import ChangeSet
from tests.factories import make_curator, make_question
from tests.questions.test_admin import form_of
from tests.questions.test_desk import change_url, fresh, member, write
from tests.reading import text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/auth/user/"
ADD = "/admin/auth/user/add/"
PASSWORD = "copper lantern quiet harbour"
DORA = {
    "first_name": "Dora",
    "last_name": "Miller",
    "username": "dora",
    "new_password": PASSWORD,
    "duty": "writer",
    "is_active": "on",
}


@pytest.fixture
def writer():
    return member("Writers")


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def operator():
    client = Client()
    client.user = make_curator(username="ops")
    client.force_login(client.user)
    return client


@pytest.fixture
def dora(editor):
    editor.post(ADD, DORA)
    return User.objects.get(username="dora")


def log_in(username="dora", password=PASSWORD):
    client = Client()
    client.post("/admin/login/", {"username": username, "password": password})
    return client


def is_logged_in(client):
    return client.get("/admin/").status_code == 200


def save(client, user, **values):
    """Open the form of `user`, change `values` in it (None: untick), and send it."""
    form = form_of(client.get(change_url(user)))
    sent = {name: value for name, value in (form | values).items() if value is not None}
    return client.post(change_url(user), sent, follow=True)


def delete_url(user):
    return f"{change_url(user).removesuffix('change/')}delete/"


def page_of(user, name):
    return reverse(f"admin:colleague_{name}", args=[user.pk])


# Adding


@pytest.mark.parametrize("duty", ["writer", "editor"])
def test_somebody_who_is_added_can_log_in_at_once_and_open_the_desk(editor, duty):
    page = editor.post(ADD, DORA | {"duty": duty}, follow=True)
    assertRedirects(page, LIST)
    said = f"Dora Miller can log in now, as {duty.title()}. Tell them the address and the password."
    assert said in text_of(page)
    assertContains(page, f'<a href="{ADD}">Add another</a>')
    assertNotContains(page, PASSWORD)
    dora = log_in()
    assert is_logged_in(dora)
    publishes = dora.get("/admin/questions/question/add/").content.decode().count('name="_publish"')
    assert publishes == (duty == "editor")


def test_a_writer_is_the_duty_that_is_chosen_at_first(editor):
    assert form_of(editor.get(ADD))["duty"] == "writer"


def test_a_weak_password_is_told_at_its_field_and_never_shown_again(editor):
    page = editor.post(ADD, DORA | {"new_password": "miller-7", "duty": "editor"})
    errors = page.context["adminform"].form.errors
    assert [*errors] == ["new_password"]
    assertContains(page, 'value="Miller"')
    assert form_of(page)["duty"] == "editor"
    assertNotContains(page, "miller-7")
    assert not User.objects.filter(username="dora").exists()


@pytest.mark.parametrize("name", ["dora", "Dora", "DORA"])
def test_a_taken_name_is_refused_in_other_case_too_and_says_who_has_it(editor, dora, name):
    assertContains(editor.post(ADD, DORA | {"username": name}), "That name is taken; Dora Miller has it.")
    save(editor, dora, is_active=None)
    assertContains(editor.post(ADD, DORA | {"username": name}), "has it, who is switched off.")


@pytest.mark.parametrize("name", ["", "a b", "x" * 151, "<b>", "dora\x00", "-" * 1_000_000])
def test_a_name_that_cannot_be_one_is_told_at_its_field(editor, name):
    page = editor.post(ADD, DORA | {"username": name})
    assert [*page.context["adminform"].form.errors] == ["username"]


@pytest.mark.parametrize("name", ["Đorđe.O-Neill+1@desk", "百合", "x" * 150])
def test_names_of_any_language_and_length_are_shown_whole(editor, name):
    editor.post(ADD, DORA | {"username": name, "first_name": "", "last_name": "<i>O’Neill & 100%</i>"})
    page = editor.get(LIST)
    assertContains(page, name)
    assertContains(page, "&lt;i&gt;O’Neill &amp; 100%&lt;/i&gt;")
    assert is_logged_in(log_in(name))


# Who may


def test_a_writer_has_no_page_of_colleagues(writer, dora):
    addresses = [LIST, ADD, change_url(dora), change_url(writer.user), delete_url(dora)]
    addresses += [page_of(dora, "second_factor"), f"{change_url(dora).removesuffix('change/')}history/"]
    assert {writer.get(address).status_code for address in addresses} == {403}
    posts = [ADD, change_url(dora), change_url(writer.user), delete_url(dora)]
    posts += [page_of(dora, "second_factor"), page_of(dora, "switch_off")]
    assert {writer.post(address, DORA | {"post": "yes"}).status_code for address in posts} == {403}
    assertNotContains(writer.get("/admin/"), LIST)
    assertContains(member("Editors").get("/admin/"), f'href="{LIST}"')


def with_other_rights():
    user = User.objects.create_user("delegate", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_group"))
    return user


@pytest.mark.parametrize("who", [make_curator, with_other_rights])
def test_an_editor_cannot_touch_somebody_with_more_rights(editor, who):
    other = who()
    before = User.objects.filter(pk=other.pk).values().get()
    for address in (change_url(other), delete_url(other), page_of(other, "second_factor")):
        assert editor.get(address).status_code == 403
    acts = [page_of(other, "second_factor"), page_of(other, "switch_off")]
    for address in (change_url(other), delete_url(other), *acts):
        assert editor.post(address, DORA | {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=other.pk).values().get() == before
    assertNotContains(editor.get(LIST), change_url(other))


def test_an_editor_makes_no_operators(editor, dora):
    page = editor.post(ADD, DORA | {"username": "eve", "duty": "operator"})
    assert "duty" in page.context["adminform"].form.errors
    save(editor, dora, duty="operator", is_superuser="on")
    assert not User.objects.filter(is_superuser=True).exists()


def test_nobody_changes_their_own_rights(editor, operator):
    for client in (editor, operator):
        mine = client.user
        groups = [*mine.groups.all()]
        client.post(change_url(mine), DORA | {"username": "me", "duty": "operator", "is_superuser": "on"})
        client.post(change_url(mine), DORA | {"username": "me", "duty": "writer", "is_active": ""})
        now = fresh(mine)
        assert (now.username, now.is_superuser, now.is_active) == ("me", mine.is_superuser, True)
        assert [*now.groups.all()] == groups
        assert now.password == mine.password
        now.username = mine.username + "-2"
        now.save()
        for address in (delete_url(mine), page_of(mine, "switch_off"), page_of(mine, "second_factor")):
            assert client.post(address, {"post": "yes"}).status_code == 403
    assert User.objects.filter(is_active=True).count() == 2


def test_an_operator_makes_operators_and_takes_it_back(operator, dora):
    save(operator, dora, duty="operator")
    assert (fresh(dora).is_superuser, fresh(dora).groups.count()) == (True, 0)
    assertContains(operator.get(LIST), "Operator")
    save(operator, dora, duty="editor")
    assert not fresh(dora).is_superuser
    assert fresh(dora).groups.get().name == "Editors"


def test_of_two_operators_who_switch_each_other_off_at_once_one_stays(operator, monkeypatch):
    """The second one has lost the right by the time at which the first one has been waited for."""
    other = make_curator(username="other")
    form = form_of(operator.get(change_url(other)))
    lock = ColleagueAdmin.colleague_to_change

    def meanwhile(*args):
        User.objects.filter(pk=operator.user.pk).update(is_active=False)
        return lock(*args)

    monkeypatch.setattr(ColleagueAdmin, "colleague_to_change", meanwhile)
    del form["is_active"]
    assert operator.post(change_url(other), form).status_code == 403
    operator.post(page_of(other, "switch_off"))
    operator.post(delete_url(other), {"post": "yes"})
    assert fresh(other).is_active


def test_other_groups_of_a_colleague_stay(operator, dora):
    dora.groups.add(Group.objects.create(name="Translators"))
    save(operator, dora, duty="editor")
    assert {group.name for group in dora.groups.all()} == {"Editors", "Translators"}


def test_groups_are_edited_nowhere(operator):
    assert operator.get("/admin/auth/group/").status_code == 404


# Changing


def test_a_form_that_is_saved_untouched_changes_nothing(editor, dora):
    session = log_in()
    assertContains(save(editor, dora), "Saved: Dora Miller.")
    assert is_logged_in(session)
    assert fresh(dora).groups.get().name == "Writers"


def test_another_password_logs_out_and_logs_in(editor, dora):
    session = log_in()
    page = save(editor, dora, new_password="other lantern, other harbour")
    assertContains(page, "Dora Miller has another password")
    assertNotContains(page, "other lantern")
    assert not is_logged_in(session)
    assert is_logged_in(log_in(password="other lantern, other harbour"))
    assertNotContains(editor.get(f"{change_url(dora).removesuffix('change/')}history/"), "lantern")


def test_who_may_not_log_in_for_want_of_staff_status_is_seen_and_let_in(editor):
    old = User.objects.create_user("old", password=PASSWORD)
    old.groups.add(Group.objects.get(name="Writers"))
    assert not is_logged_in(log_in("old"))
    assertContains(editor.get(LIST), "not allowed yet")
    save(editor, old, is_active="on")
    assert is_logged_in(log_in("old"))


# Leaving


def test_who_is_switched_off_is_logged_out_and_back_with_all_their_words(editor, dora):
    session = log_in()
    question = write(session)
    page = save(editor, dora, is_active=None)
    assertContains(page, "Dora Miller can no longer log in")
    assert not is_logged_in(session)
    assert not is_logged_in(log_in())
    assert "switched off" in text_of(editor.get(LIST))
    assertContains(save(editor, dora, is_active="on"), "Dora Miller can log in again, as Writer.")
    assert not is_logged_in(session)
    assertContains(log_in().get("/admin/"), str(question))


def test_whom_history_names_is_switched_off_in_place_of_deleted(editor, dora):
    session = log_in()
    write(session)
    for page in (editor.get(delete_url(dora)), editor.post(delete_url(dora), {"post": "yes"})):
        assertContains(page, "History names them: switch them off instead.")
        assertContains(page, f'action="{page_of(dora, "switch_off")}"')
    assertContains(editor.post(page_of(dora, "switch_off"), follow=True), "Dora Miller can no longer log in")
    assert not fresh(dora).is_active
    assert not is_logged_in(session)
    assertNotContains(editor.get(delete_url(dora)), page_of(dora, "switch_off"))


def test_who_looked_after_a_colleague_is_named_by_history_too(editor, operator, dora):
    assertContains(operator.get(delete_url(editor.user)), "History names them")


def test_who_did_nothing_can_be_deleted(editor, dora):
    assertContains(editor.get(delete_url(dora)), "nothing is lost but the account")
    assertContains(editor.post(delete_url(dora), {"post": "yes"}, follow=True), "Deleted: dora.")
    assert not User.objects.filter(username="dora").exists()


# The second factor


def test_an_editor_switches_the_second_factor_of_a_colleague_off(editor, dora):
    TOTPDevice.objects.create(user=dora, name="app", confirmed=True)
    assert not is_logged_in(log_in())
    assertContains(editor.get(change_url(dora)), page_of(dora, "second_factor"))
    assertContains(editor.get(page_of(dora, "second_factor")), "Ask for it by voice first")
    assert TOTPDevice.objects.filter(user=dora).exists()
    page = editor.post(page_of(dora, "second_factor"), follow=True)
    assertContains(page, "The second factor of Dora Miller is off")
    assert is_logged_in(log_in())
    history = editor.get(f"{change_url(dora).removesuffix('change/')}history/")
    assertContains(history, "Switched the second factor off.")
    assertContains(history, editor.user.username)


# The list


@pytest.mark.parametrize("number", [1, 40])
def test_the_list_costs_the_same_for_any_number(editor, dora, number, django_assert_num_queries):
    for index in range(number):
        user = User.objects.create_user(f"colleague-{index}", is_staff=True)
        user.groups.add(Group.objects.get(name="Writers"))
        ChangeSet.objects.create(author=user, source="admin", state="planned")
        TOTPDevice.objects.create(user=user, confirmed=True)
    with django_assert_num_queries(7):
        page = editor.get(LIST)
    assert text_of(page).count("1 change set") == number


def test_the_list_leads_to_what_a_colleague_did(editor, dora):
    write(log_in(), text="By Dora?")
    make_question(text="By a command?")
    history = f"/admin/questions/changeset/?author={dora.username}"
    assertContains(editor.get(LIST), history)
    page = editor.get(history)
    assertContains(page, "By Dora?")
    assertNotContains(page, "By a command?")


def test_the_author_of_a_question_leads_where_a_writer_may_go(writer):
    page = writer.get(change_url(write(writer)))
    history = f"/admin/questions/changeset/?author={writer.user.username}"
    assertContains(page, history)
    assertNotContains(page, LIST)
    assert writer.get(history).status_code == 200


# Upgrades


def test_editors_of_an_older_installation_get_the_right_with_the_upgrade(editor):
    editors = Group.objects.get(name="Editors")
    editors.permissions.remove(*editors.permissions.filter(content_type__app_label="auth"))
    assert editor.get(LIST).status_code == 403
    import_module("interviewprep.migrations.0001_editors_look_after_colleagues").grant(apps, None)
    assert editor.get(LIST).status_code == 200


def test_what_an_operator_takes_from_editors_stays_taken(editor):
    editors = Group.objects.get(name="Editors")
    editors.permissions.remove(*editors.permissions.filter(content_type__app_label="auth"))
    call_command("migrate", verbosity=0)
    assert editor.post(ADD, DORA).status_code == 403
