"""Every door into the bank: what Django can write is recorded, or refused with a sentence.

The fixture `_history_knows_all` compares history with the rows after each of these tests.
"""

from copy import deepcopy

import pytest
from asgiref.sync import async_to_sync
from django.core.serializers import deserialize, serialize
from django.db.models import F, Value

from learningpath.models import LearningStep, Tip
from questions import markdown
from questions.models import (
    Category,
    ChangeSet,
    ContentVersion,
    FormerSlug,
    Placement,
    Question,
    QuestionTopic,
    Role,
    Topic,
)
from questions.recording import record
from tests.questions.test_recording import Bank, set_and_save, set_text, words

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared_bank(shared_rows):
    with shared_rows():
        return Bank()


@pytest.fixture
def bank(shared_bank):
    """Each test has rows of its own to change."""
    return deepcopy(shared_bank)


RECORDED = {
    "save": lambda bank: set_and_save(bank.question, text="Another?"),
    "save of some fields": lambda bank: set_and_save(bank.question, ["text"], text="Another?"),
    "save_base": lambda bank: [setattr(bank.tip, "text", "Another."), bank.tip.save_base()],
    "save of a row that was read in part": lambda bank: set_and_save(
        Question.objects.only("text", "version").get(pk=bank.question.pk), text="Another?"
    ),
    "save of a step in another role": lambda bank: set_and_save(bank.step, role=bank.other_role),
    "asave": lambda bank: async_to_sync(changed_tip(bank).asave)(),
    "adelete": lambda bank: async_to_sync(bank.step.adelete)(),
    "bulk_create over known parts": lambda bank: LearningStep.objects.bulk_create(
        [LearningStep(role=bank.role, key=bank.step.key, title="New", body="**New**.", position=1)],
        update_conflicts=True,
        unique_fields=["role", "key"],
        update_fields=["title", "body"],
    ),
    "a row made by hand": lambda bank: Tip(
        pk=bank.tip.pk, role=bank.role, key=bank.tip.key, text="By hand.", position=1
    ).save(),
    "delete": lambda bank: bank.draft.delete(),
    "delete of a role": lambda bank: bank.draft_role.delete(),
    "delete of a topic": lambda bank: bank.topic.delete(),
    "update": lambda bank: Question.objects.update(difficulty="hard"),
    "update of Markdown": lambda bank: bank.own(Question).update(answer="**Bold**"),
    "update by an expression": lambda bank: Category.objects.update(position=F("position") + 1),
    "update of a category": lambda bank: Role.objects.update(category=bank.other_category),
    "update of a role": lambda bank: Tip.objects.filter(pk=bank.tip.pk).update(role=bank.other_role),
    "update of a role by key": lambda bank: Tip.objects.filter(pk=bank.tip.pk).update(
        role_id=bank.other_role.pk
    ),
    "update of a topic's question": lambda bank: QuestionTopic.objects.filter(question=bank.question).update(
        question=bank.draft
    ),
    "update by the base manager": lambda bank: Question._base_manager.update(difficulty="hard"),
    "update by the base manager of parts": lambda bank: Tip._base_manager.update(text="Another."),
    "bulk_update": lambda bank: Question.objects.bulk_update(
        [set_text(bank.question), set_text(bank.draft)], ["text"]
    ),
    "bulk_update of parts": lambda bank: Placement.objects.bulk_update(
        [set_question(bank.role.placements.get(), bank.draft)], ["question"]
    ),
    "bulk_create of parts": lambda bank: Tip.objects.bulk_create(
        [Tip(role=bank.role, text="One."), Tip(role=bank.other_role, text="Two.")]
    ),
    "get_or_create": lambda bank: Topic.objects.get_or_create(name="New"),
    "update_or_create of a new row": lambda bank: Topic.objects.update_or_create(name="New"),
    "update_or_create of a known row": lambda bank: Question.objects.update_or_create(
        slug=bank.question.slug, defaults={"text": "Another?"}
    ),
    "update_or_create by a manager": lambda bank: bank.role.tips.update_or_create(
        key=bank.tip.key, defaults={"text": "Another."}
    ),
    "queryset delete": lambda bank: Role.objects.filter(pk=bank.draft_role.pk).delete(),
    "queryset delete of parts": lambda bank: bank.role.placements.all().delete(),
    "reverse add": lambda bank: bank.other_category.roles.add(bank.role),
    "reverse add, one by one": lambda bank: bank.other_category.roles.add(bank.role, bulk=False),
    "reverse set": lambda bank: bank.other_category.roles.set([bank.role, bank.other_role]),
    "reverse add of a step": lambda bank: bank.other_role.steps.add(bank.step),
    "reverse set of tips": lambda bank: bank.other_role.tips.set([bank.tip]),
    "reverse create": lambda bank: bank.role.placements.create(question=bank.other),
    "many-to-many add": lambda bank: bank.question.topics.add(bank.other_topic),
    "many-to-many add by key": lambda bank: bank.question.topics.add(bank.other_topic.pk),
    "many-to-many add, reverse": lambda bank: bank.other_topic.questions.add(bank.question, bank.other),
    "many-to-many create": lambda bank: bank.question.topics.create(name="New"),
    "many-to-many create, reverse": lambda bank: bank.topic.questions.create(
        text="New?", answer="Yes.", difficulty="easy", status="published"
    ),
    "many-to-many remove": lambda bank: bank.question.topics.remove(bank.topic),
    "many-to-many remove, reverse": lambda bank: bank.topic.questions.remove(bank.question),
    "many-to-many set": lambda bank: bank.question.topics.set([bank.other_topic]),
    "many-to-many set, cleared": lambda bank: bank.topic.questions.set([], clear=True),
    "many-to-many clear": lambda bank: bank.question.topics.clear(),
    "many-to-many clear, reverse": lambda bank: bank.topic.questions.clear(),
    "many-to-many clear inside record": lambda bank: recorded(bank.topic.questions.clear),
    "through create": lambda bank: Question.topics.through.objects.create(
        question=bank.question, topic=bank.other_topic
    ),
    "through bulk_create": lambda bank: Question.topics.through.objects.bulk_create(
        [QuestionTopic(question=bank.question, topic=bank.other_topic)]
    ),
    "through delete": lambda bank: Question.topics.through.objects.filter(topic=bank.topic).delete(),
    "through delete of one": lambda bank: QuestionTopic.objects.first().delete(),
    "placements add": lambda bank: bank.role.questions.add(bank.other, bank.draft),
    "placements set": lambda bank: bank.role.questions.set([bank.other]),
    "placements remove, reverse": lambda bank: bank.question.roles.remove(bank.role),
    "placements clear": lambda bank: bank.role.questions.clear(),
}


def recorded(act):
    with record():
        act()


def changed_tip(bank):
    bank.tip.text = "Another."
    return bank.tip


def set_question(placement, question):
    placement.question = question
    return placement


@pytest.mark.parametrize("door", RECORDED.values(), ids=list(RECORDED))
def test_what_the_orm_writes_is_one_change_set_that_can_be_undone(bank, door):
    before, sets = words(), ChangeSet.objects.count()
    number = ContentVersion.objects.get().number
    door(bank)
    after = words()
    assert after != before
    assert ChangeSet.objects.count() > sets
    for step in LearningStep.objects.all():
        assert step.body_html == markdown.render(step.body)
    is_public = door not in (RECORDED[name] for name in ("delete", "delete of a role", "queryset delete"))
    assert (ContentVersion.objects.get().number > number) == is_public
    for changeset in ChangeSet.objects.applied()[: ChangeSet.objects.count() - sets]:
        changeset.undo()
    kept = {key for key, document in words().items() if document.get("status") == "retired"}
    assert {key: document for key, document in words().items() if key not in kept} == before


def new_uid(bank):
    bank.question.uid = "another"
    bank.question.save()


REFUSED = {
    "bulk_create of documents": lambda bank: Question.objects.bulk_create([Question(text="x")]),
    "update of an address": lambda bank: Question.objects.update(slug="x"),
    "update of an id": lambda bank: Question.objects.update(uid="x"),
    "update of a version": lambda bank: Role.objects.update(version=9),
    "update of HTML": lambda bank: Question.objects.update(answer_html="<b>x</b>"),
    "update of the public date": lambda bank: Question.objects.update(updated=None),
    "update of Markdown by an expression": lambda bank: Question.objects.update(answer=F("text")),
    "bulk_update of Markdown": lambda bank: Question.objects.bulk_update([bank.question], ["answer"]),
    "bulk_update of a role": lambda bank: Tip.objects.bulk_update([bank.tip], ["role"]),
    "update of a role by an expression": lambda bank: Tip.objects.update(role=Value(1)),
    "save of HTML alone": lambda bank: bank.question.save(update_fields=["answer_html"]),
    "save with another id": new_uid,
    "a redirect of its own": lambda bank: FormerSlug.objects.create(kind="topic", slug="x", target="y"),
    "redirects in bulk": lambda bank: FormerSlug.objects.bulk_create([FormerSlug(kind="topic", slug="x")]),
    "deletion of redirects": lambda bank: FormerSlug.objects.all().delete(),
    "fixture outside of loaddata": lambda bank: [
        row.save() for row in deserialize("json", serialize("json", [bank.question]))
    ],
}


@pytest.mark.parametrize("door", REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_recorded_is_refused_with_a_sentence(bank, door):
    before = words()
    with pytest.raises((TypeError, ValueError, RuntimeError), match=r"\w+ \w+ \w+"):
        door(bank)
    assert words() == before
