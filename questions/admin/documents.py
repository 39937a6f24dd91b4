"""What the admin pages of all documents share: recording, conflicts, history and the preview."""

from contextlib import nullcontext
from secrets import token_urlsafe
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, ActionForm
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ..changes import REVIEW, Change, ChangeSet
from ..differences import Differences
from ..documents import KINDS
from ..fields import MarkdownField
from ..models import Role, Status
from ..notices import (
    came_from,
    came_from_list,
    public_way,
    say,
    say_done,
    say_nothing_changed,
    shortened,
    undo_way,
)
from ..recording import record, recorder
from ..refusals import Refusal
from .acts import BUTTONS_OF_EDITORS, Bar, Button, bar_of_status
from .comparing import Comparing
from .confirming import Confirmation, Group, rows_of, versions_of
from .document_form import DocumentForm, chosen_side, fieldsets_of
from .lists import name_filter
from .parts import entries_of, shown_part, without_rows
from .presence import NotesPresence
from .widgets import Autocompleted, MarkdownWidget, is_key


class WithThoseChosen(ActionForm):
    """The actions of a list."""

    action = forms.ChoiceField(label=_("With those chosen:"))


MADE = 20  # forms of new documents that a session remembers, so that Back and Save make no second one


class RecordedAdmin(Autocompleted, admin.ModelAdmin):
    """What somebody does in one request is one change set in their name."""

    formfield_overrides = {MarkdownField: {"widget": MarkdownWidget}}
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    action_form = WithThoseChosen

    def changeform_view(self, request, *args, **kwargs):
        try:
            return self._recorded_changeform_view(request, *args, **kwargs)
        except (IntegrityError, Refusal):
            # Somebody else saved the same address, or closed the proposal, at this moment. A second try
            # reads what they did: the form reports it, and still holds everything that was typed.
            return self._recorded_changeform_view(request, *args, **kwargs)

    def _recorded_changeform_view(self, request, object_id=None, *args, **kwargs):
        made = request.session.get("made", {})
        if object_id is None and (pk := made.get(request.POST.get("once"))):
            sentence = _(
                "It was saved already, by the same form: here it is. What you sent now was not saved."
            )
            say(request, sentence, level=messages.WARNING)
            return redirect(self._address_of("change", pk))
        if BUTTONS_OF_EDITORS & request.POST.keys() and not is_editor(request.user):
            raise PermissionDenied
        request.saved_row = None
        with self._recorded(request) as recording:
            response = super().changeform_view(request, object_id, *args, **kwargs)
        if request.saved_row is not None and object_id is None and "once" in request.POST:
            newest = list((made | {request.POST["once"]: request.saved_row.pk}).items())[-MADE:]
            request.session["made"] = dict(newest)
        if request.saved_row is not None and recording.changeset.pk:
            say_done(request, recording.changeset, request.saved_row)
        elif request.saved_row is not None:
            say_nothing_changed(request, request.saved_row)
        return response

    # What is said needs the change set, which is recorded once the response is made.

    def response_add(self, request, obj, post_url_continue=None):
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self.response_after_save(request, obj)

    def response_change(self, request, obj):
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        return self.response_after_save(request, obj)

    def response_after_save(self, request, obj):
        request.saved_row = obj
        return redirect(self.page_after_save(request, obj))

    def page_after_save(self, request, obj) -> str:
        """Back to where one came from, or on with this document or another one."""
        back = came_from_list(request)
        if "_continue" not in request.POST and "_addanother" not in request.POST:
            return back or self._address_of("changelist")
        url = self._address_of("add") if "_addanother" in request.POST else self._address_of("change", obj.pk)
        return f"{url}?{urlencode({'back': back})}" if back else url

    def _address_of(self, page, *args):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    def changelist_view(self, request, *args, **kwargs):
        action = request.POST.get("action")
        if action and action not in self.get_actions(request):
            raise PermissionDenied  # an act for others, or none at all
        if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest(gettext("What was chosen is no row of this list."))
        with self._recorded(request) as recording:
            response = super().changelist_view(request, *args, **kwargs)
        if recording and recording.changeset.pk:
            say_done(request, recording.changeset)
            return redirect(request.get_full_path())
        return response

    def get_view_on_site_url(self, obj=None):
        return super().get_view_on_site_url(obj) if obj is not None and self.is_public(obj) else None

    def is_public(self, row) -> bool:
        """Whether it has a page."""
        if hasattr(row, "status"):
            return row.status == Status.PUBLISHED
        return type(row).objects.published().filter(pk=row.pk).exists()

    def _recorded(self, request):
        if request.method != "POST":
            return nullcontext()
        return record(author=request.user, source=ChangeSet.Source.ADMIN)


class Version(NamedTuple):
    """A version in the history of a document, with the differences from the one before."""

    change: Change
    differences: list
    may_be_brought_back: bool

    @property
    def title(self):
        if self.change.before is None:
            return _("Made")
        if self.change.after is None:
            return _("Deleted")
        return self.change.changeset

    @property
    def applied_by(self):
        """Who applied the change, unless that is its author."""
        changeset = self.change.changeset
        return changeset.reviewer if changeset.reviewer != changeset.author else None


_RETIRE_INSTEAD = _("“%(name)s” was published: retire it instead, so that its address can say so.")


class DocumentAdmin(Comparing, NotesPresence, RecordedAdmin):
    """A document: with its history, from which any version can be brought back."""

    form = DocumentForm
    actions = ["delete_selected"]

    def get_fieldsets(self, request, obj=None):
        fieldsets = fieldsets_of(self.model.kind)
        fieldsets[0][1]["fields"].append("base")
        return fieldsets

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.buttons = self.bar(request, obj).names
        form.request = request
        return form

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """On the page of a conflict, a list may be chosen to stay as somebody else has saved it."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        section = self._section_of(inline)
        if section and "data" in kwargs and chosen_side(request.POST, section.name) == "theirs":
            kwargs["data"] = without_rows(kwargs["data"], prefix)
        return kwargs

    def get_inline_formsets(self, request, formsets, inline_instances, obj=None, **kwargs):
        """A list that somebody else has changed shows their rows, unless it was changed here, too."""
        if conflict := getattr(request, "conflict", None):
            formsets = [
                self._joined_rows(request, conflict, *pair)
                for pair in zip(formsets, inline_instances, strict=True)
            ]
        return super().get_inline_formsets(request, formsets, inline_instances, obj, **kwargs)

    def _joined_rows(self, request, conflict, formset, inline):
        section = self._section_of(inline)
        if section is None or section.name not in {side.key for side in conflict.taken}:
            return formset
        if entries_of(formset, section) == shown_part(conflict.opened[section.name], section, formset):
            rows = inline.get_queryset(request)
            return type(formset)(instance=formset.instance, prefix=formset.prefix, queryset=rows)
        conflict.move_to_both(section.name)
        return formset

    def _section_of(self, inline):
        return next((each for each in KINDS[self.model.kind].sections if each.model is inline.model), None)

    def bar(self, request, row) -> Bar:
        """The buttons of the form of `row`, which is None for a new one."""
        if hasattr(self.model, "status"):
            return bar_of_status(row and row.status, is_editor=is_editor(request.user), has_review=False)
        more = [
            Button("_addanother", _("Save and add another")),
            Button("_continue", _("Save and stay here")),
        ]
        return Bar(Button("_save", _("Save")), [], more)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        status_before = getattr(form, "status_before", None)
        if obj and status_before:
            obj.status = status_before  # a button that was refused has not changed it
        context |= {
            "back": came_from_list(request),
            "once": "" if obj and obj.pk else request.POST.get("once") or token_urlsafe(9),
            "bar": self.bar(request, obj),
            "gate": getattr(form, "gate", None),
            "conflict": getattr(form, "conflict", None),
            "facts": self.facts(obj) if obj else [],
        }
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def facts(self, row) -> list:
        """What stands below the name of a document."""
        if not hasattr(row, "status"):
            return []
        reviewed = getattr(row, "reviewed_on", None)
        last = _("last reviewed %(date)s") % {"date": date_format(reviewed, "j F Y")} if reviewed else ""
        return [fact for fact in (row.get_status_display(), last) if fact]

    def get_urls(self):
        bring_back = self.admin_site.admin_view(require_POST(self.bring_back_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_bring_back"
        return [path("bring-back/<int:pk>/", bring_back, name=name), *super().get_urls()]

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not was_published(obj)

    def delete_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_delete_permission(request, row):
            if not (was_published(row) and is_editor(request.user)):
                raise PermissionDenied
            messages.error(request, _RETIRE_INSTEAD % {"name": shortened(row)})
            return redirect(self._address_of("change", row.pk))
        with self._recorded(request) as recording:
            page = self.delete_rows(request, self.model.objects.filter(pk=row.pk))
        if page:
            return page
        say_done(request, recording.changeset, row)
        back = came_from(request)
        is_gone = back.startswith(self._address_of("change", row.pk))
        return redirect(self._address_of("changelist") if is_gone or not back else back)

    @admin.action(description=_("Delete"), permissions=["delete"])
    def delete_selected(self, request, queryset):
        return self.delete_rows(request, queryset)

    def delete_rows(self, request, queryset):
        """Delete those of `queryset` that may be; the page that asks, until that is confirmed."""
        reasons = {row: self.reason_to_keep(request, row) for row in queryset}
        rows = self.model.objects.filter(pk__in=[row.pk for row, reason in reasons.items() if not reason])
        if request.method == "POST" and "confirmed" in request.POST:
            recorder().touch_all(rows.deleting())  # locked before they are compared
        confirmation = self.confirmation_of_deletion(request, rows, reasons)
        if not rows or not confirmation.is_given_by(request):
            return confirmation.page(request, self)
        self.log_deletions(request, rows)
        rows.delete()
        recorder().changeset.summary = confirmation.title[:300]
        return None

    def confirmation_of_deletion(self, request, rows, reasons) -> Confirmation:
        names = [str(row) for row in rows]
        count = len(names)
        what = self.opts.verbose_name_plural if count != 1 else self.opts.verbose_name
        title = _("Delete %(n)s %(what)s") % {"n": count, "what": what}
        if count == 1:
            title = _("Delete the %(what)s “%(name)s”") % {"what": what, "name": shortened(names[0])}
        deleting = rows.deleting()
        versions = versions_of(deleting)
        others = []
        for kind, uids in deleting.items():
            others += KINDS[kind].model.objects.filter(uid__in=uids) if kind != self.model.kind else []
        undo = _("It can be undone.") if is_editor(request.user) else _("An Editor can bring it back.")
        kept: dict[str, list] = {}
        for row, reason in reasons.items():
            kept.setdefault(reason, []).append(row)
        kept.pop("", None)
        return Confirmation(
            title=title,
            summary=undo if count else _("None of them can be deleted."),
            button=title,
            act=f"delete {self.model.kind}",
            versions=versions,
            groups=[
                Group(heading, rows_of(group))
                for heading, group in {_("What is deleted"): rows, _("What changes with it"): others}.items()
                if group
            ],
            untouched=[Group(reason, rows_of(group)) for reason, group in kept.items()],
            disappearing=self.model.objects.published().filter(pk__in=[row.pk for row in rows]).count(),
            hidden=[
                (name, value)
                for name in ("action", "select_across", "index", ACTION_CHECKBOX_NAME)
                for value in request.POST.getlist(name)
            ],
            back=came_from(request),
        )

    def reason_to_keep(self, request, row) -> str:
        """Why this user may not delete `row`; empty if they may."""
        if was_published(row):
            return _("Published once: retire it instead, so that its address can say so")
        return "" if self.has_delete_permission(request, row) else _("You may not delete it")

    def may_bring_back(self, request, row) -> bool:
        """Whether this user may bring back a former version of `row`."""
        return is_editor(request.user)

    def history_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        changes = Change.objects.applied().filter(kind=row.kind, uid=row.uid)
        changes = changes.select_related("changeset__author", "changeset__reviewer").order_by("-pk")
        page = Paginator(changes, 20).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(name)s") % {"name": row},
            "opts": self.opts,
            "object": row,
            "page": page,
            "versions": self._versions(page, self.may_bring_back(request, row)),
        } | (extra_context or {})
        return render(request, "admin/questions/history.html", context)

    def _versions(self, page, may_bring_back):
        versions = []
        rows = enumerate(Differences(page.object_list), start=page.start_index())
        for place, (change, differences) in rows:
            is_newest = place == 1
            is_edit = change.before is not None and change.after is not None
            versions.append(Version(change, differences if is_edit else [], may_bring_back and not is_newest))
        return versions

    def bring_back_view(self, request, pk):
        change = get_object_or_404(Change.objects.applied(), pk=pk, kind=self.model.kind)
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            changeset = change.bring_back(request.user)
        except Refusal as refusal:
            report_refusal(request, refusal)
        else:
            self._say_brought_back(request, change, changeset)
        row = self.model.objects.filter(uid=change.uid).first()
        if row is None:
            return redirect("admin:index")
        return redirect(f"admin:questions_{self.opts.model_name}_history", row.pk)

    def _say_brought_back(self, request, change, changeset):
        if changeset is None:
            say(request, _("Nothing was changed: this is what is saved already."))
            return
        date = date_format(timezone.localtime(change.changeset.applied_at), "j F Y, H:i")
        sentence = _("Brought back “%(name)s” as it was on %(date)s.")
        say(
            request,
            sentence % {"name": shortened(change), "date": date},
            public_way(changeset.changes.get()),
            undo_way(request.user, changeset),
        )


def count_of(model, **filters):
    """A count of related rows, which the database makes for the rows of the page only."""
    rows = model.objects.filter(**filters).order_by().values(*filters)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that are edited elsewhere, or written by the site itself; here they can be found and read."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class SeenByCurators(ReadOnlyAdmin):
    """Rows that whoever sees questions may see.

    Groups that were made before there were such rows have no permission of their own for them.
    """

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("questions.view_question")

    def has_module_permission(self, request):
        return self.has_view_permission(request)


class PartAdmin(ReadOnlyAdmin):
    """Parts of a role: a list to search. A role is edited in one place, so that nobody overwrites anybody."""

    list_select_related = ["role"]
    list_filter = [name_filter("role", _("Role"), Role, "role")]

    def has_delete_permission(self, request, obj=None):
        # They are deleted with their role, so a user who may delete roles must be allowed to delete them.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_view(self, request, *args, **kwargs):
        raise PermissionDenied

    def get_actions(self, request, action_location=None):  # Django 6.1 passes the location
        return {}

    def render_change_form(self, request, context, *args, **kwargs):
        return super().render_change_form(request, context | {"show_delete": False}, *args, **kwargs)

    @admin.display(description=_("role"), ordering="role__name")
    def on_role(self, part):
        address = reverse("admin:questions_role_change", args=[part.role_id])
        return format_html('<a href="{}">{}</a>', address, part.role)


def was_published(row) -> bool:
    """Whether a document was ever public, so that it is retired and not deleted."""
    return getattr(row, "published_at", None) is not None


def report_refusal(request, refusal):
    messages.error(request, _("Nothing was changed. %(reason)s") % {"reason": refusal})


def is_editor(user) -> bool:
    return user.has_perm(REVIEW)
