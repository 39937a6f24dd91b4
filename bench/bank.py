"""Puts the bench's role into the bank of DATABASE_URL: 40 questions, a path and tips.

The questions are shipped ones, by default cut down to the size of page that the goals were set on:
some 40 KB of HTML beside what frames it. `python -m bench.bank whole` leaves them whole.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
django.setup()

from learningpath.models import LearningStep, Tip  # noqa: E402
from questions.models import Placement, Question, Role  # noqa: E402
from questions.recording import record  # noqa: E402


def make_role(whole, length=40):
    other = Role.objects.published().order_by("pk").first()
    with record():
        role = Role.objects.create(
            name="Bench", slug="bench", intro=other.intro, status="published", category=other.category
        )
        for question in Question.objects.published().order_by("pk")[:length]:
            if not whole:
                cut_down(question)
            Placement.objects.create(role=role, question=question)
        for step in other.steps.all():
            LearningStep.objects.create(role=role, title=step.title, body=step.body, resources=step.resources)
        for tip in other.tips.all():
            Tip.objects.create(role=role, text=tip.text)


def cut_down(question):
    """Leave of a question what is typical of a short one."""
    question.answer = question.answer.split("\n\n")[0]
    question.key_points, question.follow_ups = question.key_points[:2], question.follow_ups[:1]
    question.sources = question.sources[:1]
    question.save()


if __name__ == "__main__":
    make_role(whole="whole" in sys.argv)
