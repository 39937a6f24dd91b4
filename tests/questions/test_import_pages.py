"""Imports at the desk: read, looked through, edited, applied and undone, without script."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from questions.imported import Upload
from questions.importing import working
from questions.models import ChangeSet, Import, Question, Role, Topic
from questions.recording import record
from tests.factories import make_category, make_curator, make_question, make_role

pytestmark = pytest.mark.django_db

DOORS = "/admin/questions/import/"
TABLE = (
    "id,question,answer,difficulty,topics\n"
    "1,What is recall?,The share that is found.,easy,Metrics\n"
    "2,Why do we test?,To know.,hard,\n"
    "3,What is a mock?,,,\n"
)


@pytest.fixture
def editor(client):
    curator = make_curator()
    client.force_login(curator)
    return curator


@pytest.fixture
def writer(client, django_user_model):
    user = django_user_model.objects.create_user("dora", is_staff=True)
    user.groups.add(Group.objects.get(name="Writers"))
    client.force_login(user)
    return user


def send(client, text, name="deck.csv", **headers):
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(
        DOORS, {"files": SimpleUploadedFile(name, content)}, follow=not headers, headers=headers
    )


def read(client, text, name="deck.csv"):
    """The import of a file with this text."""
    page = send(client, text, name)
    assert page.status_code == 200
    return Import.objects.latest("pk")


def choose(client, row, *, taken=None, **values):
    """Send the form of the page, with the items `taken`."""
    row.refresh_from_db()
    numbers = range(len(row.items))
    taken = [number for number in numbers if row.items[number]["taken"]] if taken is None else taken
    data = {"version": row.version, "shown": list(numbers), "take": taken, "makes_topics": "on"}
    data |= {"status": "draft"} | values
    return client.post(reverse("admin:questions_import_choose", args=[row.pk]), data, follow=True)


def page_of(row, query=""):
    return reverse("admin:questions_import_change", args=[row.pk]) + query


def test_a_file_is_read_looked_through_and_applied_at_once(client, editor):
    page = send(client, TABLE)
    assertContains(page, "deck.csv: 3 items")
    assertContains(page, "What is recall?")
    assertContains(page, "no answer here: comes in as a draft")
    assertContains(page, "Apply these 3")
    assertContains(page, "Metrics")
    assert not Question.objects.exists()
    row = Import.objects.get()
    page = choose(client, row, taken=[0, 2], apply="1")
    assertContains(page, "Imported 2: 2 drafts.")
    assertContains(page, "Undo all 2")
    assertContains(page, "left out")
    assert sorted(Question.objects.values_list("text", "status")) == [
        ("What is a mock?", "draft"),
        ("What is recall?", "draft"),
    ]
    assertContains(client.get(DOORS), "2 came in, by curator")
    undo = reverse("admin:questions_changeset_act", args=[row.changeset_id, "undo"])
    client.post(undo)
    assert not Question.objects.exists()
    assert not Topic.objects.exists()
    assertContains(client.get(DOORS), "Undone by curator")
    assertContains(client.get(page_of(row)), "It came in, and was undone since.")
    assertContains(send(client, TABLE), "Apply these 3")


@pytest.mark.parametrize(
    ("show", "there", "not_there"),
    [
        ("new", "recall", "nowhere"),
        ("no-answer", "a mock", "recall"),
        ("wrong", "No item is like that", "recall"),
        ("nonsense", "recall", "nowhere"),
    ],
)
def test_items_are_sieved_by_verdict(client, editor, show, there, not_there):
    row = read(client, TABLE)
    page = client.get(page_of(row, f"?show={show}&page=77&left=x&edit=99"))
    assertContains(page, there)
    assertNotContains(page, not_there)


@pytest.mark.parametrize("length", [3, 120])
def test_a_page_of_items_takes_a_fixed_number_of_queries(client, editor, length, django_assert_num_queries):
    with record():
        for number in range(5):
            make_question(text=f"How does component {number} of the engine work?")
    lines = [
        f"{number},Is subject{number} of kind{number} odd?,So.,easy,T{number}" for number in range(length)
    ]
    lines += ["x,How does component 3 of the engine work?,Other.,hard,"] * (length // 3)
    row = read(client, "id,question,answer,difficulty,topics\n" + "\n".join(lines))
    client.get(page_of(row))
    with django_assert_num_queries(13):
        page = client.get(page_of(row, f"?page={-(-length // 50)}"))
    assertContains(page, "near-duplicate")


def test_the_list_of_imports_takes_a_fixed_number_of_queries(client, editor, django_assert_num_queries):
    row = read(client, TABLE)
    client.get(DOORS)
    with django_assert_num_queries(5):
        client.get(DOORS)
    choose(client, row, apply="1")
    row.changeset.refresh_from_db()
    row.changeset.undo(editor)
    for _number in range(3):
        row = read(client, TABLE)
    choose(client, row, apply="1")
    client.get(DOORS)
    with django_assert_num_queries(5):
        page = client.get(DOORS)
    assertContains(page, "Undone by curator")


def test_choices_are_kept_from_page_to_page_and_from_window_to_window(client, editor):
    row = read(client, TABLE)
    choose(client, row, taken=[0], role="", go="2", status="review")
    page = client.get(page_of(row))
    assertContains(page, "Apply these 1")
    assertContains(page, '<option value="review" selected>')
    stale = row.version
    page = choose(client, row, taken=[0, 1], version=stale, apply="1")
    assertContains(page, "changed in another window")
    assert not Question.objects.exists()
    address = reverse("admin:questions_import_choose", args=[row.pk])
    row.refresh_from_db()
    data = {"version": row.version, "shown": [0, 1, 2], "take": [1]}
    answer = client.post(address, data, headers={"accept": "application/json"})
    assert answer.json()["taken"] == 1
    choose(client, row, all="take")
    assertContains(client.get(page_of(row)), "Apply these 3")
    choose(client, row, all="leave", show="no-answer")
    assertContains(client.get(page_of(row)), "Apply these 2")


def test_an_item_is_edited_before_it_comes_in(client, editor):
    row = read(client, TABLE)
    page = client.get(page_of(row, "?edit=2"))
    seen = re.search(r'name="seen" value="(\w+)"', page.content.decode())[1]
    address = reverse("admin:questions_import_item", args=[row.pk, 2])
    words = {"question": "What is a mock object?", "answer": "A stand-in.", "difficulty": "hard"}
    words |= {"topics": "Testing, metrics", "seen": seen}
    assertContains(client.post(address, words, follow=True), "Item 3 is kept as you wrote it.")
    page = client.post(address, words | {"answer": "Mine, typed meanwhile."})
    assertContains(page, "changed in another window", status_code=409)
    assertContains(page, "Mine, typed meanwhile.", status_code=409)
    choose(client, row, apply="1")
    question = Question.objects.get(text="What is a mock object?")
    assert (question.answer, question.difficulty) == ("A stand-in.", "hard")
    assert [topic.name for topic in question.topics.all()] == ["Metrics", "Testing"]
    # What was edited is not overwritten by the next import of the same file.
    page = send(client, TABLE)
    assertContains(page, "changed here on")


def test_an_answer_that_is_too_long_is_edited_from_its_start(client, editor):
    row = read(client, "question,answer\nWhy?," + "word " * 20_000 + "\n")
    page = client.get(page_of(row, "?edit=0"))
    assertContains(page, "its first 50000 characters")
    assert len(page.content) < 100_000


def test_a_line_that_is_left_over_is_given_to_an_item(client, editor):
    text = "## 1. Why?\n\nSo.\n\n[top](#top)\n\n## 2. What?\n\nThat.\n\n[top](#top)\n\n## License\n\nMIT\n"
    row = read(client, text, "list.md")
    page = client.get(page_of(row))
    assertContains(page, "same line 2 times")
    number = next(n for n, left in enumerate(row.left_over) if left["text"] == "MIT")
    assertContains(page, "Add to item 2")
    address = reverse("admin:questions_import_left_over", args=[row.pk, number])
    assert client.post(address, {"item": "1", "text": "Another line"}, follow=True).status_code == 200
    row.refresh_from_db()
    assert row.left_over[number]["text"] == "MIT"
    client.post(address, {"item": "1", "text": row.left_over[number]["text"]})
    choose(client, row, apply="1")
    assert "MIT" in Question.objects.get(text="What?").answer


@pytest.mark.parametrize("address", ["choose", "discard", "left_over"])
def test_who_had_to_log_in_first_comes_back_to_the_import(client, editor, address):
    row = read(client, TABLE)
    number = [0] if address == "left_over" else []
    page = client.get(reverse(f"admin:questions_import_{address}", args=[row.pk, *number]))
    assertRedirects(page, page_of(row))
    assert Import.objects.get().changeset.state == ChangeSet.State.PLANNED


@pytest.mark.parametrize("address", ["choose", "discard", "left_over", "item"])
def test_what_is_sent_to_an_import_that_was_discarded_is_told(client, editor, address):
    row = read(client, TABLE)
    number = [0] if address in {"left_over", "item"} else []
    working.discard(row)
    page = client.post(reverse(f"admin:questions_import_{address}", args=[row.pk, *number]), follow=True)
    assertContains(page, "That import is not there any more")


def test_near_duplicates_are_left_out_taken_as_new_or_as_a_change(client, editor):
    other = make_question(text="What is data drift, and how do you detect it?", answer="Old.")
    row = read(client, "question,answer\nHow do you detect data drift and what is it?,New.\n")
    page = client.get(page_of(row))
    assertContains(page, "Compare the two")
    assertContains(page, "<del>Old")
    assertContains(choose(client, row, apply="1"), "Nothing is chosen")
    choose(client, row, **{"way-0": "change", "apply": "1"})
    other.refresh_from_db()
    assert (other.answer, other.text) == ("New.", "How do you detect data drift and what is it?")
    assert (other.status, other.slug) == ("published", "what-is-data-drift-and-how-do-you-detect-it")


def test_what_moved_on_is_planned_again_and_nothing_is_half_written(client, editor):
    row = read(client, TABLE)
    choose(client, row, apply="1")
    row = read(client, TABLE.replace("To know.", "To be sure.").replace("The share", "A share"))
    question = Question.objects.get(text="What is recall?")
    question.answer = "Between."
    question.save()
    page = choose(client, row, apply="1")
    assertContains(page, "it was planned again")
    assert Question.objects.get(text="Why do we test?").answer == "To know."
    assertContains(choose(client, row, apply="1"), "Imported 1: 1 change.")
    assert Question.objects.get(text="What is recall?").answer == "Between."


def test_what_a_curator_changed_meanwhile_comes_in_where_it_is_chosen_again(client, editor):
    choose(client, read(client, TABLE), apply="1")
    row = read(client, TABLE.replace("To know.", "To be sure.").replace("The share", "A share"))
    question = Question.objects.get(text="What is recall?")
    question.answer = "Between."
    question.save()
    choose(client, row, apply="1")
    assertContains(choose(client, row, taken=[0, 1], apply="1"), "Imported 2: 2 changes.")


def test_questions_are_placed_in_a_role(client, editor):
    role = make_role(name="Tester")
    row = read(client, TABLE)
    choose(client, row, role=role.uid, status="published", apply="1")
    assert role.placements.count() == 3
    assert [question.text for question in Question.objects.published().order_by("text")] == [
        "What is recall?",
        "Why do we test?",
    ]


def test_a_page_of_a_role_becomes_one(client, editor):
    text = '{"title": "Tester interview questions", "category": "Quality", "intro": "In.", "tips": ["Ask."], '
    text += '"questions": [{"question": "Why?", "answer": "So.", "difficulty": "easy"}]}'
    row = read(client, text, "page.json")
    page = client.get(page_of(row))
    assertContains(page, "Tester, a new role: 0 steps, 1 tip")
    choices = {"name": "Software Tester", "category": "Craft", "status": "published"}
    done = choose(client, row, role="file", **choices, apply="1")
    role = Role.objects.get()
    assertContains(done, f'<a href="{role.get_absolute_url()}">See the role in public</a>', html=True)
    assert (role.name, role.category.name, role.status) == ("Software Tester", "Craft", "published")
    assertContains(client.get(role.get_absolute_url()), "Ask.")


LIST = "# Tester Interview Questions\n\n## What is recall?\n\nA share.\n\n## Why do we test?\n\nTo know.\n"


def test_a_mere_list_becomes_a_role_where_that_is_chosen(client, editor):
    make_category(name="Quality")
    row = read(client, LIST, "list.md")
    page = client.get(page_of(row))
    assertContains(page, '<option value="file">Tester, a new role</option>', html=True)
    assertContains(page, 'value="Quality"')  # the first one, to be changed
    choose(client, row, apply="1")
    assert (Question.objects.count(), Role.objects.count()) == (2, 0)
    row = read(client, LIST, "list.md")
    done = choose(client, row, role="file", name="Tester", category="Craft", apply="1")
    assertContains(done, "Go to the role “Tester”")
    role = Role.objects.get()
    assert (role.name, role.category.name, role.status) == ("Tester", "Craft", "draft")
    assert role.placements.count() == 2
    row = read(client, f"{LIST}\n## What is drift?\n\nA change.\n", "list.md")
    page = client.get(page_of(row))
    assertContains(page, '<option value="file" selected>Tester, brought up to date</option>', html=True)
    choose(client, row, role="file", apply="1")
    assert role.placements.count() == 3


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Top 50 Tester Interview Questions and Answers (2026)", "Tester"),
        ("Interview questions for a Tester", "Tester"),
        ("100+ most commonly asked QA Engineer interview questions", "QA Engineer"),
        ("Interview Questions", "Interview Questions"),
        ("A/B Tester", "A/B Tester"),
    ],
)
def test_the_title_of_a_list_names_its_role(client, editor, title, name):
    row = read(client, LIST.replace("Tester Interview Questions", title), "list.md")
    assertContains(client.get(page_of(row)), f'<option value="file">{name}, a new role</option>', html=True)


def test_a_writer_imports_drafts_and_undoes_them(client, writer):
    page = client.get(DOORS)
    assertContains(page, "drafts of your own")
    theirs = make_question(text="Why do we test?", answer="Once.")
    row = read(client, TABLE)
    page = client.get(page_of(row))
    assertNotContains(page, '<option value="published"')
    assertNotContains(page, 'name="role"')
    choose(client, row, status="published", role="file", apply="1")
    assert set(Question.objects.values_list("status", flat=True)) == {"published"}  # theirs alone
    choose(client, row, apply="1")
    assert Question.objects.filter(author=writer, status="draft").count() == 2
    page = client.get(page_of(row))
    assertContains(page, "Undo all 2")
    client.post(reverse("admin:questions_changeset_act", args=[row.changeset_id, "undo"]))
    assert Question.objects.get() == theirs
    # What others import is none of theirs.
    other = Import.objects.create(changeset=ChangeSet.objects.planned([], source="import"))
    assert client.get(page_of(other)).status_code == 403
    assert client.post(reverse("admin:questions_import_discard", args=[other.pk])).status_code == 403
    assertNotContains(client.get(DOORS), page_of(other))


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "deck.csv", "The file is empty"),
        (b"%PDF-1.7", "deck.pdf", "This is a PDF"),
        (b"damaged", "deck.xlsx", "This is no .xlsx file"),
        (b"PK\x03\x04 damaged", "deck.zip", "The file is damaged"),
        (b"\x7fELF" + b"\0" * 600, "x", "This is no text"),
        ('{"a": [', "x.json", "Not JSON"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(client, editor, content, name, reason):
    page = send(client, content, name)
    assertContains(page, reason, status_code=400)
    assert not Import.objects.exists()
    assert not ChangeSet.objects.exists()


def test_what_was_pasted_is_kept_where_it_cannot_be_read(client, editor):
    page = client.post(DOORS, {"text": '{"questions": ['})
    assertContains(page, "{&quot;questions&quot;: [", status_code=400)
    page = client.post(DOORS, {"text": "  "})
    assertContains(page, "Choose a file, or paste something.", status_code=400)
    page = client.post(DOORS, {"text": "## Why?\n\nSo.\n"}, follow=True)
    assertContains(page, "pasted: one item")
    page = client.post(DOORS, {"text": "## Why\0 not?\n\nSo.\n", "key": "no key"}, follow=True)
    assertContains(page, "pasted: one item")
    assertContains(page, "Why not?")


def test_nothing_hostile_gets_through(client, editor):
    text = (
        "question,answer\n"
        '<script>alert(1)</script>?,"<img src=x onerror=alert(1)>"\n'
        '"=HYPERLINK(""http://a.example"")",Click\n' + "x" * 400 + "\x07<b>,\x07\n"
    )
    row = read(client, text, "a<b>.csv")
    page = client.get(page_of(row))
    assertNotContains(page, "<script>alert")
    assertNotContains(page, "<img src=x")
    assertContains(page, "=HYPERLINK(")
    assertContains(page, "a formula is taken as the text that it is")
    choose(client, row, apply="1")
    assert Question.objects.count() == 2


def test_columns_that_no_row_names_are_named_by_hand(client, editor):
    text = "Was?;Weil;Thema\nWarum testen wir?;Um es zu wissen.;Metrics\n"
    page = send(client, text, "fragen.csv")
    assertContains(page, "Warum testen wir?")
    upload = Upload.objects.get()
    address = reverse("admin:questions_import_columns", args=[upload.key])
    page = client.post(address, {"column-0": "", "column-1": "answer", "column-2": "topics"})
    assertContains(page, "Say which column holds the questions.")
    page = client.post(address, dict.fromkeys(["column-0", "column-1"], "question"))
    assertContains(page, "Only one column can hold this: question.")
    client.post(
        address, {"column-0": "question", "column-1": "answer", "column-2": "topics", "has_head": "on"}
    )
    row = Import.objects.get()
    assert [item["name"] for item in row.items] == ["Warum testen wir?"]
    assert not Upload.objects.exists()
    assertContains(client.get(address, follow=True), "is not kept any more")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_template_is_read_as_it_is_meant(client, editor, ending):
    template = client.get(reverse("admin:questions_import_template", args=[ending]))
    row = read(client, template.content, f"questions.{ending}")
    change = row.changeset.changes.get(kind="question")
    assert change.after["difficulty"] == "easy"
    assert len(change.after["key_points"]) == 2


def test_the_script_gets_the_way_on_and_the_progress(client, editor):
    answer = send(client, TABLE, accept="application/json")
    assert answer.json()["url"] == page_of(Import.objects.get())
    upload = Upload.objects.begin("key", editor)
    upload.note(20, 50)
    progress = reverse("admin:questions_import_progress", args=["key"])
    assert client.get(progress).json() == {"text": "Read 20 of 50.", "done": 20, "total": 50}
    page = client.post(DOORS, {"key": "key", "text": "## Why?\n\nSo."}, follow=True)
    assertContains(page, "This is being read already")


def test_what_nobody_applies_is_removed_after_a_day(client, editor):
    old = read(client, TABLE)
    ChangeSet.objects.update(created=timezone.now() - timedelta(days=2))
    new = read(client, TABLE)
    assert list(Import.objects.all()) == [new]
    assertContains(client.get(page_of(old), follow=True), "removed after a day")


def test_the_planned_set_of_an_import_is_looked_through_there(client, editor):
    row = read(client, TABLE)
    changeset = reverse("admin:questions_changeset_change", args=[row.changeset_id])
    assertRedirects(client.get(changeset), page_of(row))
    act = reverse("admin:questions_changeset_act", args=[row.changeset_id, "apply"])
    assertRedirects(client.post(act), page_of(row))
    assert not Question.objects.exists()


def test_an_import_is_discarded_and_its_page_says_so(client, editor):
    row = read(client, TABLE)
    client.post(reverse("admin:questions_import_discard", args=[row.pk]))
    assert not ChangeSet.objects.exists()
    assertContains(client.get(page_of(row), follow=True), "not there any more")


def test_strangers_import_nothing(client):
    assert client.get(DOORS).status_code == 302
    assert client.post(DOORS, {"text": "## Why?\n\nSo."}).status_code == 302
    assert not Import.objects.exists()
