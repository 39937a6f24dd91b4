"""Change sets: what waits for review, what was done, and how to undo it."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from .. import text as texts
from ..changes import NOTE_LENGTH, Change, ChangeSet, ContentVersion
from ..differences import Differences
from ..models import Question
from ..previews import preview_address
from ..refusals import Refusal
from .documents import ReadOnlyAdmin, count_of, is_editor, report_refusal, summary_with_link


class DeletesFilter(admin.SimpleListFilter):
    """Finds change sets that deleted something, so that it can be brought back."""

    title = _("what it does")
    parameter_name = "does"

    def lookups(self, request, model_admin):
        return [("deletes", _("deletes something")), ("creates", _("makes something new"))]

    def queryset(self, request, queryset):
        field = {"deletes": "after", "creates": "before"}.get(self.value())
        if not field:
            return queryset
        changes = Change.objects.filter(changeset=OuterRef("pk"), **{f"{field}__isnull": True})
        return queryset.filter(Exists(changes))


@admin.register(ChangeSet)
class ChangeSetAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "source", "state", "author", "created", "change_count"]
    list_select_related = ["author"]
    list_filter = ["state", "source", DeletesFilter, "created", "author"]
    search_fields = ["summary", "note", "reply", "changes__uid"]
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(change_count=count_of(Change, changeset=OuterRef("pk")))

    @admin.display(description=_("documents"), ordering="change_count")
    def change_count(self, changeset):
        return changeset.change_count

    def get_urls(self):
        act = self.admin_site.admin_view(require_POST(self.act_view))
        return [path("act/<int:pk>/<str:verb>/", act, name="questions_changeset_act"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        changeset = self.get_object(request, object_id)
        if changeset is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, changeset):
            raise PermissionDenied
        page = Paginator(changeset.changes.all(), 50).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": str(changeset),
            "opts": self.opts,
            "changeset": changeset,
            "page": page,
            "differences": Differences(page.object_list),
            "may_bring_back": changeset.state == ChangeSet.State.APPLIED and is_editor(request.user),
            "undone_by": getattr(changeset, "undone_by", None),
            "moved_on": changeset.is_open and changeset.moved_on(),
            "verbs": self.verbs(request.user, changeset),
            "note_length": NOTE_LENGTH,
            "question": self.proposed_question(changeset),
            "previews": self.previews(changeset, page.object_list),
        }
        return render(request, "admin/questions/changeset.html", context)

    def verbs(self, user, changeset: ChangeSet) -> list[str]:
        """What `user` may do to `changeset`, as the names of buttons."""
        if is_editor(user):
            return self.verbs_of_editors(changeset)
        return ["discard"] if changeset.is_open and changeset.author == user else []

    def verbs_of_editors(self, changeset: ChangeSet) -> list[str]:
        if changeset.state == ChangeSet.State.APPLIED:
            return [] if hasattr(changeset, "undone_by") else ["undo"]
        if changeset.state == ChangeSet.State.PROPOSED:
            return ["apply", "send_back", "discard"]
        return ["apply", "discard"] if changeset.is_open else []

    def previews(self, changeset: ChangeSet, changes) -> list[tuple[str, str]]:
        """`(question's name, address)` of how each question of an open set would look."""
        if not changeset.is_open:
            return []
        return [
            (change.label, preview_address("change", change.pk))
            for change in changes
            if change.kind == "question" and change.after
        ]

    def proposed_question(self, changeset: ChangeSet) -> Question | None:
        """The question that a proposal is about, for the link that opens its words in the form."""
        if changeset.state not in ChangeSet.REVISABLE:
            return None
        return Question.objects.filter(uid=changeset.subject).first()

    def act_view(self, request, pk, verb):
        changeset = get_object_or_404(ChangeSet, pk=pk)
        if verb not in {"undo", "apply", "send_back", "discard"}:
            raise Http404
        if verb != "discard" and not is_editor(request.user):
            raise PermissionDenied
        note = texts.clean(request.POST.get("note", "")).strip()
        try:
            result = self.act(request.user, changeset, verb, note)
        except Refusal as refusal:
            report_refusal(request, refusal)
            return redirect("admin:questions_changeset_change", pk)
        messages.success(request, summary_with_link(result))
        return redirect("admin:questions_changeset_changelist" if verb == "undo" else "admin:index")

    def act(self, user, changeset: ChangeSet, verb: str, note: str) -> ChangeSet:
        """Do to `changeset` what the button says. Returns the change set to show; raises Refusal."""
        if verb == "undo":
            return changeset.undo(user)
        if verb == "apply":
            changeset.apply(user)
        elif verb == "send_back":
            changeset.send_back(user, note)
        else:
            changeset.discard(user, note)
        return changeset


@admin.register(ContentVersion)
class ContentVersionAdmin(ReadOnlyAdmin):
    list_display = ["number"]
