"""The places of the desk, as every page of it lists them: what one may open, each with a number."""

from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Count, Model, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from learningpath.models import LearningStep, Tip
from questions.changes import REVIEW, ChangeSet
from questions.documents import Label
from questions.imported import Import
from questions.links import Link
from questions.models import Category, Question, Report, Role, Synonym, Topic


class Place(NamedTuple):
    """A list of the desk; `number` is how many there are, or how many wait."""

    label: Label
    url: str
    number: int | None = None
    is_current: bool = False


class Group(NamedTuple):
    label: Label
    places: list[Place]


GROUPS: list[tuple[Label, dict[type[Model], Label]]] = [
    (
        _("Work"),
        {Import: _("Imports"), Link: _("Links"), Report: _("Reports"), ChangeSet: _("History")},
    ),
    (
        _("Question bank"),
        {
            Question: _("Questions"),
            Role: _("Roles"),
            Topic: _("Topics"),
            Category: _("Categories"),
            Synonym: _("Synonyms"),
        },
    ),
    (_("Learning paths"), {LearningStep: _("Steps"), Tip: _("Tips")}),
    (_("People"), {User: _("Colleagues")}),
]


def sidebar(request: HttpRequest, apps: list[dict[str, Any]]) -> list[Group]:
    """The places in groups. `apps` are what the admin lets this user see.

    What `request.counted_too` holds, querysets by name, is counted in the same query: `request.numbers`.
    """
    addresses = {model["model"]: model["admin_url"] for app in apps for model in app["models"]}
    waiting = waiting_for(request.user)
    counted = {
        model: model.objects.all() for _group, models in GROUPS for model in models if model in addresses
    }
    counted.pop(ChangeSet, None)
    if Import in counted:
        counted[Import] = Import.objects.seen_by(request.user).waiting()
    if Link in counted:
        counted[Link] = Link.objects.listed()
    if Report in counted:
        counted[Report] = Report.objects.visible_to(request.user).open()
    numbers = request.numbers = counts(waiting | counted | getattr(request, "counted_too", {}))
    desk = _place(request, _("Desk"), reverse("admin:index"), sum(numbers[name] for name in waiting))
    groups = []
    for label, models in GROUPS:
        places = [
            _place(request, name, addresses[model], numbers.get(model))
            for model, name in models.items()
            if model in addresses
        ]
        groups.append(Group(label, places))
    groups[0].places.insert(0, desk)
    return [group for group in groups if group.places]


def _place(request, label, url, number):
    is_desk = url == reverse("admin:index")
    is_current = request.path == url if is_desk else request.path.startswith(url)
    return Place(label, url, number, is_current)


def waiting_for(user) -> dict[str, QuerySet]:
    """What waits for `user`: for an Editor proposals and questions in review, else what came back."""
    if user.has_perm(REVIEW):
        return {"proposals": ChangeSet.objects.waiting(), "questions": Question.objects.in_review()}
    return {
        "proposals": ChangeSet.objects.filter(state=ChangeSet.State.RETURNED, author=user),
        "questions": Question.objects.sent_back().filter(author=user),
    }


def counts(querysets: dict[Any, QuerySet]) -> dict[Any, int]:
    """How many rows each queryset has, in one query."""
    rows = [
        queryset.order_by().values(place=Value(place)).annotate(n=Count("pk")).values_list("place", "n")
        for place, queryset in enumerate(querysets.values())
    ]
    numbers = dict(rows[0].union(*rows[1:], all=True).order_by())
    return {key: numbers[place] for place, key in enumerate(querysets)}
