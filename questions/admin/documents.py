"""What the admin pages of all documents share: recording, conflicts, history and the preview."""

from contextlib import nullcontext
from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from .. import markdown
from .. import text as texts
from ..changes import REVIEW, Change, ChangeSet
from ..differences import Differences, as_text, word_diff
from ..documents import KINDS, Key, as_plain
from ..fields import MarkdownField
from ..recording import record, recorder
from ..refusals import Refusal
from .comparing import Comparing
from .presence import NotesPresence


class MarkdownWidget(AdminTextareaWidget):
    """A text area with a preview by the site's own renderer."""

    template_name = "admin/markdown_widget.html"

    class Media:
        js = ["admin/markdown-preview.js"]
        css = {"all": ["admin/markdown-preview.css"]}

    def get_context(self, name, value, attrs):
        return super().get_context(name, value, attrs) | {"preview": reverse("admin:markdown_preview")}


@require_POST
def preview_markdown(request):
    """The HTML of the Markdown `text`, as the site would show it, below a list of what is lost of it."""
    text = texts.clean(request.POST.get("text", ""))
    shown = text[: markdown.MAX_LENGTH]
    losses = markdown.lost(shown)
    if shown != text:
        reason = _("here end the %(most)s characters that a text may have")
        losses.append((shown.count("\n") + 1, reason % {"most": markdown.MAX_LENGTH}))
    return HttpResponse(_warning_of(losses) + markdown.render(shown))


def _warning_of(losses):
    losses = [(_("Line %(line)s") % {"line": line}, reason) for line, reason in losses]
    if not losses:
        return ""
    return format_html('<ul class="lost">{}</ul>', format_html_join("", "<li>{}: {}</li>", losses))


class _KeysOnly:
    """Shows the chosen rows, and nothing for what is no primary key: Django's own widget raises."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if is_key(key)], attr)


def is_key(text) -> bool:
    """Whether a row may have `text` as its primary key, a number of at most 63 bits."""
    return str(text).isdecimal() and len(str(text)) < 19


class Autocomplete(_KeysOnly, AutocompleteSelect):
    pass


class AutocompleteMultiple(_KeysOnly, AutocompleteSelectMultiple):
    pass


class Autocompleted:
    """For an admin or an inline whose `autocomplete_fields` get the widgets above."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", AutocompleteMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class RecordedAdmin(Autocompleted, admin.ModelAdmin):
    """What somebody does in one request is one change set in their name."""

    formfield_overrides = {MarkdownField: {"widget": MarkdownWidget}}
    show_full_result_count = False

    def changeform_view(self, request, *args, **kwargs):
        try:
            return self._recorded_changeform_view(request, *args, **kwargs)
        except (IntegrityError, Refusal):
            # Somebody else saved the same address, or closed the proposal, at this moment. A second try
            # reads what they did: the form reports it, and still holds everything that was typed.
            return self._recorded_changeform_view(request, *args, **kwargs)

    def _recorded_changeform_view(self, request, *args, **kwargs):
        with self._recorded(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        with self._recorded(request) as recording:
            response = super().changelist_view(request, *args, **kwargs)
        if recording and recording.changeset.pk:
            self.message_user(request, summary_with_link(recording.changeset), messages.SUCCESS)
        return response

    def delete_view(self, request, *args, **kwargs):
        with self._recorded(request):
            return super().delete_view(request, *args, **kwargs)

    def get_view_on_site_url(self, obj=None):
        # Only what is public has a page.
        if obj is not None and not type(obj).objects.published().filter(pk=obj.pk).exists():
            return None
        return super().get_view_on_site_url(obj)

    def _recorded(self, request):
        if request.method != "POST":
            return nullcontext()
        return record(author=request.user, source=ChangeSet.Source.ADMIN)


def fieldsets_of(kind: str) -> list[tuple]:
    """The fieldsets of the form of a kind of document, as its keys declare them."""
    lines_by_group: dict[str, list] = {}
    for key in KINDS[kind].keys:
        lines = lines_by_group.setdefault(key.group, [])
        if isinstance(key, Key):
            _add_field(lines, key)
        elif not key.ordered:  # an ordered list is an inline
            lines.append(key.name)
    return [(group or None, {"fields": lines}) for group, lines in lines_by_group.items()]


def _add_field(lines, key):
    name = key.field or key.name
    if not key.beside:
        lines.append(name)
    elif isinstance(lines[-1], tuple):
        lines[-1] = (*lines[-1], name)
    else:
        lines[-1] = (lines[-1], name)


_SAVED_MEANWHILE = _(
    "Somebody saved this after you had opened it. Nothing of yours is lost: it is in the fields. "
    "Each field that differs shows what you both began from and what is saved now. Choose, then save "
    "again."
)


class DocumentForm(forms.ModelForm):
    """Refuses to overwrite what somebody else saved after this form was opened."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version that was opened
    proposed_change = None  # a Change whose words the form opens with, in place of those that are saved

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["base"].initial = self.instance.version
        if self.proposed_change:
            self._open_with(self.proposed_change)

    def document(self) -> dict:
        """The document that the form describes, once it is valid."""
        kind = KINDS[self.instance.kind]
        document = dict(kind.read([self.instance.uid])[self.instance.uid].document)
        for key, name in kind.fields.items():
            document[key] = as_plain(getattr(self.instance, name))
        for section in kind.sections:
            rows = self.cleaned_data.get(section.name)
            if rows is not None:
                document[section.name] = [row.uid for row in rows]
        return document

    def _open_with(self, change):
        kind = KINDS[self.instance.kind]
        document = change.after
        # Not the version that is saved now: else a save would take back, unseen, what was saved since.
        self.fields["base"].initial = self.initial["base"] = change.base
        for key, name in kind.fields.items():
            if key in document:
                self.initial[name] = document[key]
        for section in kind.sections:
            if section.name in self.fields and section.refers:
                rows = KINDS[section.refers].model.objects.filter(uid__in=document.get(section.name, []))
                self.initial[section.name] = list(rows)

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            kind, uid = self.instance.kind, self.instance.uid
            recorder().touch(kind, [uid])  # locks the row until this save is finished
            saved = recorder().saved(kind, uid)
            opened_version = cleaned.get("base")
            if saved.version != opened_version:
                opened = Change.objects.document_at(kind, uid, opened_version)
                self._report_conflict(opened, saved.document or {}, saved.version)
        return cleaned

    def _report_conflict(self, opened, saved, version):
        """Show, at each field that differs, what the form was opened with and what is saved now.

        What was typed stays in the form, which now starts from `version`: the next save overwrites it.
        """
        self.data = self.data.copy()
        self.data["base"] = version
        self.add_error(None, ValidationError(_SAVED_MEANWHILE, code="moved_on"))
        fields = KINDS[self.instance.kind].fields
        shown = {key: name for key, name in fields.items() if name in self.fields}
        for key, name in shown.items():
            if key in opened and saved.get(key) != opened[key]:
                self._report_conflict_at(name, opened[key], saved.get(key))
        if opened:
            self._report_differences_above_the_form(opened, saved, shown)

    def _report_conflict_at(self, name, opened, saved):
        if as_plain(self.cleaned_data.get(name)) == opened:  # changed by the other person only
            self.data[self.add_prefix(name)] = self.fields[name].prepare_value(saved)
        else:
            self.add_error(name, _conflict(opened, saved))

    def _report_differences_above_the_form(self, opened, saved, shown):
        """Report what changed in the order, topics, steps and tips, which have no one field."""
        change = Change(
            kind=self.instance.kind,
            uid=self.instance.uid,
            before={key: value for key, value in opened.items() if key not in shown},
            after={key: value for key, value in saved.items() if key not in shown},
        )
        for _change, differences in Differences([change]):
            for difference in differences:
                html = render_to_string("admin/questions/_difference.html", {"difference": difference})
                self.add_error(None, mark_safe(html))


class KnownRow(forms.ModelChoiceField):
    """A choice of a row that asks the database only when it is another row than `known_row`."""

    known_row = None

    def to_python(self, value):
        if self.known_row is not None and str(value) == str(self.known_row.pk):
            return self.known_row
        return super().to_python(value)


class PartForm(forms.ModelForm):
    """A row of an inline. What has not changed was validated when it was saved, and costs no query."""

    def _get_validation_exclusions(self):
        excluded = super()._get_validation_exclusions()
        if self.instance.pk:
            excluded |= set(self.fields) - set(self.changed_data)
        return excluded


class PartFormSet(forms.BaseInlineFormSet):
    """The rows of an inline, which are read once for the whole page."""

    def total_form_count(self):
        """No more than the rows that were sent: the number beside them may say anything."""
        total = super().total_form_count()
        if not self.is_bound:
            return total
        numbers = (name.removeprefix(f"{self.prefix}-").partition("-")[0] for name in self.data)
        return min(total, 1 + max((int(number) for number in numbers if is_key(number)), default=-1))

    def add_fields(self, form, index):
        super().add_fields(form, index)
        name = self._pk_field.name
        primary_key = form.fields[name]
        field = KnownRow(
            primary_key.queryset, initial=primary_key.initial, required=False, widget=forms.HiddenInput
        )
        if form.instance.pk:
            field.known_row = form.instance
        form.fields[name] = field


_TAGS = {"ins": "<ins>{}</ins>", "del": "<del>{}</del>"}  # by the kind of a piece of a diff


def _word_diff_html(before, after):
    pieces = [format_html(_TAGS.get(piece.kind, "{}"), piece.text) for piece in word_diff(before, after)]
    return format_html_join("", "{}", [(piece,) for piece in pieces])


def _conflict(opened, saved):
    opened, saved = as_text(opened), as_text(saved)
    return format_html(
        '<details class="conflict" open><summary>{}</summary>'
        "<h4>{}</h4><div class='diff'>{}</div><h4>{}</h4><pre>{}</pre><h4>{}</h4><pre>{}</pre></details>",
        _("Saved by somebody else meanwhile"),
        _("What they changed"),
        _word_diff_html(opened, saved),
        _("You both began from"),
        opened,
        _("Saved now"),
        saved,
    )


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


class DocumentAdmin(Comparing, NotesPresence, RecordedAdmin):
    """A document: with its history, from which any version can be brought back."""

    form = DocumentForm

    def get_fieldsets(self, request, obj=None):
        fieldsets = fieldsets_of(self.model.kind)
        fieldsets[0][1]["fields"].append("base")
        return fieldsets

    def get_urls(self):
        bring_back = self.admin_site.admin_view(require_POST(self.bring_back_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_bring_back"
        return [path("bring-back/<int:pk>/", bring_back, name=name), *super().get_urls()]

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not was_published(obj)

    def get_deleted_objects(self, objs, request):
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        text = _("“%(name)s” was published: retire it instead, so that its address can say so.")
        refused = [text % {"name": row} for row in objs if was_published(row)]
        if super().has_delete_permission(request):
            missing -= {self.opts.verbose_name}  # the reason is the document, not the curator
        return deleted, counts, missing, [*protected, *refused]

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
            unchanged = _("Nothing was changed: this is what is saved already.")
            messages.success(request, summary_with_link(changeset) if changeset else unchanged)
        row = self.model.objects.filter(uid=change.uid).first()
        if row is None:
            return redirect("admin:index")
        return redirect(f"admin:questions_{self.opts.model_name}_history", row.pk)


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


class PartAdmin(ReadOnlyAdmin):
    """Parts of a role: a list to search. A role is edited in one place, so that nobody overwrites anybody."""

    list_select_related = ["role"]
    list_filter = ["role"]

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


def summary_with_link(changeset):
    """What a change set did, with a link to the page that can undo it."""
    return format_html(
        '{} <a href="{}">{}</a>',
        changeset,
        reverse("admin:questions_changeset_change", args=[changeset.pk]),
        _("See it, or undo it"),
    )


def report_refusal(request, refusal):
    messages.error(request, _("Nothing was changed. %(reason)s") % {"reason": refusal})


def links_to(rows):
    """A list of links to the public pages of `rows`."""
    pairs = [(row.get_absolute_url(), row) for row in rows]
    return format_html_join(", ", '<a href="{}">{}</a>', pairs)


def is_editor(user) -> bool:
    return user.has_perm(REVIEW)
