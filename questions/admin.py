"""The curator's admin of the bank. The role's page, which joins the apps, is in `interviewprep.admin`."""

from contextlib import nullcontext

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from . import markdown
from .changes import Change, ChangeSet, ContentVersion, record, recorder
from .documents import KINDS
from .fields import MarkdownField
from .models import Category, FormerSlug, Placement, Question, Topic


class MarkdownWidget(AdminTextareaWidget):
    """A text area with a preview by the site's own renderer."""

    template_name = "admin/markdown_widget.html"

    class Media:
        js = ["admin/markdown-preview.js"]
        css = {"all": ["admin/markdown-preview.css"]}

    def get_context(self, name, value, attrs):
        return super().get_context(name, value, attrs) | {"preview": reverse("admin:markdown_preview")}


class RecordedAdmin(admin.ModelAdmin):
    """What somebody does in one request is one change set in their name."""

    formfield_overrides = {MarkdownField: {"widget": MarkdownWidget}}

    def changeform_view(self, request, *args, **kwargs):
        with self._recorded(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request, *args, **kwargs):
        with self._recorded(request):
            return super().changelist_view(request, *args, **kwargs)

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


class DocumentForm(forms.ModelForm):
    """Refuses to overwrite what somebody else saved after this form was opened."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version that was opened

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["base"].initial = self.instance.version

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            kind, uid = self.instance.kind, self.instance.uid
            recorder().touch(kind, [uid])  # which locks the row until this save is through
            if recorder().version(kind, uid) != cleaned.get("base"):
                self._tell_what_moved_on(recorder().document(kind, uid))
        return cleaned

    def _tell_what_moved_on(self, now):
        # What was typed stays in the form; saving once more then means it.
        self.data = self.data.copy()
        self.data["base"] = recorder().version(self.instance.kind, self.instance.uid)
        self.add_error(
            None,
            ValidationError(
                _(
                    "Somebody saved this after you had opened it. Nothing of yours is lost: it is below, and "
                    "each field that differs tells what is saved now. Save again to put yours in its place."
                ),
                code="moved_on",
            ),
        )
        for key, name in KINDS[self.instance.kind].fields.items():
            if name in self.changed_data and now is not None:
                self.add_error(name, _("Saved now: %(text)s") % {"text": now[key]})


class DocumentAdmin(RecordedAdmin):
    form = DocumentForm


@admin.register(Category)
class CategoryAdmin(DocumentAdmin):
    list_display = ["name", "slug", "position", "role_count"]
    search_fields = ["name", "slug"]
    list_filter = ["roles__status"]
    fields = ["name", "slug", "position", "base"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(role_count=Count("roles"))

    @admin.display(description=_("roles"), ordering="role_count")
    def role_count(self, category):
        return category.role_count


@admin.register(Topic)
class TopicAdmin(DocumentAdmin):
    list_display = ["name", "slug", "question_count"]
    search_fields = ["name", "slug"]
    list_filter = ["questions__status"]
    fields = ["name", "slug", "base"]
    view_on_site = False

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(question_count=Count("questions"))

    @admin.display(description=_("questions"), ordering="question_count")
    def question_count(self, topic):
        return topic.question_count


class PlacementInline(admin.TabularInline):
    model = Placement
    extra = 0
    verbose_name_plural = _("placed in")
    autocomplete_fields = ["role"]


@admin.register(Question)
class QuestionAdmin(DocumentAdmin):
    list_display = ["text", "difficulty", "status", "reviewed_on", "role_count"]
    list_filter = ["status", "difficulty", "reviewed_on", "roles", "topics"]
    search_fields = ["text", "slug", "answer"]
    date_hierarchy = "reviewed_on"
    list_per_page = 50
    autocomplete_fields = ["topics"]
    inlines = [PlacementInline]
    readonly_fields = ["author", "created", "updated", "published_at"]
    fieldsets = [
        (None, {"fields": ["text", "slug", ("difficulty", "status", "reviewed_on"), "topics", "base"]}),
        (_("Answer"), {"fields": ["answer", "key_points", "follow_ups", "sources"]}),
        (_("Origin"), {"fields": ["author", "created", "updated", "published_at"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(role_count=Count("placements"))

    @admin.display(description=_("roles"), ordering="role_count")
    def role_count(self, question):
        return question.role_count

    def save_model(self, request, obj, form, change):
        if not change:
            obj.author = request.user
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def get_deleted_objects(self, objs, request):
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        refused = [
            _("“%(question)s” was published: retire it instead, so that its address can say so.")
            % {"question": question}
            for question in objs
            if question.published_at is not None
        ]
        if super().has_delete_permission(request):
            missing -= {self.opts.verbose_name}  # the reason is the question, not the curator
        return deleted, counts, missing, [*protected, *refused]

    def get_urls(self):
        preview = self.admin_site.admin_view(require_POST(_preview))
        return [path("preview/", preview, name="markdown_preview"), *super().get_urls()]


def _preview(request):
    """The HTML of the Markdown `text`, as the site would show it."""
    return HttpResponse(markdown.render(request.POST.get("text", "")[: markdown.MAX_LENGTH]))


@admin.register(Placement)
class PlacementAdmin(RecordedAdmin):
    list_display = ["question", "role", "position"]
    list_select_related = ["question", "role"]
    list_filter = ["role"]
    search_fields = ["question__text", "role__name"]
    autocomplete_fields = ["question", "role"]
    view_on_site = False


class ReadOnlyAdmin(admin.ModelAdmin):
    """What the site writes of itself: to be read, never edited by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnlyAdmin):
    list_display = ["slug", "kind", "target"]
    list_filter = ["kind"]
    search_fields = ["slug", "target"]


class ChangeInline(admin.TabularInline):
    model = Change
    extra = 0
    fields = readonly_fields = ["kind", "label", "difference"]
    can_delete = False

    @admin.display(description=_("what changed"))
    def difference(self, change):
        before, after = change.before or {}, change.after or {}
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return format_html_join(
            "\n",
            "<p><b>{}</b> {} → {}</p>",
            ([key, before.get(key, "–"), after.get(key, "–")] for key in keys),
        )

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(ChangeSet)
class ChangeSetAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "source", "state", "author", "created", "change_count"]
    list_select_related = ["author"]
    list_filter = ["source", "state", "created", "author"]
    search_fields = ["summary", "note", "changes__uid"]
    date_hierarchy = "created"
    inlines = [ChangeInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(change_count=Count("changes"))

    @admin.display(description=_("documents"), ordering="change_count")
    def change_count(self, changeset):
        return changeset.change_count


@admin.register(ContentVersion)
class ContentVersionAdmin(ReadOnlyAdmin):
    list_display = ["number"]
