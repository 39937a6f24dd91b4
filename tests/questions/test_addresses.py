"""Addresses: those that a person would choose, and where former ones lead."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from pytest_django.asserts import assertContains

from questions.fields import slug_of
from questions.models import ChangeSet, FormerSlug, Question, Role, Topic
from questions.recording import record
from questions.refusals import Invalid
from tests.factories import (
    empty_the_bank,
    make_category,
    make_curator,
    make_question,
    make_role,
    make_topic,
)
from tests.questions.test_admin import address, form_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C", "c"),
        ("C++", "cpp"),
        ("C#", "c-sharp"),
        ("F#", "f-sharp"),
        (".NET", "dotnet"),
        ("ASP.NET", "aspnet"),
        ("R&D", "r-and-d"),
        ("AT&T & more", "at-and-t-and-more"),
        ("Node.js", "nodejs"),
        ("Notepad++ plugins", "notepadpp-plugins"),
        ("Google+", "google-plus"),
        ("C++20", "cpp20"),
        ("CI/CD", "ci-cd"),
        ("naïve Bayes", "naïve-bayes"),
        ("संरचना", "संरचना"),
    ],
)
def test_an_address_is_what_a_person_would_choose(name, slug):
    assert slug_of(name) == slug


def test_what_collides_gets_a_number_so_that_installations_agree():
    slugs = [make_topic(name=name).slug for name in ("C#", "C sharp", "c-Sharp", "C  sharp!")]
    assert slugs == ["c-sharp", "c-sharp-2", "c-sharp-3", "c-sharp-4"]
    assert make_topic(name="C-sharp 2").slug == "c-sharp-2-2"
    role = make_role()
    keys = [role.tips.create(text=text).key for text in ("Be brief.", "Be brief!", "Be brief?")]
    assert keys == ["be-brief", "be-brief-2", "be-brief-3"]


@pytest.mark.parametrize("make", [make_question, make_role, make_topic])
def test_an_address_is_found_in_either_form_of_unicode(client, make):
    decomposed = unicodedata.normalize("NFD", "résumé-für-é")
    row = make(slug=decomposed)
    assert row.slug == unicodedata.normalize("NFC", decomposed)
    if make is make_topic:
        make_question(topics=[row])
    for slug in (row.slug, decomposed):
        page = client.get(row.get_absolute_url().replace("résumé-für-é", slug))
        assert page.status_code == 200


def test_two_addresses_are_exchanged_in_one_set_and_back(client):
    first, second = make_question(slug="one", text="First?"), make_question(slug="two", text="Second?")
    documents = {item.uid: item.document for item in _documents("question")}
    items = [
        ("question", first.uid, documents[first.uid] | {"slug": "two"}),
        ("question", second.uid, documents[second.uid] | {"slug": "one"}),
    ]
    changeset = ChangeSet.objects.plan(items, by_uid=True, source="import")
    changeset.apply()
    assert b"<h1>Second?</h1>" in client.get("/questions/one/").content
    changeset.undo()
    assert b"<h1>First?</h1>" in client.get("/questions/one/").content
    assert not FormerSlug.objects.exists()


def test_three_addresses_move_round():
    rows = [make_topic(name=name) for name in ("One", "Two", "Three")]
    slugs = [row.slug for row in rows]
    items = [
        ("topic", row.uid, {"slug": slug, "name": row.name})
        for row, slug in zip(rows, [*slugs[1:], slugs[0]], strict=True)
    ]
    ChangeSet.objects.plan(items, by_uid=True, source="import").apply()
    assert [Topic.objects.get(pk=row.pk).slug for row in rows] == ["two", "three", "one"]


def _documents(kind):
    from questions.documents import everything

    return [item for item in everything() if item.kind == kind]


def test_only_what_was_public_keeps_its_address(client):
    draft = make_question(slug="old", status="draft")
    draft.slug = "new"
    draft.save()
    assert not FormerSlug.objects.exists()
    assert make_question(slug="old", status="draft").slug == "old"


@pytest.mark.parametrize("make", [make_question, make_role])
def test_what_was_never_public_is_not_found(client, make):
    row = make(slug="secret", status="draft")
    type(row).objects.update(status="retired")
    page = client.get(row.get_absolute_url())
    assert page.status_code == 404
    assert str(row) not in page.content.decode()


@pytest.mark.parametrize("make", [make_question, make_role])
def test_what_was_public_says_that_it_is_gone(client, make):
    row = make()
    type(row).objects.update(status="retired")
    assert client.get(row.get_absolute_url()).status_code == 410


def test_a_former_address_of_a_draft_leads_nowhere(client):
    question = make_question(slug="old")
    question.slug = "new"
    question.save()
    assert client.get("/questions/old/").status_code == 301
    Question.objects.update(status="draft")
    assert client.get("/questions/old/").status_code == 404


def test_an_editor_frees_a_former_address(client):
    topic = make_topic(name="RAG")
    topic.slug = "retrieval"
    topic.save()
    client.force_login(make_curator())
    page = client.get(address(Topic, "change", topic.pk))
    client.post(address(Topic, "change", topic.pk), form_of(page) | {"former_slugs": ""})
    assert not FormerSlug.objects.exists()
    assert make_topic(name="rag").slug == "rag"
    ChangeSet.objects.filter(changes__uid=topic.uid).first()


def test_a_former_address_of_another_is_refused_with_a_sentence():
    topic = make_topic(name="RAG")
    topic.slug = "retrieval"
    topic.save()
    for values in ({"slug": "rag"}, {"slug": "other", "former_slugs": ["rag"]}):
        with pytest.raises(ValidationError, match="redirects to another page"):
            make_topic(name="Other", **values)


def test_redirects_travel_with_files_undo_and_deletion(client, tmp_path):
    question = make_question(slug="old", roles=[make_role(slug="tester")], topics=[make_topic(name="RAG")])
    topic = Topic.objects.get()
    for row, slug in (
        (question, "new"),
        (question, "newer"),
        (topic, "retrieval"),
        (Role.objects.get(), "qa"),
    ):
        row.slug = slug
        row.save()
    call_command("dumpbank", tmp_path)
    empty_the_bank()
    call_command("loadbank", tmp_path)
    for old, new in (
        ("/questions/old/", "/questions/newer/"),
        ("/questions/new/", "/questions/newer/"),
        ("/topics/rag/", "/topics/retrieval/"),
        ("/interview-questions/tester/", "/interview-questions/qa/"),
    ):
        assert client.get(old).url == new
    Topic.objects.all().delete()
    assert client.get("/topics/rag/").status_code == 404
    ChangeSet.objects.first().undo()
    assert client.get("/topics/rag/").url == "/topics/retrieval/"


def test_a_load_of_files_without_former_addresses_keeps_them(client, tmp_path):
    make_question(slug="old")
    call_command("dumpbank", tmp_path)
    call_command("loadbank", tmp_path)
    question = Question.objects.get()
    question.slug = "new"
    question.save()
    path = tmp_path / "questions" / "old.md"
    path.write_text(path.read_text().replace("---\nquestion", "---\nid: old\nquestion", 1))
    path.rename(path.with_name("new.md"))
    call_command("loadbank", tmp_path, force=True)
    assert client.get("/questions/old/").url == "/questions/new/"


def test_where_a_question_is_used_counts_former_addresses(client):
    question = make_question(slug="old")
    question.slug = "new"
    question.save()
    for number, target in enumerate(
        ["/questions/old/", "/questions/new", "/questions/old#x", "http://127.0.0.1:8000/questions/new/"]
    ):
        make_question(text=f"Linking {number}?", answer=f"See [it]({target}).")
    make_question(text="Not linking?", answer="See [it](/questions/newer/).")
    client.force_login(make_curator())
    page = client.get(address(Question, "change", question.pk))
    url = f"{address(Question)}?links_to=new"
    assertContains(page, f'href="{url}"')
    found = {row.text for row in client.get(url).context["cl"].result_list}
    assert found == {f"Linking {number}?" for number in range(4)}


def test_a_renamed_file_is_reported_and_a_missing_one_is_listed(tmp_path, capsys):
    for number in range(2):
        make_question(text=f"What is the number {number} that everybody asks for?", slug=f"number-{number}")
    call_command("dumpbank", tmp_path)
    empty_the_bank()
    call_command("loadbank", tmp_path)
    path = tmp_path / "questions" / "number-0.md"
    path.rename(path.with_name("renamed.md"))
    with pytest.raises(CommandError, match="looks like number-0 renamed: write “id: number-0”"):
        call_command("loadbank", tmp_path)
    assert Question.objects.count() == 2
    (tmp_path / "questions" / "renamed.md").unlink()
    capsys.readouterr()
    call_command("loadbank", tmp_path)
    assert "No longer in the folder, and left as it is: question number-0" in capsys.readouterr().out


def test_names_sort_alike_on_every_database(client):
    names = ["Zoo", "apple", "Économie", "Ökologie", "zebra", "ähnlich", "C++", "Émile"]
    for name in names:
        make_question(topics=[make_topic(name=name)])
        make_role(name=name, category=make_category(name=f"{name} field"))
    expected = ["ähnlich", "apple", "C++", "Économie", "Émile", "Ökologie", "zebra", "Zoo"]
    assert [topic.name for topic in Topic.objects.all()] == expected
    assert [role.name for role in Role.objects.all()] == expected
    page = client.get("/topics/").content.decode()
    places = [page.index(f">{name}<") for name in expected]
    assert places == sorted(places)
    Topic.objects.filter(name="Zoo").update(name="Aal")
    assert Topic.objects.first().name == "Aal"


@pytest.mark.parametrize("update_fields", [None, ["slug"]])
def test_an_older_instance_keeps_all_redirects(client, update_fields):
    question = make_question(slug="aaa")
    old = Question.objects.get()
    question.slug = "bbb"
    question.save()
    old.slug = "ccc"
    old.save(update_fields=update_fields)
    assert [client.get(f"/questions/{slug}/").url for slug in ("aaa", "bbb")] == ["/questions/ccc/"] * 2


def test_the_address_of_another_page_is_no_former_one(client):
    first, second = make_topic(name="One"), make_topic(name="Two")
    first.former_slugs = ["two"]
    with pytest.raises(ValidationError, match="is the address of another page"):
        first.save()
    client.force_login(make_curator())
    page = client.get(address(Topic, "change", first.pk))
    page_again = client.post(address(Topic, "change", first.pk), form_of(page) | {"former_slugs": "two"})
    assert "is the address of another page" in page_again.content.decode()
    items = [("topic", "one", {"slug": "one", "name": "One", "former": ["two"]})]
    with pytest.raises(Invalid, match="is the address of another page"):
        ChangeSet.objects.plan(items, source="import")
    second.save()  # and the other one is not locked out


def test_addresses_exchanged_by_hand_in_one_act_lock_nobody_out():
    first, second = make_topic(name="One"), make_topic(name="Two")
    with record():
        for row, slug in ((first, "free"), (second, "one"), (first, "two")):
            row.slug = slug
            row.save()
    for row in Topic.objects.all():
        row.save()
    assert dict(Topic.objects.values_list("name", "slug")) == {"One": "two", "Two": "one"}


def test_a_load_that_reuses_what_another_gives_up_is_undone():
    ChangeSet.objects.plan([("topic", "a", {"slug": "a", "name": "A"})], source="load").apply()
    items = [("topic", "a", {"slug": "b", "name": "B"}), ("topic", "c", {"slug": "a", "name": "A"})]
    changeset = ChangeSet.objects.plan(items, by_uid=True, source="load")
    changeset.apply()
    changeset.undo()
    assert list(Topic.objects.values_list("uid", "slug", "name")) == [("a", "a", "A")]
    items = [("topic", "a", None), ("topic", "d", {"slug": "a", "name": "A"})]
    ChangeSet.objects.plan(items, by_uid=True, source="import").apply()
    assert list(Topic.objects.values_list("uid", "slug")) == [("d", "a")]


@pytest.mark.parametrize(
    "document",
    [
        {"former": 5},
        {"former": None},
        {"former": [[1]]},
        {"former": [{"a": 1}]},
        {"former": ["x" * 150]},
        {"reviewed_on": 5},
        {"reviewed_on": [1]},
        {"reviewed_on": True},
        {"key_points": None},
        {"follow_ups": [None]},
        {"sources": 7},
        {"topics": "rag"},
        {"topics": [1]},
        {"text": 5, "question": 5},
    ],
    ids=str,
)
def test_a_document_of_wrong_types_is_refused_with_a_sentence(document):
    whole = {"slug": "q", "question": "Q?", "difficulty": "easy", "answer": "x"} | document
    with pytest.raises(Invalid, match=r"\w+ \w+"):
        ChangeSet.objects.plan([("question", "q", whole)], source="import")
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize(
    "item",
    [
        ("opinion", "x", {}),
        ("topic", None, {}),
        ("topic", "x" * 101, {}),
        ("topic", "x", "text"),
        ("topic", "", {}),
    ],
    ids=str,
)
def test_what_is_no_item_is_a_mistake_of_the_caller(item):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        ChangeSet.objects.plan([item], source="import")
