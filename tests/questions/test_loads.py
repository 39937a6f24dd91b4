"""Loads of many documents: in batches, in short transactions, all or nothing."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from questions import bankfiles
from questions.changes import changes_applied
from questions.documents import KINDS, everything
from questions.models import ChangeSet, Question, Role, Topic
from questions.refusals import Conflict, Invalid

pytestmark = pytest.mark.django_db


def documents(number, words="Words"):
    """A category, two topics, `number` questions and a role that has them all."""
    yield "category", "field", {"slug": "field", "name": "Field"}
    for slug in ("one", "two"):
        yield "topic", slug, {"slug": slug, "name": slug.capitalize()}
    slugs = [f"question-{place}" for place in range(number)]
    for place, slug in enumerate(slugs):
        yield (
            "question",
            slug,
            {
                "slug": slug,
                "question": f"Number {place}?",
                "difficulty": "easy",
                "status": "published",
                "topics": ["two", "one"],
                "answer": f"{words} of number *{place}*.",
            },
        )
    role = {"slug": "role", "name": "Role", "category": "field", "status": "published", "intro": "What."}
    steps = [{"title": "First", "body": "Learn **it**."}, {"title": "Second", "body": "Do it."}]
    yield "role", "role", role | {"questions": slugs, "steps": steps, "tips": [{"text": "Speak."}]}


def load(number, words="Words"):
    changeset = ChangeSet.objects.plan(documents(number, words), source=ChangeSet.Source.LOAD)
    changeset.apply()
    return changeset


def queries_of(act):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        act()
    return len(queries)


def test_a_load_makes_rows_as_a_form_would():
    load(3)
    question = Question.objects.get(slug="question-1")
    assert question.answer_html == '<p dir="auto">Words of number <em>1</em>.</p>\n'
    assert [topic.uid for topic in question.topics.order_by("uid")] == ["one", "two"]
    assert question.published_at is not None
    role = Role.objects.get()
    assert [placement.question.slug for placement in role.placements.all()] == [
        "question-0",
        "question-1",
        "question-2",
    ]
    assert [(step.key, step.position) for step in role.steps.all()] == [("first", 1), ("second", 2)]
    assert role.steps.first().body_html == '<p dir="auto">Learn <strong>it</strong>.</p>\n'


def test_queries_grow_by_the_batch_and_not_by_the_document():
    few = queries_of(lambda: load(4))
    many = queries_of(lambda: load(40, "Other words"))
    undone = queries_of(ChangeSet.objects.first().undo)
    # SQLite takes some 1,000 values at once: a few rows more make an insert more, but not one each.
    assert few < 100
    assert many < 110
    assert undone < 140


def test_a_second_load_updates_in_place_and_undo_brings_all_back():
    load(5)
    before = everything()
    placements = set(Role.objects.get().placements.values_list("pk", flat=True))
    changeset = load(7, "Other words")
    assert placements < set(Role.objects.get().placements.values_list("pk", flat=True))
    assert changeset.counts() == {"created": 2, "changed": 6, "deleted": 0}
    changeset.undo()
    now = {item.key: item.document for item in everything()}
    assert {item.key: item.document for item in before}.items() <= now.items()
    assert [now["question", f"question-{n}"]["status"] for n in (5, 6)] == ["retired", "retired"]


def test_of_two_loads_at_once_the_second_finds_everything_done():
    first, second = (ChangeSet.objects.plan(documents(3), source=ChangeSet.Source.LOAD) for _ in range(2))
    first.apply()
    number = Question.objects.get(slug="question-0").version
    second.apply()
    assert second.changes.count() == 0
    assert Question.objects.get(slug="question-0").version == number


def test_of_two_different_loads_at_once_the_second_is_refused():
    first, second = (
        ChangeSet.objects.plan(documents(3, words), source=ChangeSet.Source.LOAD) for words in ("A", "B")
    )
    first.apply()
    with pytest.raises(Conflict, match="Changed in the meantime: Number 0"):
        second.apply()
    assert Question.objects.get(slug="question-0").answer.startswith("A")


def test_a_rule_that_is_broken_is_found_before_anything_is_written():
    items = list(documents(3))
    items[3][2]["difficulty"] = "impossible"
    items[4][2]["topics"] = ["three"]
    items[5][2]["slug"] = "question-0"
    items[-1][2]["questions"] = []
    with pytest.raises(Invalid) as refusal:
        ChangeSet.objects.plan(items, source=ChangeSet.Source.LOAD)
    wrong = {change.uid: set(error.message_dict) for change, error in refusal.value.errors}
    assert wrong == {
        "question-0": {"difficulty", "slug"},
        "question-1": {"topics"},
        "question-2": {"slug"},
    }
    assert not ChangeSet.objects.exists()


def test_what_a_set_refers_to_may_go_before_it_is_applied():
    load(1)
    changeset = ChangeSet.objects.plan(
        [("question", "new", dict(list(documents(1))[3][2], slug="new", question="New?"))],
        source=ChangeSet.Source.IMPORT,
    )
    Topic.objects.get(uid="one").delete()
    with pytest.raises(Conflict):
        changeset.apply()
    assert not Question.objects.filter(uid="new").exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_an_interrupted_load_leaves_nothing_behind(tmp_path, error):
    bankfiles.write([*items_for_files()], tmp_path)

    def interrupt(sender, **kwargs):
        raise error

    changes_applied.connect(interrupt)
    try:
        with pytest.raises(error):
            call_command("loadbank", tmp_path)
    finally:
        changes_applied.disconnect(interrupt)
    assert not ChangeSet.objects.exists()
    assert not Question.objects.exists()
    call_command("loadbank", tmp_path)
    assert Question.objects.count() == 3


def items_for_files():
    return [(kind, uid, KINDS[kind].clean(document)) for kind, uid, document in documents(3)]


def test_a_plan_that_nobody_confirms_is_swept_after_a_day():
    old, new = (ChangeSet.objects.plan(documents(n), source=ChangeSet.Source.IMPORT) for n in (1, 2))
    ChangeSet.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(days=2))
    load(3)
    assert set(ChangeSet.objects.filter(state="planned")) == {new}


def test_a_load_that_meets_another_says_so(tmp_path, monkeypatch):
    bankfiles.write([*items_for_files()], tmp_path)

    def conflict(changeset, *args):
        raise Conflict(list(changeset.changes.all()))

    monkeypatch.setattr(ChangeSet, "apply", conflict)
    with pytest.raises(CommandError, match="Nothing was loaded: load it again"):
        call_command("loadbank", tmp_path)
    assert not ChangeSet.objects.exists()


def test_a_load_says_what_it_did_and_how_long_it_took(tmp_path, capsys):
    bankfiles.write([*items_for_files()], tmp_path)
    call_command("loadbank", tmp_path)
    assert (
        "Loaded 7 documents: 7 new, 0 changed, 0 as they were, 0 left alone. It took"
        in capsys.readouterr().out
    )
