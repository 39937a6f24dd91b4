"""The first page of the admin: what waits, what came back, what is stale, what roles lack."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, update_wrapper
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from learningpath.models import Tip
from questions.changes import REVIEW, ChangeSet
from questions.differences import Difference, with_differences
from questions.links import Link
from questions.models import Question, Report, Role, Status
from questions.notices import came_from, say, shortened, undo_way
from questions.recording import record

from .editing import edit
from .log_in import LogInForm
from .second_factor import qr_code, second_factor

# What a role should have at least, for its page to be worth an evening.
WANTED_QUESTIONS = {"easy": 4, "medium": 8, "hard": 4}
WANTED_TIPS = 4
SHOWN = 10  # rows of each list; links lead to the rest


class Action(NamedTuple):
    """A button of a task: a link, or a form that posts to `url`, with a note where `asks` says for what."""

    label: str
    url: str
    is_post: bool = False
    is_default: bool = False
    asks: str = ""
    values: Sequence[tuple[str, str]] = ()  # that the form sends


class Task(NamedTuple):
    """A row of the desk: a document or a change set, and what the curator can do with it."""

    title: str
    url: str
    difficulty: str = ""
    facts: Sequence[str] = ()
    warnings: Sequence[str] = ()
    note: str = ""
    note_label: str = ""
    differences: Sequence[Difference] = ()
    actions: Sequence[Action] = ()


@dataclass
class Pile:
    """A list of the desk: the first of what waits, and the links to all of it.

    `rows` are the querysets that it is made of and `links` their lists, both by a name; `numbers` are how
    many each has, which one query counts for all piles. Of an empty one nothing is read.
    """

    name: str
    heading: str
    rows: dict[str, models.QuerySet]
    read: Callable[[], Iterable[Task]]
    links: dict[str, tuple[str, str]] = field(default_factory=dict)
    nothing: str = ""  # what is said where nothing waits
    numbers: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.numbers.values())

    @cached_property
    def tasks(self) -> list[Task]:
        return list(self.read()) if self.count else []

    @property
    def shown_links(self) -> list[tuple[str, str]]:
        """The links to lists that are not empty."""
        return [link for name, link in self.links.items() if self.numbers.get(name)]


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
        context = super().each_context(request) | {"curator_contact": settings.CURATOR_CONTACT}
        if context["has_permission"] and not context["is_popup"]:
            from .sidebar import sidebar  # the models of the apps are not there yet when this file is read

            context["places"] = sidebar(request, context["available_apps"])
        return context

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

    def autocomplete_view(self, request):
        from questions.admin.lists import Picker  # the apps are not there yet when this file is read

        return Picker.as_view(admin_site=self)(request)

    def get_urls(self):
        still_right = self.admin_view(require_POST(self.still_right))
        links = RedirectView.as_view(pattern_name="admin:questions_link_changelist", query_string=True)
        return [
            path("still-right/<int:pk>/", still_right, name="still_right"),
            path("links/", links, name="links"),
            path("edit/<slug:kind>/<word:slug>/", self.admin_view(edit), name="edit"),
            path("second-factor/", self.admin_view(self.second_factor), name="second_factor"),
            path("second-factor/qr.svg", self.admin_view(qr_code), name="second_factor_qr"),
            *super().get_urls(),
        ]

    def index(self, request, extra_context=None):
        may_see = request.user.has_perm("questions.view_question")
        piles = piles_of(request.user) if may_see else []
        # What the desk counts is counted with what its sidebar lists.
        request.counted_too = {
            (pile.name, label): rows for pile in piles for label, rows in pile.rows.items()
        } | {status: Question.objects.filter(status=status) for status in Status.values}
        context = self.each_context(request) | {"title": self.index_title, "subtitle": None}
        if may_see:
            context |= shown_of(piles, request.numbers, request.user)
        return TemplateResponse(request, self.index_template, context | (extra_context or {}))

    def still_right(self, request, pk):
        """Date a question's review to today, in one click."""
        if not request.user.has_perm(REVIEW):
            raise PermissionDenied
        with record(author=request.user, source=ChangeSet.Source.ADMIN, summary=_("Still right")) as recorder:
            question = get_object_or_404(Question, pk=pk)
            question.reviewed_on = timezone.localdate()
            question.save(update_fields=["reviewed_on"])
        sentence = _("Dated the review of “%(name)s” to today.") % {"name": shortened(question)}
        undo = undo_way(request.user, recorder.changeset) if recorder.changeset.pk else None
        say(request, sentence, undo)
        return redirect(came_from(request) or "admin:index")


def piles_of(user) -> "list[Pile]":
    """What the desk shows to `user`: their own work, and what waits for Editors. Nothing is read yet."""
    own = Own(user)
    piles = [own.came_back(), own.decided(), own.unfinished()]
    return [to_review(), *piles, reports(), broken_links(), stale()] if user.has_perm(REVIEW) else piles


def shown_of(piles: "list[Pile]", numbers: dict, user) -> dict:
    """The context of the desk, once its `piles` are counted: `{(pile, label): number}`."""
    is_editor = user.has_perm(REVIEW)
    for pile in piles:
        pile.numbers = {label: numbers[pile.name, label] for label in pile.rows}
    wanted = {"review", "stale"} if is_editor else {"back"}
    shown = [pile for pile in piles if pile.count or pile.name in wanted]
    lacking, lacking_count = roles_that_lack() if is_editor else ([], 0)
    first = next(iter(shown[0].tasks), None) if is_editor else None
    return {
        "bank_summary": _SUMMARY % {status: numbers[status] for status in Status.values},
        "is_editor": is_editor,
        "piles": shown,
        "lacking": lacking,
        "lacking_count": lacking_count,
        "first_waiting": first.url if first else "",
    }


_SUMMARY = gettext_lazy(
    "The bank: %(published)s published, %(review)s in review, %(draft)s drafts, %(retired)s retired."
)


class Own:
    """The piles of what `user` wrote, which share what they read: two queries, and one for the changes."""

    def __init__(self, user):
        self.user = user
        self.proposals = ChangeSet.objects.proposed_by(user)
        self.questions = Question.objects.filter(author=user, status__in=[Status.DRAFT, Status.REVIEW])

    @cached_property
    def newest_proposals(self) -> list[ChangeSet]:
        return list(self.proposals.prefetch_related("changes", "superseded_by__changes")[: 3 * SHOWN])

    @cached_property
    def newest_questions(self) -> list[Question]:
        return list(self.questions.with_note().order_by("-updated", "-pk")[: 3 * SHOWN])

    def came_back(self) -> Pile:
        """What an Editor sent back with a note."""
        rows = {
            "changes": self.proposals.filter(state=ChangeSet.State.RETURNED),
            "questions": Question.objects.sent_back().filter(author=self.user),
        }

        def tasks():
            returned = [each for each in self.newest_proposals if each.state == ChangeSet.State.RETURNED]
            yield from map(returned_task, returned[:SHOWN])
            sent_back = [each for each in self.newest_questions if each.note and each.status == Status.DRAFT]
            for question in sent_back[:SHOWN]:
                yield question_task(question, _("your draft"), note=question.note, note_label=_("Note"))

        return Pile("back", _("Back to you"), rows, tasks, nothing=_("Nothing came back."))

    def decided(self) -> Pile:
        """What became of what they proposed, the newest first."""
        rows = {"changes": self.proposals.filter(state__in=ChangeSet.OUTCOMES)}

        def tasks():
            decided = [each for each in self.newest_proposals if each.state in ChangeSet.OUTCOMES]
            yield from map(decided_task, decided[:SHOWN])

        url = list_url("questions_changeset", author=self.user.get_username())
        links = {"changes": (_("All that you did"), url)}
        return Pile("outcomes", _("What became of your changes"), rows, tasks, links)

    def unfinished(self) -> Pile:
        """What is not public yet."""
        rows = {
            "changes": self.proposals.filter(state=ChangeSet.State.PROPOSED),
            "questions": self.questions.exclude(pk__in=Question.objects.sent_back().values("pk")),
        }

        def tasks():
            proposed = _("change to published words, waits for an Editor")
            waiting = [each for each in self.newest_proposals if each.state == ChangeSet.State.PROPOSED]
            for changeset in waiting[:SHOWN]:
                yield changeset_task(changeset, proposed)
            for question in self.newest_questions[:SHOWN]:
                if not (question.note and question.status == Status.DRAFT):  # that came back
                    yield question_task(question, question.get_status_display())

        url = list_url("questions_question", writer=self.user.get_username())
        links = {"questions": (_("All that you wrote"), url)}
        return Pile("own", _("Your own work that waits, or is not done"), rows, tasks, links)


def to_review() -> Pile:
    """Proposals, then new questions, the oldest first."""
    rows = {"changes": ChangeSet.objects.waiting(), "questions": Question.objects.in_review()}

    def tasks():
        proposals = with_differences(rows["changes"].select_related("author")[:SHOWN])
        moved = ChangeSet.moved_among(proposals)
        for changeset in proposals:
            yield proposal_task(changeset, changeset in moved)
        for question in rows["questions"].select_related("author")[:SHOWN]:
            yield review_task(question)

    links = {
        "questions": (_("All new questions"), list_url("questions_question", status="review")),
        "changes": (_("All changes"), list_url("questions_changeset", state="proposed")),
    }
    return Pile("review", _("For your review"), rows, tasks, links, _("Nothing waits."))


def reports() -> Pile:
    """What readers found wrong, outdated or unclear."""
    rows = {"reports": Report.objects.open()}

    def tasks():
        for report in rows["reports"].select_related("question").order_by("created", "pk")[:SHOWN]:
            facts = [str(report.get_kind_display()), short_date(report.created)]
            yield Task(
                str(report.question),
                change_url(report),
                report.question.difficulty,
                facts,
                note=shortened(report.text, 300),
                note_label=_("Reader"),
                actions=[Action(_("Open"), change_url(report))],
            )

    links = {"reports": (_("All reports, by question"), list_url("questions_report"))}
    return Pile("reports", _("Reports from readers"), rows, tasks, links)


def broken_links() -> Pile:
    """Addresses in the bank that are dead or have moved."""
    rows = {"dead": Link.objects.dead(), "moved": Link.objects.moved()}

    def tasks():
        for link in (Link.objects.dead() | Link.objects.moved()).order_by("state", "failing_since", "pk")[
            :SHOWN
        ]:
            yield link_task(link)

    page = reverse("admin:questions_link_changelist")
    links = {
        "dead": (_("All dead ones, by role"), f"{page}?state=dead"),
        "moved": (_("All that moved"), f"{page}?state=moved"),
    }
    return Pile("links", _("Links that are dead or moved"), rows, tasks, links)


def link_task(link: Link) -> Task:
    page = reverse("admin:questions_link_changelist")
    facts = [str(link.get_state_display()), link.reason]
    actions = [Action(_("Where it is used"), f"{page}?state={link.state}")]
    if link.new_address:
        facts.append(f"→ {link.new_address}")
        url = reverse("admin:questions_link_act", args=[link.pk, "take"])
        values = [("new_address", link.new_address)]
        actions.append(Action(_("Take the new address"), url, is_post=True, values=values))
    return Task(str(link), link.address, facts=[fact for fact in facts if fact], actions=actions)


def stale() -> Pile:
    """Published questions that nobody has reviewed for a year, those never reviewed among them."""
    rows = {"questions": Question.objects.published().stale()}

    def tasks():
        oldest_first = models.F("reviewed_on").asc(nulls_first=True)
        for question in rows["questions"].order_by(oldest_first, "pk")[:SHOWN]:
            yield stale_task(question)

    url = list_url("questions_question", status="published", reviewed="stale")
    links = {"questions": (_("All that are stale"), url)}
    nothing = _("Everything has been reviewed within the year.")
    return Pile("stale", _("Not reviewed for a year"), rows, tasks, links, nothing)


def proposal_task(changeset: ChangeSet, has_moved_on: bool) -> Task:
    open_it = Action(_("Open"), change_url(changeset))
    actions = [open_it]
    warnings = []
    if has_moved_on:
        warnings = [_("the public words have changed since")]
        url = reverse("admin:questions_changeset_form", args=[changeset.pk])
        actions = [Action(_("Bring the two together"), url)]
    else:
        actions += [
            Action(
                _("Send back"),
                reverse("admin:questions_changeset_act", args=[changeset.pk, "send_back"]),
                is_post=True,
                asks=_("What is missing? %(name)s reads this.") % {"name": changeset.author},
            ),
            Action(
                _("Publish"),
                reverse("admin:questions_changeset_act", args=[changeset.pk, "apply"]),
                is_post=True,
                is_default=True,
            ),
        ]
    return changeset_task(
        changeset,
        _("change to published words"),
        changeset.author,
        short_date(changeset.created),
        warnings=warnings,
        note=changeset.note,
        note_label=_("Why"),
        differences=changeset.differences,
        actions=actions,
    )


def review_task(question: Question) -> Task:
    name = question.author or _("The writer")
    return question_task(
        question,
        _("new"),
        question.author,
        short_date(question.updated),
        actions=[
            Action(_("Open"), change_url(question)),
            Action(
                _("Send back"),
                reverse("admin:questions_question_send_back", args=[question.pk]),
                is_post=True,
                asks=_("What is missing? %(name)s reads this.") % {"name": name},
            ),
            Action(
                _("Publish"),
                reverse("admin:questions_question_publish", args=[question.pk]),
                is_post=True,
                is_default=True,
            ),
        ],
    )


def returned_task(changeset: ChangeSet) -> Task:
    note = f"{changeset.reply} ({changeset.reviewer})"
    return changeset_task(changeset, _("your change"), note=note, note_label=_("Note"))


def decided_task(changeset: ChangeSet) -> Task:
    differences = changeset.changed_by_reviewer()
    as_written = changeset.superseded_by and not differences
    outcome = ChangeSet.OUTCOMES[ChangeSet.State.APPLIED] if as_written else changeset.outcome
    by = _("%(outcome)s by %(name)s") % {"outcome": outcome, "name": changeset.reviewer}
    facts = [by, _("your words were changed")] if differences else [by]
    return changeset_task(
        changeset, *facts, note=changeset.reply, note_label=_("Note"), differences=differences
    )


def stale_task(question: Question) -> Task:
    reviewed = _("never reviewed")
    if question.reviewed_on:
        reviewed = _("last reviewed %(date)s") % {"date": date_format(question.reviewed_on, "j F Y")}
    still_right_url = reverse("admin:still_right", args=[question.pk])
    still_right = Action(_("Still right"), still_right_url, is_post=True)
    return question_task(question, reviewed, actions=[Action(_("Edit"), change_url(question)), still_right])


def question_task(question: Question, *facts, **values) -> Task:
    facts = [str(fact) for fact in facts if fact]
    return Task(str(question), change_url(question), question.difficulty, facts, **values)


def changeset_task(changeset: ChangeSet, *facts, **values) -> Task:
    return Task(str(changeset), change_url(changeset), facts=[str(f) for f in facts if f], **values)


def short_date(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j M Y")


def change_url(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def list_url(name: str, **filters) -> str:
    """The address of an admin's list, such as "questions_role", with its filters set."""
    return f"{reverse(f'admin:{name}_changelist')}?{urlencode(filters)}"


def roles_that_lack() -> tuple[list[tuple[Role, list[PartCount]]], int]:
    """Published roles that need easy, medium or hard questions, or tips, with their counts; and how many."""
    tips = Tip.objects.filter(role=models.OuterRef("pk")).order_by().values("role")
    tip_count = models.Subquery(tips.annotate(n=models.Count("pk")).values("n"))
    rows = []
    for role in Role.objects.published().with_counts().annotate(tip_count=tip_count):
        counts = part_counts(role, role.tip_count or 0)
        if any(count.is_lacking for count in counts):
            rows.append((role, counts))
    return rows[:SHOWN], len(rows)


def part_counts(role: Role, tip_count: int) -> list[PartCount]:
    """In the order of the table's columns: easy, medium and hard questions, then tips."""
    counts = []
    for difficulty, wanted in WANTED_QUESTIONS.items():
        url = list_url("questions_question", role=role.name, difficulty=difficulty)
        counts.append(PartCount(getattr(role, f"{difficulty}_count"), wanted, url))
    tips_url = list_url("learningpath_tip", role=role.name)
    return [*counts, PartCount(tip_count, WANTED_TIPS, tips_url)]
