"""Categories, topics, questions, placements and former addresses."""

from functools import reduce
from operator import or_

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from ..likeness import Likeness, words
from ..models import Category, FormerSlug, Placement, Question, Role, Status, Topic
from ..previews import preview_address
from ..recording import recorder
from . import bulk
from .documents import (
    DocumentAdmin,
    DocumentForm,
    PartAdmin,
    ReadOnlyAdmin,
    count_of,
    is_editor,
    links_to,
    preview_markdown,
)
from .proposals import Proposals


@admin.register(Category)
class CategoryAdmin(DocumentAdmin):
    list_display = ["name", "slug", "position", "role_count"]
    ordering = Category._meta.ordering  # here, too: what counts rows loses the model's own
    search_fields = ["name", "slug"]
    list_filter = ["roles__status"]

    def get_queryset(self, request):
        count = count_of(Role, category=OuterRef("pk"))
        return super().get_queryset(request).annotate(role_count=count)

    @admin.display(description=_("roles"), ordering="role_count")
    def role_count(self, category):
        return category.role_count


@admin.register(Topic)
class TopicAdmin(DocumentAdmin):
    list_display = ["name", "slug", "question_count"]
    ordering = Topic._meta.ordering
    search_fields = ["name", "slug"]
    list_filter = ["questions__status"]

    def get_queryset(self, request):
        count = count_of(Question.topics.through, topic=OuterRef("pk"))
        return super().get_queryset(request).annotate(question_count=count)

    @admin.display(description=_("questions"), ordering="question_count")
    def question_count(self, topic):
        return topic.question_count


class PlacementInline(admin.TabularInline):
    model = Placement
    extra = 0
    verbose_name_plural = _("placed in")
    autocomplete_fields = ["role"]


# Fields that are counted while they are typed: the unit, how many are wanted, and what is shown.
COUNTED = {
    "label": ("characters", "0-50", _("{number} of 50 characters")),
    "short_answer": ("words", "25-70", _("{number} words; 25 to 70 are wanted")),
    "weak_answer": ("words", "8-60", _("{number} words; one or two sentences are wanted")),
}


_OTHER_WORDS = _(
    "The words that wait for an Editor are others than when you opened this: they were revised or closed "
    "since. Nothing of yours is lost: it is in the fields. Saving again takes their place."
)


class QuestionForm(DocumentForm):
    note = forms.CharField(
        label=_("Note to the writer"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What is missing. It goes with the question when you send it back."),
    )
    # The waiting proposal that the form was opened with, so that no other window's is lost.
    opened = forms.IntegerField(required=False, widget=forms.HiddenInput)
    only_proposes = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.status_before = self.instance.status
        self.fields["opened"].initial = self.waiting and self.waiting.changeset_id
        for name, (unit, span, text) in COUNTED.items():
            if name in self.fields:
                self.fields[name].widget.attrs |= {f"data-{unit}": span, "data-count": text}
        if self.only_proposes:
            self.fields["note"].label = _("Why")
            self.fields["note"].help_text = _(
                "What is wrong or missing in the public words. An Editor reads it."
            )
            self.fields["note"].initial = self.waiting.changeset.note if self.waiting else ""

    def clean(self):
        """Give the question the status of the button that was pressed, so that it is judged by that."""
        cleaned = super().clean()
        waits = self.waiting and self.waiting.changeset_id
        if self.instance.pk and cleaned.get("opened") != waits:
            self.data = self.data.copy()
            self.data["opened"] = waits or ""
            self.add_error(None, _OTHER_WORDS)
        pressed = next((status for button, status in BUTTONS.items() if button in self.data), None)
        if pressed and "status" in self.fields:
            cleaned["status"] = pressed
        elif pressed:
            self.instance.status = pressed
        return cleaned

    def clean_note(self):
        if "_send_back" in self.data and not self.cleaned_data["note"].strip():
            raise ValidationError(_("Say what is missing, so that the writer can add it."))
        return self.cleaned_data["note"].strip()


KNOWN_ONCE_SAVED = ["used_in", "alike", "author", "created", "updated", "published_at"]

# What each button of the form makes of a question.
BUTTONS = {
    "_review": Status.REVIEW,
    "_publish": Status.PUBLISHED,
    "_send_back": Status.DRAFT,
    "_retire": Status.RETIRED,
}


@admin.register(Question)
class QuestionAdmin(Proposals, DocumentAdmin):
    form = QuestionForm
    change_form_template = "admin/questions/question/change_form.html"
    list_display = ["text", "difficulty", "status", "reviewed_on", "role_count"]
    list_filter = ["status", "difficulty", "reviewed_on", "roles", "topics", "author"]
    search_fields = ["text", "slug", "answer"]
    list_per_page = 50
    autocomplete_fields = ["topics"]
    inlines = [PlacementInline]

    class Media:
        js = ["admin/counters.js"]

    actions = bulk.ACTIONS
    readonly_fields = ["came_back_with", "preview", *KNOWN_ONCE_SAVED]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(role_count=count_of(Placement, question=OuterRef("pk")))

    @admin.display(description=_("roles"), ordering="role_count")
    def role_count(self, question):
        return question.role_count

    @admin.display(description=_("Where is this used?"))
    def used_in(self, question):
        """Its roles, and the questions whose answers link to it."""
        if not question.pk:
            return "–"
        roles = [placement.role for placement in question.placements.select_related("role")]
        rows = [*roles, *question.topics.all(), *Question.objects.linking_to(question)]
        change = ((reverse(f"admin:questions_{row.kind}_change", args=[row.pk]), row) for row in rows)
        return format_html_join(", ", '<a href="{}">{}</a>', change) or _("Nowhere yet.")

    @admin.display(description=_("Like it"))
    def alike(self, question):
        """Questions that ask nearly the same."""
        if not question.pk:
            return "–"
        telling = sorted(words(question.text), key=len)[-4:]  # long words are seldom: few rows to compare
        near = Question.objects.exclude(pk=question.pk).filter(
            reduce(or_, (Q(text__icontains=word) for word in telling), Q(pk=None))
        )
        texts = dict(near.values_list("pk", "text")[:2000])
        found = Likeness(texts, 0.5).like(question.text)[:5]
        change = ((reverse("admin:questions_question_change", args=[pk]), texts[pk]) for _like, pk in found)
        return format_html_join(", ", '<a href="{}">{}</a>', change) or _("None.")

    @admin.display(description=_("Sent back with"))
    def came_back_with(self, question):
        """The note of the Editor who sent it back."""
        sent_back = Question.objects.sent_back().filter(pk=question.pk).first()
        return sent_back.note if sent_back else "–"

    @admin.display(description=_("Preview on site"))
    def preview(self, question):
        if not question.pk:
            return _("Save it as a draft first.")
        return format_html(
            '<a href="{}">{}</a> <span class="help">{}</span>',
            preview_address("question", question.uid),
            _("See it as the public would"),
            _("A colleague without an account can open this link, for a day."),
        )

    # Who may do what: the change set has the last word, these only show what will be let through.

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status == Status.PUBLISHED or self._is_theirs(request, obj))

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self._is_theirs(request, obj))

    def _is_theirs(self, request, question):
        """Whether the question is for this user to change at once: an Editor's all are."""
        unseen = question.status in {Status.DRAFT, Status.REVIEW} and question.published_at is None
        return is_editor(request.user) or (unseen and question.author_id == request.user.pk)

    def may_bring_back(self, request, question):
        return self._is_theirs(request, question)

    def has_review_permission(self, request):
        return is_editor(request.user)

    def get_inlines(self, request, obj):
        return self.inlines if is_editor(request.user) else []

    def get_readonly_fields(self, request, obj=None):
        # A Writer's question moves by buttons.
        writer = [] if is_editor(request.user) else ["status", "reviewed_on", "former_slugs"]
        return [*self.readonly_fields, *writer]

    def get_fieldsets(self, request, obj=None):
        under_review = obj is not None and obj.status == Status.REVIEW and is_editor(request.user)
        came_back = obj is not None and Question.objects.sent_back().filter(pk=obj.pk).exists()
        has_note = under_review or self.only_proposes(request, obj)
        first, *rest = super().get_fieldsets(request, obj)
        first[1]["fields"].append("opened")
        if came_back:
            first[1]["fields"].insert(0, "came_back_with")
        review = [*(["note"] if has_note else []), *(["preview"] if obj else [])]
        around = KNOWN_ONCE_SAVED if obj else []
        own = [(_("Review"), {"fields": review}), (_("Around it"), {"fields": around})]
        return [first, *rest, *((name, options) for name, options in own if options["fields"])]

    def render_change_form(self, request, context, *args, **kwargs):
        question = kwargs.get("obj")
        status = question.status if question else None
        editor = is_editor(request.user)
        context |= {
            "may_send_to_review": status in {None, Status.DRAFT},
            "may_send_back": editor and status == Status.REVIEW,
            "may_publish": editor and status != Status.PUBLISHED,
            "may_retire": editor and status == Status.PUBLISHED,
            "only_proposes": self.only_proposes(request, question),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        if form.only_proposes:
            self.propose(request, form)
            return
        if not change:
            obj.author = request.user
        if obj.status != form.status_before:
            summary = f"{Status(obj.status).label.capitalize()}: {obj}"
            recorder().changeset.summary = summary[:300]
            if obj.status == Status.PUBLISHED and "reviewed_on" not in form.changed_data:
                obj.reviewed_on = timezone.localdate()  # the one who publishes it has read it
        if "_send_back" in request.POST:
            recorder().changeset.note = form.cleaned_data["note"]
        recorder().instead_of = self.opened_proposal(request, obj)
        super().save_model(request, obj, form, change)

    def response_change(self, request, obj):
        if obj.status == Status.PUBLISHED and is_editor(request.user):
            pages = [obj, *obj.roles.filter(status=Status.PUBLISHED)]
            self.message_user(
                request, format_html(_("The public now sees it at {}."), links_to(pages)), messages.INFO
            )
        return super().response_change(request, obj)

    def get_urls(self):
        preview = self.admin_site.admin_view(preview_markdown)
        return [path("preview/", preview, name="markdown_preview"), *super().get_urls()]


@admin.register(Placement)
class PlacementAdmin(PartAdmin):
    list_display = ["question", "on_role", "position"]
    list_select_related = ["question", "role"]
    search_fields = ["question__text", "role__name"]


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnlyAdmin):
    list_display = ["slug", "kind", "target"]
    list_filter = ["kind"]
    search_fields = ["slug", "target"]
