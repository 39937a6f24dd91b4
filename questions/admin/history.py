"""Change sets: what waits for review, what was done, and how to undo it."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ..changes import NOTE_LENGTH, Change, ChangeSet, ContentVersion
from ..differences import Differences
from ..documents import KINDS, in_batches
from ..imported import Import
from ..models import Question
from ..notices import (
    came_from,
    next_waiting,
    page_of,
    public_way,
    say,
    say_undone,
    shortened,
    undo_way,
)
from ..previews import preview_address
from ..refusals import Refusal
from .confirming import FEW, Confirmation, groups_of
from .documents import ReadOnlyAdmin, count_of, is_editor, report_refusal
from .lists import Filter, choice_filter
from .noting import error_of_note, note_of, page_of_note


class DeletesFilter(Filter):
    """Finds change sets that deleted something, so that it can be brought back."""

    title = _("What it does")
    parameter_name = "does"

    def options_of(self):
        return [("deletes", _("Deletes something")), ("creates", _("Makes something new"))]

    def queryset(self, request, queryset):
        field = {"deletes": "after", "creates": "before"}.get(self.value())
        if not field:
            return queryset
        changes = Change.objects.filter(changeset=OuterRef("pk"), **{f"{field}__isnull": True})
        return queryset.filter(Exists(changes))


class WhenFilter(Filter):
    title, parameter_name = _("When"), "when"
    any_label = _("Any time")

    def options_of(self):
        return [("1", _("Since yesterday")), ("7", _("In 7 days")), ("31", _("In 31 days"))]

    def queryset(self, request, queryset):
        days = self.value()
        if days not in {"1", "7", "31"}:
            return queryset
        return queryset.filter(created__gte=timezone.now() - timedelta(days=int(days)))


class AuthorFilter(Filter):
    title, parameter_name = _("Who"), "author"
    any_label = _("Anybody")

    def options_of(self):
        authors = User.objects.filter(changesets__isnull=False).distinct()
        return [(name, name) for name in authors.order_by("username").values_list("username", flat=True)]

    def queryset(self, request, queryset):
        return queryset.filter(author__username=self.value()) if self.value() else queryset


@admin.register(ChangeSet)
class ChangeSetAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "what", "source", "state", "author", "moment", "change_count"]
    list_select_related = ["author"]
    list_filter = [
        choice_filter("state", _("State"), ChangeSet.State.choices),
        choice_filter("source", _("How"), ChangeSet.Source.choices),
        DeletesFilter,
        WhenFilter,
        AuthorFilter,
    ]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["summary", "note", "reply", "changes__uid"]
    show_full_result_count = False

    def get_queryset(self, request):
        deletions = Change.objects.filter(changeset=OuterRef("pk"), after__isnull=True)
        new = Change.objects.filter(changeset=OuterRef("pk"), before__isnull=True)
        return (
            super()
            .get_queryset(request)
            .annotate(
                change_count=count_of(Change, changeset=OuterRef("pk")),
                deletes=Exists(deletions),
                creates=Exists(new),
            )
        )

    @admin.display(description=_("when"), ordering="pk")
    def moment(self, changeset):
        return date_format(timezone.localtime(changeset.created), "j M Y, H:i")

    @admin.display(description=_("what"))
    def what(self, changeset):
        if changeset.deletes:
            return format_html('<span class="bad">{}</span>', _("deletes"))
        return _("makes new") if changeset.creates else _("changes")

    @admin.display(description=_("documents"), ordering="change_count")
    def change_count(self, changeset):
        return changeset.change_count

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"list_title": _("History"), **(extra_context or {})})

    def get_urls(self):
        act = self.admin_site.admin_view(require_POST(self.act_view))
        form = self.admin_site.admin_view(self.form_view)
        return [
            path("act/<int:pk>/<str:verb>/", act, name="questions_changeset_act"),
            path("<int:pk>/form/", form, name="questions_changeset_form"),
            *super().get_urls(),
        ]

    def form_view(self, request, pk):
        """The form of a proposal's question, open with its words."""
        question = self.proposed_question(get_object_or_404(ChangeSet, pk=pk))
        if question is None:
            return redirect("admin:questions_changeset_change", pk)
        url = reverse("admin:questions_question_change", args=[question.pk])
        return redirect(f"{url}?{urlencode({'changeset': pk, 'back': came_from(request)})}")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        changeset = self.get_object(request, object_id)
        if changeset is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, changeset):
            raise PermissionDenied
        if row := import_of(changeset):
            return redirect("admin:questions_import_change", row.pk)
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
            return self.verbs_of_editors(user, changeset)
        if changeset.state == ChangeSet.State.APPLIED:
            return self.verbs_of_undo(user, changeset)
        return ["discard"] if changeset.is_open and changeset.author == user else []

    def verbs_of_editors(self, user, changeset: ChangeSet) -> list[str]:
        if changeset.state == ChangeSet.State.APPLIED:
            return self.verbs_of_undo(user, changeset)
        may_apply = [] if not changeset.is_open or changeset.moved_on() else ["apply"]
        if changeset.state == ChangeSet.State.PROPOSED:
            return [*may_apply, "send_back", "discard"]
        return [*may_apply, "discard"] if changeset.is_open else []

    def verbs_of_undo(self, user, changeset: ChangeSet) -> list[str]:
        may_be_undone = changeset.may_be_undone_by(user) and not hasattr(changeset, "undone_by")
        return ["undo"] if may_be_undone else []

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
        if row := import_of(changeset):  # what of it is taken is chosen there
            return redirect("admin:questions_import_change", row.pk)
        if verb not in {"discard", "undo"} and not is_editor(request.user):
            raise PermissionDenied
        if verb in {"send_back", "discard"}:
            error = error_of_note(request, is_needed=verb == "send_back")
            if error:
                return page_of_note(self, request, changeset, error)
        try:
            return getattr(self, verb)(request, changeset)
        except Refusal as refusal:
            report_refusal(request, refusal)
            return redirect("admin:questions_changeset_change", pk)

    def undo(self, request, changeset: ChangeSet):
        """Undo it: at once where that touches little, else once the page that lists it is confirmed."""
        if not changeset.may_be_undone_by(request.user):
            raise PermissionDenied
        changes = changeset.undoing()
        if len(changes) > FEW or disappearing(changes):
            confirmation = self.confirmation_of_undo(changeset, changes, came_from(request))
            if not confirmation.is_given_by(request):
                return confirmation.page(request, self)
        undo = changeset.undo(request.user, changes)
        say_undone(request, changeset, undo)
        return redirect(came_from(request) or page_of(undo))

    def confirmation_of_undo(self, changeset: ChangeSet, changes: list[Change], back: str) -> Confirmation:
        count, hidden = len(changes), disappearing(changes)
        touched = ngettext(
            "It puts back %(n)s document as it was before.",
            "It puts back %(n)s documents as they were before.",
            count,
        )
        gone = ngettext(
            "%(n)s that readers see now disappears from the public.",
            "%(n)s that readers see now disappear from the public.",
            hidden,
        )
        title = _("Undo “%(act)s”") % {"act": shortened(changeset)}
        applied = date_format(timezone.localtime(changeset.applied_at), "j F Y, H:i")
        by = changeset.author or changeset.get_source_display()
        button = ngettext("Undo %(n)s change", "Undo all %(n)s", count)
        return Confirmation(
            title=title,
            summary=" ".join([touched % {"n": count}, *([gone % {"n": hidden}] if hidden else [])]),
            button=button % {"n": count},
            act=f"undo {changeset.pk}",
            versions=[(change.kind, change.uid, change.base) for change in changes],
            groups=groups_of(changes),
            facts=[_("Done on %(date)s by %(who)s") % {"date": applied, "who": by}],
            disappearing=hidden,
            back=back,
        )

    def apply(self, request, changeset: ChangeSet):
        changeset.apply(request.user)
        name = {"writer": changeset.author or changeset.get_source_display(), "name": shortened(changeset)}
        changes = list(changeset.changes.all()[:1])
        say(
            request,
            _("Published what %(writer)s proposes for “%(name)s”.") % name,
            public_way(changes[0]) if changes else None,
            undo_way(request.user, changeset),
            next_waiting(),
        )
        return redirect(came_from(request) or "admin:index")

    def send_back(self, request, changeset: ChangeSet):
        changeset.send_back(request.user, note_of(request))
        sentence = _("Sent back to %(writer)s with your note. Readers see the words from before.")
        say(request, sentence % {"writer": changeset.author}, next_waiting())
        return redirect("admin:index")

    def discard(self, request, changeset: ChangeSet):
        changeset.discard(request.user, note_of(request))
        name = {"writer": changeset.author, "name": shortened(changeset)}
        if changeset.author == request.user:
            say(request, _("Took your change to “%(name)s” back. Readers see the words from before.") % name)
        else:
            say(request, _("Discarded what %(writer)s proposes for “%(name)s”.") % name, next_waiting())
        return redirect("admin:index")


def import_of(changeset: ChangeSet) -> Import | None:
    """The import that a planned set belongs to."""
    if changeset.state != ChangeSet.State.PLANNED:
        return None
    return Import.objects.filter(changeset=changeset).only("pk").first()


def disappearing(changes: list[Change]) -> int:
    """How many documents that readers see now would be gone after `changes`.

    A topic or a category has no status: readers see it while something published is in it.
    """
    count = 0
    for kind, schema in KINDS.items():
        hidden = [change.uid for change in changes if change.kind == kind and change.hides]
        published = getattr(schema.model.objects, "published", None)
        if hidden and published and "status" not in schema.fields:
            count += sum(published().filter(uid__in=batch).count() for batch in in_batches(hidden))
        elif "status" in schema.fields:
            count += len(hidden)
    return count


@admin.register(ContentVersion)
class ContentVersionAdmin(ReadOnlyAdmin):
    list_display = ["number"]
