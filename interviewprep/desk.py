"""The first page of the admin: what waits, what came back, what is stale, what roles lack."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import update_wrapper
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from questions.changes import REVIEW, ChangeSet
from questions.differences import Difference, with_differences
from questions.models import Question, Role, Status
from questions.recording import record

from .editing import edit
from .log_in import LogInForm
from .second_factor import qr_code, second_factor

STALE_AFTER = timedelta(days=365)
# What a role should have at least, for its page to be worth an evening.
WANTED_QUESTIONS = {"easy": 4, "medium": 8, "hard": 4}
WANTED_TIPS = 4
SHOWN = 10  # rows of each list; links lead to the rest


class Action(NamedTuple):
    """A button of a task: a link, or a form that posts to `url`."""

    label: str
    url: str
    is_post: bool = False
    is_default: bool = False


class Task(NamedTuple):
    """A row of the desk: a question or a change set, and what the curator can do with it."""

    title: str
    url: str
    description: str = ""
    note: str = ""
    note_author: str = ""
    differences: Sequence[Difference] = ()
    actions: Sequence[Action] = ()


class PartCount(NamedTuple):
    """How many questions of a difficulty, or tips, a role has, and the list of them."""

    value: int
    wanted: int
    url: str

    @property
    def is_lacking(self) -> bool:
        return self.value < self.wanted


# What somebody may open who has yet to set up a second factor.
OPEN_PAGES = {"second_factor", "second_factor_qr", "logout", "password_change", "password_change_done"}


class Desk(admin.AdminSite):
    site_header = site_title = gettext_lazy("Interview Prep")
    index_title = gettext_lazy("Desk")
    index_template = "admin/desk.html"

    login_form = LogInForm

    def each_context(self, request):
        return super().each_context(request) | {"curator_contact": settings.CURATOR_CONTACT}

    def get_app_list(self, request, app_label=None):
        """The bank first, the accounts last, as they are rarely needed."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: (app["app_label"] == "auth", app["app_label"] != "questions"))

    def admin_view(self, view, cacheable=False):
        """As Django's; where a second factor is required, who has none sets it up first."""
        inner = super().admin_view(view, cacheable)

        def led_to_second_factor(request, *args, **kwargs):
            is_free = request.user.is_verified() or request.resolver_match.url_name in OPEN_PAGES
            if settings.REQUIRE_SECOND_FACTOR and self.has_permission(request) and not is_free:
                return redirect("admin:second_factor")
            return inner(request, *args, **kwargs)

        return update_wrapper(led_to_second_factor, inner)

    def second_factor(self, request):
        context = self.each_context(request) | {"title": _("Your second factor")}
        return second_factor(request, context)

    def get_urls(self):
        still_right = self.admin_view(require_POST(self.still_right))
        return [
            path("still-right/<int:pk>/", still_right, name="still_right"),
            path("edit/<slug:kind>/<word:slug>/", self.admin_view(edit), name="edit"),
            path("second-factor/", self.admin_view(self.second_factor), name="second_factor"),
            path("second-factor/qr.svg", self.admin_view(qr_code), name="second_factor_qr"),
            *super().get_urls(),
        ]

    def index(self, request, extra_context=None):
        context = {}
        if request.user.has_perm("questions.view_question"):
            context |= tasks_of(request.user)
        return super().index(request, context | (extra_context or {}))

    def still_right(self, request, pk):
        """Date a question's review to today, in one click."""
        if not request.user.has_perm(REVIEW):
            raise PermissionDenied
        with record(author=request.user, source=ChangeSet.Source.ADMIN, summary=_("Still right")):
            question = get_object_or_404(Question, pk=pk)
            question.reviewed_on = timezone.localdate()
            question.save(update_fields=["reviewed_on"])
        messages.success(request, _("Reviewed today: %(question)s") % {"question": question})
        return redirect("admin:index")


def tasks_of(user) -> dict:
    """What the desk shows to `user`: the state of the bank, their own work, and what waits for Editors."""
    is_editor = user.has_perm(REVIEW)
    outcomes = ChangeSet.objects.outcomes(user, SHOWN)
    context = {
        "bank_summary": bank_summary(),
        "is_editor": is_editor,
        "came_back": came_back(user),
        "decided": [decided_task(changeset) for changeset in outcomes],
        "unfinished": unfinished(user),
    }
    return context | tasks_of_editors() if is_editor else context


def tasks_of_editors() -> dict:
    """What waits for any Editor."""
    stale_before = timezone.localdate() - STALE_AFTER
    is_stale = Q(reviewed_on__lt=stale_before) | Q(reviewed_on=None)
    stale = Question.objects.published().filter(is_stale).order_by("reviewed_on", "pk")
    return {
        "to_review": to_review(),
        "in_review_url": list_url("questions_question", status__exact="review"),
        "proposals_url": list_url("questions_changeset", state__exact="proposed"),
        "stale": [stale_task(question) for question in stale[:SHOWN]],
        "stale_url": list_url("questions_question", status__exact="published", reviewed_on__lt=stale_before),
        "lacking": lacking(),
    }


def bank_summary() -> str:
    text = _(
        "The bank: %(published)s published, %(review)s in review, %(draft)s drafts, %(retired)s retired."
    )
    return text % Question.objects.counts_by_status()


def came_back(user) -> list[Task]:
    """What an Editor sent back to `user` with a note."""
    returned = ChangeSet.objects.filter(state=ChangeSet.State.RETURNED, author=user)
    sent_back = Question.objects.sent_back().filter(author=user)
    changesets = returned.select_related("reviewer")[:SHOWN]
    tasks = [returned_task(changeset) for changeset in changesets]
    return tasks + [question_task(question, note=question.note) for question in sent_back[:SHOWN]]


def unfinished(user) -> list[Task]:
    """What `user` wrote that is not public yet."""
    questions = Question.objects.filter(author=user).order_by("-updated", "-pk")
    drafts = questions.filter(status=Status.DRAFT)[:SHOWN]
    in_review = questions.filter(status=Status.REVIEW)[:SHOWN]
    proposals = ChangeSet.objects.filter(state=ChangeSet.State.PROPOSED, author=user)[:SHOWN]
    tasks = [question_task(question, _("draft")) for question in drafts]
    tasks += [question_task(question, _("waits for review")) for question in in_review]
    proposed = _("change to published words, waits for an Editor")
    return tasks + [changeset_task(changeset, proposed) for changeset in proposals]


def to_review() -> list[Task]:
    """Proposals, then new questions, the oldest first."""
    proposals = ChangeSet.objects.filter(state=ChangeSet.State.PROPOSED).select_related("author")
    proposals = with_differences(proposals.order_by("pk")[:SHOWN])
    questions = Question.objects.filter(status=Status.REVIEW).select_related("author")
    questions = questions.order_by("updated", "pk")[:SHOWN]
    tasks = [proposal_task(changeset) for changeset in proposals]
    return tasks + [review_task(question) for question in questions]


def proposal_task(changeset: ChangeSet) -> Task:
    publish_url = reverse("admin:questions_changeset_act", args=[changeset.pk, "apply"])
    return changeset_task(
        changeset,
        _("change to published words"),
        changeset.author,
        short_date(changeset.created),
        note=changeset.note,
        differences=changeset.differences,
        actions=[
            Action(_("Send back"), f"{change_url(changeset)}#note"),
            Action(_("Publish"), publish_url, is_post=True, is_default=True),
        ],
    )


def review_task(question: Question) -> Task:
    return question_task(
        question,
        question.get_difficulty_display(),
        _("new"),
        question.author,
        short_date(question.updated),
        actions=[Action(_("Open"), change_url(question))],
    )


def returned_task(changeset: ChangeSet) -> Task:
    return changeset_task(changeset, note=changeset.reply, note_author=str(changeset.reviewer))


def decided_task(changeset: ChangeSet) -> Task:
    facts = changeset.outcome, changeset.reviewer
    return changeset_task(changeset, *facts, note=changeset.reply, differences=changeset.differences)


def stale_task(question: Question) -> Task:
    reviewed = _("never reviewed")
    if question.reviewed_on:
        reviewed = _("last reviewed %(date)s") % {"date": date_format(question.reviewed_on, "j F Y")}
    still_right_url = reverse("admin:still_right", args=[question.pk])
    still_right = Action(_("Still right"), still_right_url, is_post=True)
    return question_task(question, reviewed, actions=[Action(_("Edit"), change_url(question)), still_right])


def question_task(question: Question, *facts, **values) -> Task:
    return Task(str(question), change_url(question), joined(facts), **values)


def changeset_task(changeset: ChangeSet, *facts, **values) -> Task:
    return Task(str(changeset), change_url(changeset), joined(facts), **values)


def joined(facts) -> str:
    """The facts that are not empty, as one text."""
    return ", ".join(str(fact) for fact in facts if fact)


def short_date(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j M Y")


def change_url(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def list_url(name: str, **filters) -> str:
    """The address of an admin's list, such as "questions_role", with its filters set."""
    return f"{reverse(f'admin:{name}_changelist')}?{urlencode(filters)}"


def lacking() -> list[tuple[Role, list[PartCount]]]:
    """Published roles that need easy, medium or hard questions, or tips, with their counts."""
    roles = Role.objects.published()
    tips = dict(roles.annotate(tip_count=models.Count("tips")).values_list("pk", "tip_count"))
    rows = []
    for role in roles.with_facts():
        counts = part_counts(role, tips[role.pk])
        if any(count.is_lacking for count in counts):
            rows.append((role, counts))
    return rows[:SHOWN]


def part_counts(role: Role, tip_count: int) -> list[PartCount]:
    """In the order of the table's columns: easy, medium and hard questions, then tips."""
    counts = []
    for difficulty, wanted in WANTED_QUESTIONS.items():
        url = list_url("questions_question", roles__id__exact=role.pk, difficulty__exact=difficulty)
        counts.append(PartCount(getattr(role, f"{difficulty}_count"), wanted, url))
    tips_url = list_url("learningpath_tip", role__id__exact=role.pk)
    return [*counts, PartCount(tip_count, WANTED_TIPS, tips_url)]
