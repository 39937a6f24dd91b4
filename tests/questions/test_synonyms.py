"""Synonyms of the search, as curators keep them."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from questions.models import Change, ChangeSet, Synonym
from questions.search import Query, find
from questions.writing import unrecorded
from tests.factories import make_question
from tests.questions.test_admin import address, change_url, form_of
from tests.questions.test_desk import member

pytestmark = pytest.mark.django_db


def is_found(words):
    return bool(find(Query.of(words)).rows)


def test_an_editor_adds_a_synonym_and_a_search_finds_by_it_at_once():
    make_question(text="What is Kubernetes?")
    editor = member("Editors")
    page = editor.post(address(Synonym, "add"), {"name": "Kubernetes", "also": "k8s\nkube"}, follow=True)
    assertContains(page, "Kubernetes")
    assert is_found("k8s")
    assert is_found("kube")
    assertContains(editor.get(address(Synonym)), "k8s, kube")


def test_a_synonym_is_changed_and_the_change_undone():
    make_question(text="What is Kubernetes?")
    synonym = Synonym.objects.create(name="Kubernetes", also=["k8s"])
    editor = member("Editors")
    editor.post(change_url(synonym), form_of(editor.get(change_url(synonym))) | {"also": "steersman"})
    assert (is_found("k8s"), is_found("steersman")) == (False, True)
    ChangeSet.objects.first().undo()
    assert (is_found("k8s"), is_found("steersman")) == (True, False)


def test_a_synonym_has_a_history_is_compared_and_deleted():
    synonym = Synonym.objects.create(name="Kubernetes", also=["k8s"])
    synonym.also = ["kube"]
    synonym.save()
    editor = member("Editors")
    history = editor.get(reverse("admin:questions_synonym_history", args=[synonym.pk]))
    assertContains(history, "kube")
    versions = [change.pk for change in Change.objects.filter(kind="synonym").order_by("pk")]
    compare = reverse("admin:questions_synonym_compare", args=[synonym.pk])
    assertContains(editor.get(compare, {"old": versions[0], "new": versions[1]}), "k8s")
    page = editor.post(reverse("admin:questions_synonym_delete", args=[synonym.pk]), {}, follow=True)
    assertContains(page, "Kubernetes")


def test_a_writer_sees_synonyms_and_changes_none():
    synonym = Synonym.objects.create(name="Kubernetes", also=["k8s"])
    writer = member("Writers")
    assertContains(writer.get(address(Synonym)), "Kubernetes")
    assert writer.post(change_url(synonym), {"name": "Other"}).status_code == 403
    assert writer.get(address(Synonym, "add")).status_code == 403


@pytest.mark.unrecorded(reason="A row as an older release could have made it.")
def test_a_form_that_nobody_can_search_for_is_refused():
    page = member("Editors").post(address(Synonym, "add"), {"name": "Not equal", "also": "!="})
    assertContains(page, "nobody can search for “!=”")
    unrecorded(Synonym).create(name="Not equal", also=["!="], slug="not-equal", uid="not-equal")
    make_question(text="What is not equal?")
    assert is_found("not equal")


def test_two_synonyms_of_one_name_are_refused():
    Synonym.objects.create(name="Kubernetes")
    page = member("Editors").post(address(Synonym, "add"), {"name": "Kubernetes", "also": ""})
    assertContains(page, "already exists")


def test_synonyms_travel_in_files(tmp_path):
    Synonym.objects.create(name="Kubernetes", also=["k8s"])
    call_command("dumpbank", tmp_path, verbosity=0)
    assert (
        "- slug: kubernetes\n  name: Kubernetes\n  also:\n  - k8s\n" in (tmp_path / "bank.yaml").read_text()
    )
    Synonym.objects.all().delete()
    call_command("loadbank", tmp_path, force=True, verbosity=0)
    assert Synonym.objects.get().also == ["k8s"]


def test_groups_that_were_made_before_there_were_synonyms_get_their_rights():
    rights = Permission.objects.filter(content_type__model="synonym")
    for group in Group.objects.all():
        group.permissions.remove(*rights)
    import_module("interviewprep.migrations.0002_curators_see_synonyms").grant(apps, None)
    assert Group.objects.get(name="Editors").permissions.filter(pk__in=rights).count() == 4
    writers = Group.objects.get(name="Writers").permissions.filter(pk__in=rights)
    assert [right.codename for right in writers] == ["view_synonym"]
