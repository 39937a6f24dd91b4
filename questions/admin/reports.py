"""Reports from readers: by question, the oldest first, and each beside the question that it is of."""

from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ..differences import names_in
from ..documents import KINDS
from ..models import Question, Report, Status
from ..notices import Way, came_from_list, public_way, say, shortened, undo_way
from ..reading import parts_of
from ..refusals import Refusal
from .documents import SeenByCurators, is_editor, report_refusal
from .widgets import is_key

PER_PAGE = 25  # questions
SHOWN = 5  # reports of a question in the list
MOST_BESIDE = 50  # others on the page of one


class ReportFilter(forms.Form):
    """What the page lists. A value that is unknown is told, and does not count."""

    STATES = (("", _("open")), ("closed", _("closed")), ("all", _("open and closed")))

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    kind = forms.ChoiceField(
        label=_("What is it"), choices=[("", _("anything")), *Report.Kind.choices], required=False
    )
    question = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs, label_suffix="")

    def reports(self, user):
        reports = Report.objects.visible_to(user)
        state = self.cleaned_data.get("state", "")
        if state != "all":
            reports = reports.filter(state=state or Report.State.OPEN)
        for name in ("kind", "question"):
            if value := self.cleaned_data.get(name):
                reports = reports.filter(**{name: value})
        return reports


class Entry(NamedTuple):
    """A question of the page, with the first of its reports."""

    question: Question
    reports: list[Report]
    more: int  # reports that are not shown


@admin.register(Report)
class ReportAdmin(SeenByCurators):
    def get_urls(self):
        act = self.admin_site.admin_view(require_POST(self.act_view))
        return [path("act/<int:pk>/<str:verb>/", act, name="questions_report_act"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        filter_form = ReportFilter(request.GET)
        filter_form.is_valid()
        reports = filter_form.reports(request.user)
        page = Paginator(reports.questions(), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "filter_form": filter_form,
            "is_filtered": bool(request.GET.keys() - {"page"}),
            "page": page,
            "entries": entries(page.object_list, reports),
        }
        return render(request, "admin/questions/reports.html", context | (extra_context or {}))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        report = self._visible(request, object_id)
        question = report.question
        document = KINDS["question"].read([question.uid])[question.uid].document
        names = names_in([("question", document)])
        others = question.reports.open().exclude(pk=report.pk)[:MOST_BESIDE]
        context = {
            **self.admin_site.each_context(request),
            "title": _("A report on this question"),
            "subtitle": None,
            "opts": self.opts,
            "report": report,
            "question": question,
            "others": others if report.is_open else [],
            "parts": parts_of("question", document, document, names),
            "today": timezone.localdate(),
            "may_act": is_editor(request.user),
            "has_line": question.status == Status.PUBLISHED,
        }
        return render(request, "admin/questions/report.html", context | (extra_context or {}))

    def act_view(self, request, pk, verb):
        if verb not in {"close", "correct", "reopen"}:
            raise Http404
        if not is_editor(request.user):
            raise PermissionDenied
        report = self._visible(request, pk)
        try:
            if verb == "reopen":
                self._reopen(request, report)
            else:
                self._close(request, report, corrected=verb == "correct")
        except Refusal as refusal:
            report_refusal(request, refusal)
        return redirect(came_from_list(request) or "admin:questions_report_changelist")

    def _visible(self, request, pk) -> Report:
        if not is_key(str(pk)) or not self.has_view_permission(request):
            raise Http404
        reports = Report.objects.visible_to(request.user).select_related("question", "closed_by")
        return get_object_or_404(reports, pk=pk)

    def _close(self, request, report, *, corrected):
        chosen = request.POST.getlist("report") or [str(report.pk)]
        if not all(map(is_key, chosen)):
            raise Http404
        question = report.question
        closing = Report.objects.filter(pk__in=chosen).close(request.user, question, corrected=corrected)
        names = {"n": closing.number, "name": shortened(question)}
        text = ngettext(
            "Closed a report on “%(name)s”.", "Closed %(n)s reports on “%(name)s”.", closing.number
        )
        sentences = [text % names]
        ways = []
        if corrected:
            line = _("Below the answer it says “Corrected on %(day)s”.")
            sentences.append(line % {"day": date_format(question.corrected_on, "j F Y")})
        if closing.changeset:
            ways.append(public_way(closing.changeset.changes.get()))
            undo = undo_way(request.user, closing.changeset)
            ways.append(undo and undo._replace(label=_("Take the line away")))
        if closing.number == 1:
            [pk] = chosen if len(chosen) == 1 else [report.pk]
            ways.append(Way(_("Open it again"), act_address(pk, "reopen"), is_post=True))
        say(request, " ".join(sentences), *ways)

    def _reopen(self, request, report):
        if report.reopen(request.user):
            say(request, _("Opened again: a report on “%(name)s”.") % {"name": shortened(report.question)})
        else:
            text = _("Nothing was changed: it is open already, or the same words are.")
            say(request, text, level=messages.WARNING)


def act_address(pk, verb: str) -> str:
    return reverse("admin:questions_report_act", args=[pk, verb])


def entries(rows, reports) -> list[Entry]:
    """The questions of one page with their first reports: two queries."""
    numbers = {row["question"]: row["number"] for row in rows}
    place = Window(RowNumber(), partition_by="question", order_by=[F("created").asc(), F("pk").asc()])
    first = reports.filter(question__in=numbers).annotate(place=place).filter(place__lte=SHOWN)
    by_question: dict[int, list[Report]] = {pk: [] for pk in numbers}
    for report in first.select_related("closed_by").order_by("created", "pk"):
        by_question[report.question_id].append(report)
    questions = Question.objects.only("text", "difficulty", "status").in_bulk(numbers)
    return [
        Entry(questions[pk], of_question, numbers[pk] - len(of_question))
        for pk, of_question in by_question.items()
        if pk in questions
    ]
