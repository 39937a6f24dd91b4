"""An old version of a document as a page: as the public would have seen it, marked as old.

Words, order and parts are those of the version; what it refers to is shown as it is now.
"""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .changes import Change
from .documents import KINDS, DocumentDict
from .fields import render_markdown
from .listing import TopicListing
from .models import Category, Placement, Question, Role, Topic, numbered
from .previews import preview_address
from .recorded import Document

HAVE_PAGES = {"question", "role", "topic"}  # kinds; a category has none of its own


def version_address(change: Change) -> str:
    """The signed link to the page of a document as `change` left it; empty where it has none."""
    if change.after is None or change.kind not in HAVE_PAGES:
        return ""
    return preview_address("version", change.pk)


def old_page(request: HttpRequest, change: Change) -> HttpResponse:
    """The page of a document as `change` left it; one of a kind that has pages."""
    page = {"question": _question, "role": _role, "topic": _topic}[change.kind]
    document = KINDS[change.kind].normal(change.after) or {}
    template, context = page(change.uid, document)
    marks = {"is_preview": True, "old_since": change.changeset.applied_at}
    response = render(request, template, context | marks)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _row(kind: str, uid: str, document: DocumentDict) -> Document:
    row = KINDS[kind].row(uid, document)
    render_markdown(row)
    return row


def _question(uid: str, document: DocumentDict) -> tuple[str, dict[str, Any]]:
    context: dict[str, Any] = {
        "question": _row("question", uid, document),
        "topics": Topic.objects.filter(uid__in=document["topics"]),
        "place": None,
        "placements": [],
        "hidden": False,
    }
    return "questions/question_detail.html", context


def _topic(uid: str, document: DocumentDict) -> tuple[str, dict[str, Any]]:
    """The first part of its list, as it is now."""
    topic: Any = _row("topic", uid, document)
    page = TopicListing.objects.filter(topic__uid=uid).page(1)
    return "questions/topic_detail.html", {"topic": topic, "page": page, "address": topic.get_absolute_url()}


class OldList(NamedTuple):
    """The questions of a role as its page lists them; it has no filter."""

    shown: list[Placement]
    is_large: bool = False  # it is one page, however many they are

    @property
    def outline(self) -> list[Placement]:
        return self.shown


def _role(uid: str, document: DocumentDict) -> tuple[str, dict[str, Any]]:
    role: Any = _row("role", uid, document)
    role.category = Category.objects.filter(uid=document["category"]).first() or Category(name="", slug="-")
    placements = _placements(role, document["questions"])
    for difficulty in ("easy", "medium", "hard"):
        count = sum(placement.question.difficulty == difficulty for placement in placements)
        setattr(role, f"{difficulty}_count", count)
    reviews = [placement.question.reviewed_on for placement in placements if placement.question.reviewed_on]
    role.reviewed_on = max(reviews, default=None)
    role.answer_length = sum(len(placement.question.answer) for placement in placements)
    context = {
        "role": role,
        "filterset": OldList(placements),
        "parts": [],
        "here": None,
        "canonical": role.get_absolute_url(),
        "is_indexed": False,
        "hidden": False,
        "total": len(placements),
        "near": {"same_field": [], "sharing": []},
    }
    return "questions/role_detail.html", _parts(document) | context


def _parts(document):
    """The rows of the sections that other apps add, by name."""
    parts: dict[str, list] = {}
    for section in KINDS["role"].sections:
        if not section.refers:
            entries = enumerate(document[section.name], start=1)
            parts[section.name] = [section.row(section.defaults | entry, place) for place, entry in entries]
            for row in parts[section.name]:
                render_markdown(row)
    return parts


def _placements(role: Role, uids: list[str]) -> list[Placement]:
    found = Question.objects.published().filter(uid__in=uids).prefetch_related("topics")
    questions = {question.uid: question for question in found}
    placements = numbered(Placement(role=role, question=questions[uid]) for uid in uids if uid in questions)
    for placement in placements:
        placement.topics = list(placement.question.topics.all())
        placement.is_hidden = False
        placement.outline_address = f"#q-{placement.question.slug}"
    return placements
