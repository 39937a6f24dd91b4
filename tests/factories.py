"""Valid, published rows; a test states only what it is about."""

from itertools import count

from django.contrib.auth import get_user_model

from learningpath.models import LearningStep, Tip
from questions import readers
from questions.documents import KINDS
from questions.importing import source_of
from questions.importing.working import read_through
from questions.models import Category, ChangeSet, FormerSlug, Placement, Question, Role, Status, Topic
from questions.recording import record
from questions.search import index
from questions.writing import unrecorded

_numbers = count(1)


def make_category(**values):
    return Category.objects.create(**{"name": f"Field {next(_numbers)}", **values})


def make_topic(**values):
    return Topic.objects.create(**{"name": f"Topic {next(_numbers)}", **values})


def make_role(**values):
    values.setdefault("category", Category.objects.first() or make_category())
    defaults = {"name": f"Role {next(_numbers)}", "intro": "What it is.", "status": Status.PUBLISHED}
    return Role.objects.create(**defaults | values)


def make_question(*, roles=(), topics=(), **values):
    defaults = {
        "text": f"What is the answer to number {next(_numbers)}?",
        "answer": "It is *this*.",
        "difficulty": "medium",
        "status": Status.PUBLISHED,
        "reviewed_on": "2026-11-20",
    }
    with record():
        question = Question.objects.create(**defaults | values)
        question.topics.set(topics)
        for role in roles:
            Placement.objects.create(role=role, question=question)
    question.refresh_from_db()
    return question


def make_step(**values):
    values.setdefault("role", Role.objects.first())
    return LearningStep.objects.create(**{"title": f"Step {next(_numbers)}", "body": "Learn it.", **values})


def make_tip(**values):
    values.setdefault("role", Role.objects.first())
    return Tip.objects.create(**{"text": f"Tip number {next(_numbers)}.", **values})


def make_import(text="## What is recall?\n\nA share.\n\n## License\n\nMIT\n", name="list.md", user=None):
    return read_through([source_of(name, readers.read_text(text))], user)


def make_curator(**values):
    return get_user_model().objects.create_superuser(**{"username": "curator", "password": "pw", **values})


def empty_the_bank():
    """As in a new database: nothing of it, and no history either."""
    for kind in reversed(KINDS.values()):
        unrecorded(kind.model).delete()
    ChangeSet.objects.update(undoes=None, superseded_by=None)
    ChangeSet.objects.all().delete()
    unrecorded(FormerSlug).delete()
    index.rebuild()
