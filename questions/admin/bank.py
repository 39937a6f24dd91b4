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

from ..changes import NOTE_LENGTH
from ..likeness import Likeness, words
from ..models import Category, FormerSlug, Placement, Question, Role, Status, Topic
from ..previews import preview_address
from ..recording import recorder
from . import bulk
from .documents import (
    Autocompleted,
    DocumentAdmin,
    DocumentForm,
    PartAdmin,
    PartFormSet,
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
    ordering = Category._meta.ordering  # repeated here, as a query that counts rows ignores the model's
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
        return super().get_queryset(request).annotate(number_of_questions=count)

    @admin.display(description=_("questions"), ordering="number_of_questions")
    def question_count(self, topic):
        return topic.number_of_questions


class PlacementInline(Autocompleted, admin.TabularInline):
    model = Placement
    formset = PartFormSet
    extra = 0
    verbose_name_plural = _("placed in")
    autocomplete_fields = ["role"]


# Fields whose length is shown while they are typed: the unit, how many are wanted, and what is shown.
COUNTED = {
    "label": ("characters", "0-50", _("{number} of 50 characters")),
    "short_answer": ("words", "25-70", _("{number} words; 25 to 70 are wanted")),
    "weak_answer": ("words", "8-60", _("{number} words; one or two sentences are wanted")),
}


_PROPOSAL_CHANGED = _(
    "The proposed words are not the ones that you opened: they were revised or closed since. Nothing of "
    "yours is lost: it is in the fields. Save again to replace them."
)


class QuestionForm(DocumentForm):
    note = forms.CharField(
        label=_("Note to the writer"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What is missing. It goes with the question when you send it back."),
    )
    # The proposal that the form was opened with, so that a save does not overwrite another one.
    opened = forms.IntegerField(required=False, widget=forms.HiddenInput)
    only_proposes = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.status_before = self.instance.status
        self.fields["opened"].initial = self.proposal_id
        for name, (unit, span, text) in COUNTED.items():
            if name in self.fields:
                self.fields[name].widget.attrs |= {f"data-{unit}": span, "data-count": text}
        if self.only_proposes:
            self._ask_why()

    @property
    def proposal_id(self) -> int | None:
        """The proposal whose words the form shows, if it does not show those that are saved."""
        return self.proposed_change.changeset_id if self.proposed_change else None

    def _ask_why(self):
        note = self.fields["note"]
        note.label = _("Why")
        note.help_text = _("What is wrong or missing in the public words. An Editor reads it.")
        note.initial = self.proposed_change.changeset.note if self.proposed_change else ""

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("opened") != self.proposal_id:
            self.data = self.data.copy()
            self.data["opened"] = self.proposal_id or ""
            self.add_error(None, _PROPOSAL_CHANGED)
        # The question gets the status of the button that was pressed, so that it is validated with that.
        status = self._status_of_button()
        if status and "status" in self.fields:
            cleaned["status"] = status
        elif status:
            self.instance.status = status
        return cleaned

    def _status_of_button(self):
        for button, status in BUTTONS.items():
            if button in self.data:
                return status
        return None

    def clean_note(self):
        if "_send_back" in self.data and not self.cleaned_data["note"].strip():
            raise ValidationError(_("Say what is missing, so that the writer can add it."))
        return self.cleaned_data["note"].strip()


KNOWN_AFTER_SAVING = ["used_in", "alike", "written_by", "created", "updated", "published_at"]

# The status that each button of the form sets.
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
    readonly_fields = ["came_back_with", "preview", *KNOWN_AFTER_SAVING]

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
        return links_to_forms(rows) or _("Nowhere yet.")

    @admin.display(description=_("Like it"))
    def alike(self, question):
        """Questions that ask nearly the same."""
        if not question.pk:
            return "–"
        return links_to_forms(similar_questions(question)) or _("None.")

    @admin.display(description=_("Sent back with"))
    def came_back_with(self, question):
        """The note of the Editor who sent it back."""
        sent_back = Question.objects.sent_back().filter(pk=question.pk).first()
        return sent_back.note if sent_back else "–"

    @admin.display(description=_("author"))
    def written_by(self, question):
        """The author, with a link to what they did: their account is not for everybody to open."""
        if not question.author:
            return "–"
        history = reverse("admin:questions_changeset_changelist")
        return format_html(
            '<a href="{}?author__id__exact={}">{}</a>', history, question.author_id, question.author
        )

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

    # Who may do what: the change set decides, these only show what it will allow.

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        if obj is None or obj.status == Status.PUBLISHED:
            return allowed
        return allowed and self._may_change_directly(request, obj)

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or self._may_change_directly(request, obj))

    def _may_change_directly(self, request, question):
        """Whether this user may change the question without a proposal: an Editor may change them all."""
        if is_editor(request.user):
            return True
        is_draft = question.status in {Status.DRAFT, Status.REVIEW} and question.published_at is None
        return is_draft and question.author_id == request.user.pk

    def may_bring_back(self, request, question):
        return self._may_change_directly(request, question)

    def has_review_permission(self, request):
        return is_editor(request.user)

    def get_inlines(self, request, obj):
        return self.inlines if is_editor(request.user) else []

    def get_readonly_fields(self, request, obj=None):
        if is_editor(request.user):
            return self.readonly_fields
        return [*self.readonly_fields, "status", "reviewed_on", "former_slugs"]  # buttons change the status

    def get_fieldsets(self, request, obj=None):
        words, *others = super().get_fieldsets(request, obj)
        words[1]["fields"].append("opened")
        if obj is None:
            return [words, *others]
        if Question.objects.sent_back().filter(pk=obj.pk).exists():
            words[1]["fields"].insert(0, "came_back_with")
        under_review = obj.status == Status.REVIEW and is_editor(request.user)
        has_note = under_review or self.only_proposes(request, obj)
        review = (_("Review"), {"fields": ["note", "preview"] if has_note else ["preview"]})
        return [words, *others, review, (_("Around it"), {"fields": KNOWN_AFTER_SAVING})]

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
                obj.reviewed_on = timezone.localdate()  # to publish a question is to review it
        if "_send_back" in request.POST:
            recorder().changeset.note = form.cleaned_data["note"]
        recorder().instead_of = self.opened_proposal(request, obj)
        super().save_model(request, obj, form, change)

    def response_change(self, request, obj):
        if obj.status == Status.PUBLISHED and is_editor(request.user):
            pages = [obj, *obj.roles.filter(status=Status.PUBLISHED)]
            messages.info(request, format_html(_("The public now sees it at {}."), links_to(pages)))
        return super().response_change(request, obj)

    def get_urls(self):
        preview = self.admin_site.admin_view(preview_markdown)
        return [path("preview/", preview, name="markdown_preview"), *super().get_urls()]


def similar_questions(question: Question) -> list[Question]:
    """At most five questions that ask nearly the same as `question`."""
    rare_words = sorted(words(question.text), key=len)[-4:]  # long words are rare: few rows to compare
    has_rare_word = reduce(or_, (Q(text__icontains=word) for word in rare_words), Q(pk=None))
    candidates = Question.objects.exclude(pk=question.pk).filter(has_rare_word).only("pk", "text")[:2000]
    by_pk = {candidate.pk: candidate for candidate in candidates}
    texts = {pk: candidate.text for pk, candidate in by_pk.items()}
    return [by_pk[pk] for _similarity, pk in Likeness(texts, 0.5).like(question.text)[:5]]


def links_to_forms(rows):
    """A list of links to the forms of documents."""
    links = [(reverse(f"admin:questions_{row.kind}_change", args=[row.pk]), row) for row in rows]
    return format_html_join(", ", '<a href="{}">{}</a>', links)


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
