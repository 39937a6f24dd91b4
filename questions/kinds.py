"""The four kinds of document: what each says, and how its lists are read and written."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .documents import Kind, Section, register, rows_of
from .models import Category, Placement, Question, Role, Topic


def read_topics(question_pks):
    rows = Question.topics.through.objects.filter(question__in=question_pks)
    # Sorted here and not by the database, whose collation may be any.
    return grouped(sorted(rows.values_list("question", "topic__uid")))


def write_topics(question, uids):
    question.topics.set(rows_of(Topic, uids, "topics"))


def read_placements(role_pks):
    rows = Placement.objects.filter(role__in=role_pks).order_by("position", "pk")
    return grouped(rows.values_list("role", "question__uid"))


def write_placements(role, uids):
    """Rows that stay are moved, so that whatever refers to a placement keeps it."""
    questions = rows_of(Question, uids, "questions")
    if len(set(uids)) < len(uids):
        raise ValidationError({"questions": _("A question stands twice in this role.")})
    placed = {placement.question_id: placement for placement in role.placements.all()}
    for position, question in enumerate(questions, start=1):
        placement = placed.pop(question.pk, None) or Placement(role=role, question=question)
        if placement.position != position:
            placement.position = position
            placement.save()
    role.placements.filter(pk__in=[placement.pk for placement in placed.values()]).delete()


def grouped(pairs):
    """`{owner: [value, …]}` of (owner, value) pairs, in their order."""
    groups = {}
    for owner, value in pairs:
        groups.setdefault(owner, []).append(value)
    return groups


def register_all():
    """Each kind after those that it refers to."""
    register(Kind("category", Category, {"slug": "slug", "name": "name", "position": "position"}))
    register(Kind("topic", Topic, {"slug": "slug", "name": "name"}))
    register(
        Kind(
            "question",
            Question,
            {
                "slug": "slug",
                "question": "text",
                "difficulty": "difficulty",
                "status": "status",
                "reviewed_on": "reviewed_on",
                "key_points": "key_points",
                "follow_ups": "follow_ups",
                "sources": "sources",
                "answer": "answer",
            },
            dated=True,
            sections=[
                Section("topics", _("topics"), read_topics, write_topics, refers="topic", ordered=False)
            ],
        )
    )
    register(
        Kind(
            "role",
            Role,
            {
                "slug": "slug",
                "name": "name",
                "category": "category",
                "status": "status",
                "internships_url": "internships_url",
                "intro": "intro",
            },
            sections=[
                Section("questions", _("questions"), read_placements, write_placements, refers="question")
            ],
        )
    )
