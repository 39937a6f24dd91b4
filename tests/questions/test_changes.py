import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from questions.models import (
    Category,
    Change,
    ChangeSet,
    ContentVersion,
    FormerSlug,
    Placement,
    Question,
    Role,
    Topic,
)
from questions.recording import record
from questions.refusals import Closed, Conflict
from questions.writing import unrecorded
from tests.factories import make_category, make_question, make_role, make_step, make_tip, make_topic

pytestmark = pytest.mark.django_db


def version():
    return ContentVersion.objects.get().number


def newest():
    return ChangeSet.objects.first()


def test_a_save_is_one_change_set_with_the_document_before_and_after():
    question = make_question(text="Old?")
    question.text = "New?"
    question.save()
    change = newest().changes.get()
    assert (change.kind, change.uid, change.base) == ("question", question.uid, 1)
    assert (change.before["question"], change.after["question"]) == ("Old?", "New?")
    assert newest().state == "applied"


def test_saving_the_same_words_changes_nothing():
    question = make_question()
    before = ChangeSet.objects.count(), version()
    question.save()
    assert (ChangeSet.objects.count(), version()) == before


def test_all_that_one_act_does_is_one_change_set():
    role = make_role()
    question = make_question()
    sets = ChangeSet.objects.count()
    with record(summary="Place it"):
        Placement.objects.create(role=role, question=question)
        make_step(role=role)
        make_tip(role=role)
        question.topics.set([make_topic(name="RAG")])
    assert ChangeSet.objects.count() == sets + 1
    kinds = {change.kind: change for change in newest().changes.all()}
    assert set(kinds) == {"role", "question", "topic"}
    assert kinds["role"].after["questions"] == [question.uid]
    assert kinds["question"].after["topics"] == ["rag"]


def test_content_version_rises_with_public_words_only():
    number = version()
    draft = make_question(status="draft")
    draft.answer = "Another."
    draft.save()
    assert version() == number
    draft.status = "published"
    draft.save()
    assert version() == number + 1
    draft.answer = "A third."
    draft.save()
    assert version() == number + 2


def save_with_a_bad_one(question):
    with record():
        question.save()
        make_question(difficulty="impossible")


def test_a_failed_act_leaves_nothing_behind():
    question = make_question(text="Old?")
    before = ChangeSet.objects.count(), version()
    question.text = "New?"
    with pytest.raises(IntegrityError):
        save_with_a_bad_one(question)
    question.refresh_from_db()
    assert question.text == "Old?"
    assert (ChangeSet.objects.count(), version()) == before


def test_undo_brings_back_words_order_and_what_was_deleted():
    role = make_role(name="Tester", status="draft")
    first, second = make_question(roles=[role]), make_question(roles=[role])
    step = make_step(role=role)
    with record():
        role.placements.get(question=first).delete()
        first.difficulty = "hard"
        first.save()
        Role.objects.get(pk=role.pk).delete()
    assert not Role.objects.exists()
    newest().undo()
    role = Role.objects.get(name="Tester")
    assert [placement.question for placement in role.placements.all()] == [first, second]
    assert role.steps.get().key == step.key
    first.refresh_from_db()
    assert first.difficulty == "medium"


def test_undo_of_an_undo_does_it_again_and_each_set_is_undone_once():
    question = make_question(text="Old?")
    question.text = "New?"
    question.save()
    done = newest()
    done.undo().undo()
    question.refresh_from_db()
    assert question.text == "New?"
    with pytest.raises(Closed):
        done.undo()


def test_undo_of_what_has_moved_on_is_a_conflict_and_changes_nothing():
    question = make_question(text="Old?")
    question.text = "New?"
    question.save()
    done = newest()
    question.text = "Newer?"
    question.save()
    sets = ChangeSet.objects.count()
    with pytest.raises(Conflict, match="Changed in the meantime"):
        done.undo()
    question.refresh_from_db()
    assert question.text == "Newer?"
    assert ChangeSet.objects.count() == sets


def test_old_documents_apply_after_the_model_has_changed():
    question = make_question(text="Old?")
    question.text = "New?"
    question.save()
    for change in newest().changes.all():
        before = {key: value for key, value in change.before.items() if key != "sources"}
        unrecorded(Change).filter(pk=change.pk).update(before=before | {"mood": "gone since"})
    newest().undo()
    question.refresh_from_db()
    assert (question.text, question.sources) == ("Old?", [])


@pytest.mark.parametrize("make", [make_question, make_role])
def test_what_was_published_is_retired_never_deleted(make):
    row = make()
    rows = type(row).objects.filter(pk=row.pk)
    for delete in (row.delete, rows.delete):
        with pytest.raises(models.ProtectedError):
            delete()
    Change.objects.filter(kind=row.kind, uid=row.uid, before__isnull=True).get().changeset.undo()
    assert rows.get().status == "retired"


def test_deleting_a_topic_is_a_change_of_its_questions():
    topic = make_topic(name="RAG")
    question = make_question(topics=[topic])
    topic.delete()
    assert newest().changes.get(kind="question").uid == question.uid
    newest().undo()
    assert [topic.name for topic in question.topics.all()] == ["RAG"]


def test_steps_and_tips_stay_themselves_when_their_words_are_mended():
    role = make_role()
    step, tip = make_step(role=role, title="Lern it"), make_tip(role=role)
    step.title = "Learn it"
    step.save()
    newest().undo()
    assert role.steps.get().pk == step.pk
    assert role.tips.get().pk == tip.pk


def test_a_restored_document_goes_on_from_its_last_version():
    category = make_category()
    category.name = "Renamed"
    category.save()
    category.delete()
    newest().undo()
    assert Category.objects.get().version > 2


def test_renamed_document_keeps_its_identity_in_history():
    question = make_question(text="What is RAG?")
    question.slug = "rag"
    question.save()
    assert question.uid == "what-is-rag"
    newest().undo()
    question.refresh_from_db()
    assert question.slug == "what-is-rag"
    assert FormerSlug.objects.get().slug == "rag"


def test_new_row_may_not_take_a_former_slug():
    topic = make_topic(name="RAG")
    topic.slug = "retrieval"
    topic.save()
    assert make_topic(name="RAG again", slug="").slug == "rag-again"
    again = Topic(name="Rag", slug="rag")
    with pytest.raises(ValidationError, match="redirects to another page"):
        again.full_clean()
    assert make_topic(name="rag").slug != "rag"


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Question, {"difficulty": "impossible"}),
        (Question, {"status": "lost"}),
        (Question, {"text": " "}),
        (Question, {"answer": ""}),
        (Role, {"name": ""}),
        (Role, {"internships_url": "javascript:alert(1)"}),
        (Category, {"name": ""}),
        (ChangeSet, {"state": "lost"}),
        (ChangeSet, {"source": "nobody"}),
        (ContentVersion, {"id": 2}),
    ],
)
def test_the_database_refuses_what_breaks_a_rule(model, values):
    make_question(roles=[make_role()])
    with pytest.raises(IntegrityError), transaction.atomic():
        unrecorded(model).update(**values)


def test_the_database_refuses_a_second_placement_and_a_second_slug():
    role = make_role()
    question = make_question(roles=[role])
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(role=role, question=question)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_question(slug=question.slug)


def test_saving_some_fields_does_not_bring_back_the_html_of_old_words():
    question = make_question(answer="Old words.")
    stale = Question.objects.get(pk=question.pk)
    question.answer = "New words."
    question.save()
    stale.reviewed_on = "2026-11-21"
    stale.save(update_fields=["reviewed_on"])
    question.refresh_from_db()
    assert question.answer_html == '<p dir="auto">New words.</p>\n'


def test_an_undo_that_would_take_a_topic_from_questions_is_a_conflict():
    topic = make_topic(name="RAG")
    made = newest()
    question = make_question(topics=[topic])
    with pytest.raises(Conflict):
        made.undo()
    assert question.topics.get() == topic


def test_an_undo_that_would_take_the_category_of_a_role_is_a_conflict():
    category = make_category()
    made = newest()
    make_role(category=category)
    with pytest.raises(Conflict):
        made.undo()
    assert Category.objects.exists()


def test_bringing_back_places_the_questions_of_then_whatever_their_addresses_are_now():
    question = make_question(text="What is RAG?")
    role = make_role()
    Placement.objects.create(role=role, question=question)
    placed = newest().changes.get(kind="role")
    role.placements.all().delete()
    question.slug = "rag-new"
    question.save()
    question.former_slugs = []
    question.save()
    make_question(text="Other?", slug="what-is-rag")
    placed.bring_back(None)
    assert role.placements.get().question == question
