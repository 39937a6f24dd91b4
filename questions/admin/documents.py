"""What the admin pages of all documents share: recording, conflicts, history and the preview."""

from contextlib import nullcontext

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
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
from ..changes import REVIEW, Change, ChangeSet
from ..differences import Differences, as_text, word_diff
from ..documents import KINDS, Key, as_plain
from ..fields import MarkdownField
from ..recording import record, recorder
from ..refusals import Refusal


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
    """The HTML of the Markdown `text`, as the site would show it, under what is lost of it."""
    text = request.POST.get("text", "")[: markdown.MAX_LENGTH]
    lost = ((_("Line %(line)s") % {"line": line}, reason) for line, reason in markdown.lost(text))
    items = format_html_join("", "<li>{}: {}</li>", lost)
    warning = format_html('<ul class="lost">{}</ul>', items) if items else ""
    return HttpResponse(warning + markdown.render(text))


class RecordedAdmin(admin.ModelAdmin):
    """What somebody does in one request is one change set in their name."""

    formfield_overrides = {MarkdownField: {"widget": MarkdownWidget}}
    show_full_result_count = False

    def changeform_view(self, request, *args, **kwargs):
        try:
            return self._recorded_changeform_view(request, *args, **kwargs)
        except (IntegrityError, Refusal):
            # Somebody else wrote the same address, or closed the proposal, at this moment. A second try
            # sees what they did: the form says so, with all that was typed still in it.
            return self._recorded_changeform_view(request, *args, **kwargs)

    def _recorded_changeform_view(self, request, *args, **kwargs):
        with self._recorded(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        with self._recorded(request) as recording:
            response = super().changelist_view(request, *args, **kwargs)
        if recording and recording.changeset.pk:
            self.message_user(request, said_of(recording.changeset), messages.SUCCESS)
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


def fieldsets_of(kind):
    """The fieldsets of the form of a kind of document, as its keys declare them."""
    groups = {}
    for key in KINDS[kind].keys:
        rows = groups.setdefault(key.group, [])
        if not isinstance(key, Key):
            rows += [] if key.ordered else [key.name]  # an ordered list is an inline
        elif key.beside:
            before = rows.pop()
            rows.append((*(before if isinstance(before, tuple) else [before]), key.field or key.name))
        else:
            rows.append(key.field or key.name)
    return [(group or None, {"fields": rows}) for group, rows in groups.items()]


class DocumentForm(forms.ModelForm):
    """Refuses to overwrite what somebody else saved after this form was opened."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version that was opened
    waiting = None  # a Change whose words the form opens with, in place of those that are saved

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["base"].initial = self.instance.version
        if self.waiting:
            self._open_with(self.waiting)

    def document(self):
        """The document that the form describes, once it is valid."""
        kind = KINDS[self.instance.kind]
        document = kind.read([self.instance.uid])[self.instance.uid].document
        document |= {key: as_plain(getattr(self.instance, name)) for key, name in kind.fields.items()}
        chosen = {section.name: self.cleaned_data.get(section.name) for section in kind.sections}
        return document | {
            name: [row.uid for row in rows] for name, rows in chosen.items() if rows is not None
        }

    def _open_with(self, change):
        words, kind = change.after, KINDS[self.instance.kind]
        # Its own base: what was saved since then is shown, or saving would take it back unseen.
        self.fields["base"].initial = self.initial["base"] = change.base
        self.initial |= {name: words[key] for key, name in kind.fields.items() if key in words}
        for section in kind.sections:
            if section.name in self.fields and section.refers:
                rows = KINDS[section.refers].model.objects.filter(uid__in=words.get(section.name, []))
                self.initial[section.name] = list(rows)

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            kind, uid = self.instance.kind, self.instance.uid
            recorder().touch(kind, [uid])  # which locks the row until this save is through
            opened = cleaned.get("base")
            if recorder().saved(kind, uid).version != opened:
                self._tell_what_moved_on(Change.objects.document_at(kind, uid, opened))
        return cleaned

    def _tell_what_moved_on(self, began):
        """Show, at each field that differs, what both began from and what is saved now.

        What was typed stays in the form; saving once more then means it.
        """
        kind, uid = self.instance.kind, self.instance.uid
        self.data = self.data.copy()
        self.data["base"] = recorder().saved(kind, uid).version
        text = _(
            "Somebody saved this after you had opened it. Nothing of yours is lost: it is in the fields. "
            "Each field that differs shows what you both began from and what is saved now. Choose, then save "
            "again."
        )
        self.add_error(None, ValidationError(text, code="moved_on"))
        now = recorder().saved(kind, uid).document or {}
        shown = {key: name for key, name in KINDS[kind].fields.items() if name in self.fields}
        for key, name in shown.items():
            if now.get(key) == began.get(key, now.get(key)):
                continue
            if as_plain(self.cleaned_data.get(name)) == began[key]:  # only they changed it: theirs stands
                self.data[self.add_prefix(name)] = self.fields[name].prepare_value(now[key])
            else:
                self.add_error(name, _conflict(began[key], now[key]))
        # Order, topics, steps and tips have no one field: what moved in them is told above the form.
        rest = [{key: value for key, value in each.items() if key not in shown} for each in (began, now)]
        for _change, parts in Differences([Change(kind=kind, uid=uid, before=rest[0], after=rest[1])]):
            for part in parts if began else ():
                html = render_to_string("admin/questions/_difference.html", {"difference": part})
                self.add_error(None, mark_safe(html))


class KnownRow(forms.ModelChoiceField):
    """A choice of a row that asks the database only for another one than `known`, which it has."""

    known = None

    def to_python(self, value):
        if self.known is not None and str(value) == str(self.known.pk):
            return self.known
        return super().to_python(value)


class PartForm(forms.ModelForm):
    """A row of an inline. What has not changed was validated when it was saved, and costs no query."""

    def _get_validation_exclusions(self):
        unchanged = set(self.fields) - set(self.changed_data) if self.instance.pk else set()
        return super()._get_validation_exclusions() | unchanged


class PartFormSet(forms.BaseInlineFormSet):
    """The rows of an inline, which are read once for the whole page."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        key = form.fields[self._pk_field.name]
        known = KnownRow(key.queryset, initial=key.initial, required=False, widget=forms.HiddenInput)
        known.known = form.instance if form.instance.pk else None
        form.fields[self._pk_field.name] = known


def _marked(began, now):
    tags = {"ins": "<ins>{}</ins>", "del": "<del>{}</del>"}
    return format_html_join(
        "", "{}", ((format_html(tags.get(p.kind, "{}"), p.text),) for p in word_diff(began, now))
    )


def _conflict(began, now):
    return format_html(
        '<details class="conflict" open><summary>{}</summary>'
        "<h4>{}</h4><div class='diff'>{}</div><h4>{}</h4><pre>{}</pre><h4>{}</h4><pre>{}</pre></details>",
        _("Saved by somebody else meanwhile"),
        _("What they changed"),
        _marked(as_text(began), as_text(now)),
        _("You both began from"),
        as_text(began),
        _("Saved now"),
        as_text(now),
    )


class DocumentAdmin(RecordedAdmin):
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

    def may_bring_back(self, request, row):
        """Whether this user may make `row` say again what it once said."""
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
            "differences": Differences(page.object_list),
            "may_bring_back": self.may_bring_back(request, row),
        } | (extra_context or {})
        return render(request, "admin/questions/history.html", context)

    def bring_back_view(self, request, pk):
        change = get_object_or_404(Change.objects.applied(), pk=pk, kind=self.model.kind)
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            changeset = change.bring_back(request.user)
        except Refusal as refusal:
            text = _("Nothing was changed. %(reason)s") % {"reason": refusal}
            self.message_user(request, text, messages.ERROR)
        else:
            same = _("Nothing was changed: this is what is saved already.")
            self.message_user(request, said_of(changeset) if changeset else same, messages.SUCCESS)
        row = self.model.objects.filter(uid=change.uid).first()
        if row is None:
            return redirect("admin:index")
        return redirect(f"admin:questions_{self.opts.model_name}_history", row.pk)


def count_of(model, **filters):
    """A count of related rows that is made for the rows of the page only, not for the whole table."""
    rows = model.objects.filter(**filters).order_by().values(*filters)
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


class ReadOnlyAdmin(admin.ModelAdmin):
    """What is written elsewhere, or by the site itself: to be found and read here."""

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
        # They go with their role, and whoever may delete that must be allowed these.
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    def delete_view(self, request, *args, **kwargs):
        raise PermissionDenied

    def get_actions(self, request, action_location=None):  # the place is given by Django 6.1
        return {}

    def render_change_form(self, request, context, *args, **kwargs):
        return super().render_change_form(request, context | {"show_delete": False}, *args, **kwargs)

    @admin.display(description=_("role"), ordering="role__name")
    def on_role(self, part):
        address = reverse("admin:questions_role_change", args=[part.role_id])
        return format_html('<a href="{}">{}</a>', address, part.role)


def was_published(row):
    """Whether a document was ever public, so that it is retired and not deleted."""
    return getattr(row, "published_at", None) is not None


def said_of(changeset):
    """What a change set did, with the way to undo it."""
    return format_html(
        '{} <a href="{}">{}</a>',
        changeset,
        reverse("admin:questions_changeset_change", args=[changeset.pk]),
        _("See it, or undo it"),
    )


def links_to(rows):
    """A list of links to the public pages of `rows`."""
    pairs = ((row.get_absolute_url(), row) for row in rows)
    return format_html_join(", ", '<a href="{}">{}</a>', pairs)


def is_editor(user):
    return user.has_perm(REVIEW)
