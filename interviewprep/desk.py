"""The first page of the admin: what waits, what came back, what is stale, what roles lack."""

from datetime import timedelta

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from questions.changes import REVIEW, ChangeSet
from questions.differences import with_differences
from questions.models import Question, Role, Status
from questions.recording import record

STALE_AFTER = timedelta(days=365)
# What a role should have at least, for its page to be worth an evening.
WANTED = {"easy_count": 4, "medium_count": 8, "hard_count": 4, "tip_count": 4}
SHOWN = 10  # rows of each part; the rest is behind a link


class Desk(admin.AdminSite):
    site_header = site_title = gettext_lazy("Interview Prep")
    index_title = gettext_lazy("Desk")
    index_template = "admin/desk.html"

    def each_context(self, request):
        return super().each_context(request) | {"curator_contact": settings.CURATOR_CONTACT}

    def get_app_list(self, request, app_label=None):
        """The bank first; accounts, which are seldom wanted, last."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: (app["app_label"] == "auth", app["app_label"] != "questions"))

    def get_urls(self):
        still_right = self.admin_view(require_POST(self.still_right))
        return [path("still-right/<int:pk>/", still_right, name="still_right"), *super().get_urls()]

    def index(self, request, extra_context=None):
        context = self.waiting(request.user) if request.user.has_perm("questions.view_question") else {}
        return super().index(request, context | (extra_context or {}))

    def waiting(self, user):
        """What the desk shows to `user`; lists are one longer than shown where there is more."""
        is_editor = user.has_perm(REVIEW)
        today = timezone.localdate()
        stale = Question.objects.published().filter(
            Q(reviewed_on__lt=today - STALE_AFTER) | Q(reviewed_on=None)
        )
        sets = ChangeSet.objects.select_related("author", "reviewer")
        proposals = sets.filter(state=ChangeSet.State.PROPOSED)
        mine = Question.objects.filter(author=user)
        sent_back = Question.objects.sent_back().filter(author=user)
        return {
            "is_editor": is_editor,
            "counts": Question.objects.counts_by_status(),
            "in_review": Question.objects.filter(status=Status.REVIEW)
            .select_related("author")
            .order_by("updated", "pk")[: SHOWN + 1],
            "proposals": with_differences(proposals.order_by("pk")[:SHOWN]) if is_editor else [],
            "my_proposals": proposals.filter(author=user)[: SHOWN + 1],
            "my_drafts": mine.filter(status=Status.DRAFT).order_by("-updated", "-pk")[: SHOWN + 1],
            "my_reviews": mine.filter(status=Status.REVIEW).order_by("-updated", "-pk")[: SHOWN + 1],
            "returned": sets.filter(state=ChangeSet.State.RETURNED, author=user)[: SHOWN + 1],
            "sent_back": sent_back[: SHOWN + 1],
            "outcomes": ChangeSet.objects.outcomes(user, SHOWN),
            "stale": stale.order_by("reviewed_on", "pk")[: SHOWN + 1] if is_editor else [],
            "stale_before": today - STALE_AFTER,
            "lacking": self.lacking() if is_editor else [],
            "shown": f":{SHOWN}",
        }

    def lacking(self):
        """Published roles that want easy, medium or hard questions, or tips: `[(role, counts), …]`."""
        roles = Role.objects.published().with_facts()
        tips = dict(Role.objects.published().annotate(n=Count("tips")).values_list("pk", "n"))
        lacking = []
        for role in roles:
            role.tip_count = tips[role.pk]
            counts = [
                {"value": getattr(role, name), "wanted": wanted, "is_lacking": getattr(role, name) < wanted}
                for name, wanted in WANTED.items()
            ]
            if any(count["is_lacking"] for count in counts):
                lacking.append((role, counts))
        return lacking[:SHOWN]

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
