"""Change sets: what waits for review, what was done, and the way to undo it."""

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
from ..changes import Change, ChangeSet, ContentVersion
from ..differences import Differences
from ..models import Question
from ..previews import preview_address
from ..refusals import Refusal
from .documents import ReadOnlyAdmin, count_of, is_editor, said_of


class DeletesFilter(admin.SimpleListFilter):
    """Finds what was deleted, to be brought back."""

    title = _("what it does")
    parameter_name = "does"

    def lookups(self, request, model_admin):
        return [("deletes", _("deletes something")), ("creates", _("makes something new"))]

    def queryset(self, request, queryset):
        field = {"deletes": "after", "creates": "before"}.get(self.value())
        if not field:
            return queryset
        return queryset.filter(
            Exists(Change.objects.filter(changeset=OuterRef("pk"), **{f"{field}__isnull": True}))
        )


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
            "moved_on": changeset.is_open and changeset.moved_on(),
            "verbs": self.verbs(request.user, changeset),
            "question": self.proposed_question(changeset),
            "previews": self.previews(changeset, page.object_list),
        }
        return render(request, "admin/questions/changeset.html", context)

    def verbs(self, user, changeset):
        """What `user` may do to `changeset`, as the names of buttons."""
        state, states = changeset.state, ChangeSet.State
        if state == states.APPLIED and is_editor(user) and not hasattr(changeset, "undone_by"):
            return ["undo"]
        if changeset.is_open and is_editor(user):
            return ["apply", *(["send_back"] if state == states.PROPOSED else []), "discard"]
        return ["discard"] if changeset.is_open and changeset.author == user else []

    def previews(self, changeset, changes):
        """`(question's name, address)` of how each question of an open set would look."""
        return [
            (change.label, preview_address("change", change.pk))
            for change in changes
            if changeset.is_open and change.kind == "question" and change.after
        ]

    def proposed_question(self, changeset):
        """The question that a proposal is about, for the link that opens its words in the form."""
        is_proposal = changeset.state in ChangeSet.REVISABLE
        return Question.objects.filter(uid=changeset.subject).first() if is_proposal else None

    def act_view(self, request, pk, verb):
        changeset = get_object_or_404(ChangeSet, pk=pk)
        note = texts.clean(request.POST.get("note", "")).strip()
        acts = {
            "undo": lambda: changeset.undo(request.user),
            "apply": lambda: changeset.apply(request.user),
            "send_back": lambda: changeset.send_back(request.user, note),
            "discard": lambda: changeset.discard(request.user, note),
        }
        if verb not in acts:
            raise Http404
        if verb != "discard" and not is_editor(request.user):
            raise PermissionDenied
        try:
            done = acts[verb]() or changeset
        except Refusal as refusal:
            text = _("Nothing was changed. %(reason)s") % {"reason": refusal}
            self.message_user(request, text, messages.ERROR)
            return redirect("admin:questions_changeset_change", pk)
        self.message_user(request, said_of(done), messages.SUCCESS)
        return redirect("admin:index" if verb != "undo" else "admin:questions_changeset_changelist")


@admin.register(ContentVersion)
class ContentVersionAdmin(ReadOnlyAdmin):
    list_display = ["number"]
