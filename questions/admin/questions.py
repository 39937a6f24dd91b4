"""Questions: their form, their list, and what is asked before one is public or gone."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from ..changes import NOTE_LENGTH
from ..likeness import ALIKE, Likeness
from ..models import Placement, Question, Status, Synonym
from ..notices import came_from, came_from_list, say, say_done, shortened
from ..previews import preview_address
from ..recording import recorder
from ..search import Query, find, snippet, with_rare_words
from ..templatetags.bank import difficulty
from . import bulk
from .acts import Bar, Button, Gate, Missing, bar_of_status, chosen_in_rows, gate_of_publishing, heading_of
from .confirming import Confirmation, Group, Touched
from .document_form import DocumentForm
from .documents import DocumentAdmin, is_editor
from .exporting import ExportsChosen, subject_of_questions
from .lists import (
    DIFFICULTY,
    ROLE,
    STATUS,
    TOPIC,
    LacksFilter,
    LinksToFilter,
    ReviewedFilter,
    WriterFilter,
    in_order_of,
)
from .noting import error_of_note, note_of, page_of_note
from .parts import KnownRows, PartForm, PartFormSet
from .proposals import Proposals
from .widgets import Autocomplete, Autocompleted, GrowingLine, is_key, preview_markdown


class PlacementsOfQuestion(PartFormSet):
    # The roles that took the question out meanwhile have their own history: it stays out of them.
    keeps_deleted = False


class PlacementInline(KnownRows, Autocompleted, admin.TabularInline):
    model = Placement
    known = "role"
    form = PartForm
    formset = PlacementsOfQuestion
    extra = 0
    verbose_name, verbose_name_plural = _("role"), _("placed in")
    autocomplete_fields = ["role"]


RELATED = 0.35  # how like another question is that the form names while one writes
COMPARED = 1_000  # questions with some of its words

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


class TitleWidget(GrowingLine):
    """The words of a question, with the questions like it below, which follow what is typed."""

    template_name = "admin/questions/title_widget.html"
    question = None

    def get_context(self, name, value, attrs):
        pk = self.question.pk if self.question else None
        similar = similar_questions(value or "", pk) if value else []
        url = reverse("admin:similar_questions")
        return super().get_context(name, value, attrs) | {"questions": similar, "similar_url": url, "pk": pk}


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
        self.fields["opened"].initial = self.proposal_id
        if "text" in self.fields:
            self.fields["text"].widget = TitleWidget()
            self.fields["text"].widget.question = self.instance
        for name, (unit, span, text) in COUNTED.items():
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs.pop("data-characters", None)
                attrs |= {f"data-{unit}": span, "data-count": text}
        if self.only_proposes:
            self._ask_why()
        if "successor" in self.fields:
            self._pick_the_successor()
        if "topics" in self.fields:
            self.fields["topics"].widget.widget.chosen = self.initial.get("topics") or ()

    def _pick_the_successor(self):
        """Offer questions by name; what is kept is the uid."""
        field = self.fields["successor"]
        widget = Autocomplete(Placement._meta.get_field("question"), admin.site)
        self.fields["successor"] = forms.ModelChoiceField(
            Question.objects.all(),
            required=False,
            label=field.label,
            help_text=field.help_text,
            widget=widget,
        )
        uid = self.initial.get("successor")
        chosen = Question.objects.filter(uid=uid).values_list("pk", flat=True)
        self.initial["successor"] = chosen.first() if uid else None

    def clean_successor(self):
        successor = self.cleaned_data["successor"]
        return successor.uid if successor else ""

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
        return cleaned

    def asks(self):
        if self.pressed == "_publish":
            values = {name: self.cleaned_data.get(name) for name in LACKS}
            roles = chosen_in_rows(self.data, "placements", "role")
            return gate_of_publishing(missing_of(self.instance, values, roles))
        if self.pressed == "_retire":
            return gate_of_retiring(self.instance, self.cleaned_data.get("successor"))
        return None

    def clean_note(self):
        if "_send_back" in self.data and not self.cleaned_data["note"].strip():
            raise ValidationError(_("Say what is missing, so that the writer can add it."))
        return self.cleaned_data["note"].strip()


KNOWN_AFTER_SAVING = ["used_in", "written_by", "created", "updated", "published_at"]


def missing_of(question: Question, values: dict[str, Any], roles) -> list[Missing]:
    """What is to be looked at before `question`, which has the `values` and is in the `roles`, is public."""
    missing = []
    if not roles:
        text = _("No role, so no role page shows it: readers find it by topic and search only.")
        missing.append(Missing(_("Role"), "placements-heading", text))
    for name, text in LACKS.items():
        if not values[name]:
            missing.append(Missing(Question._meta.get_field(name).verbose_name, f"id_{name}", text))
    for twin in similar_questions(question.text, question.pk, ALIKE):
        text = _("Very like “%(name)s”, which is %(status)s.")
        names = {"name": shortened(twin), "status": twin.get_status_display()}
        url = reverse("admin:questions_question_change", args=[twin.pk])
        missing.append(Missing(_("Twin"), url, text % names))
    return missing


def kept_by(question: Question) -> tuple[dict[str, Any], bool]:
    """What `missing_of()` needs to know of a saved question."""
    values = {name: getattr(question, name) for name in LACKS} | {"topics": question.topics.exists()}
    return values, question.placements.exists()


LACKS = {
    "topics": _("No topic, so readers of its topics do not find it."),
    "short_answer": _("No short answer, so there is nothing to say first."),
    "key_points": _("No key points, so nobody can tell whether an answer was good."),
    "sources": _("No source, so nobody can check the answer."),
}


def gate_of_retiring(question: Question, successor: str) -> Gate:
    """What disappears with a question that is retired, and what its address says then."""
    text = _("None, so its address only says that it is gone. Choose one, if another question covers it.")
    if named := successor and Question.objects.filter(uid=successor).first():
        text = _("Its address says that it is gone, and leads to “%(name)s”.") % {"name": shortened(named)}
    rows = [
        Missing(_("For readers"), "", _("It disappears from the site.")),
        Missing(_("Successor"), "id_successor", text),
    ]
    roles = [str(role) for role in question.roles.filter(status=Status.PUBLISHED)]
    if roles:
        rows.append(Missing(_("Roles"), "placements-heading", ", ".join(roles)))
    linking = Question.objects.published().linking_to(question)
    if linking:
        text = ngettext(
            "%(n)s answer links to it: %(names)s", "%(n)s answers link to it: %(names)s", len(linking)
        )
        names = ", ".join(f"“{shortened(row, 60)}”" for row in linking[:5])
        rows.append(Missing(_("Links"), "", text % {"n": len(linking), "names": names}))
    return Gate(_("Retire this question?"), Button("_retire", _("Retire it")), rows)


class QuestionList(ChangeList):
    """The list of questions: each with its roles and, where one searches, with an excerpt."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        prefetch_related_objects(self.result_list, "roles")
        query = Query.of(self.query, is_public=False)
        for question in self.result_list:
            question.excerpt = "" if query.is_in(question.text) else snippet(question, query)


@admin.register(Question)
class QuestionAdmin(ExportsChosen, Proposals, DocumentAdmin):
    form = QuestionForm
    change_form_template = "admin/questions/question/change_form.html"
    list_display = ["title", "marked_difficulty", "status", "in_roles", "reviewed"]
    list_display_links = None  # the title is one, with an excerpt below it
    list_filter = [STATUS, DIFFICULTY, ROLE, TOPIC, ReviewedFilter, LacksFilter, WriterFilter, LinksToFilter]
    search_fields = ["text", "slug", "answer"]
    list_per_page = 50
    autocomplete_fields = ["topics"]
    inlines = [PlacementInline]

    actions = [*bulk.ACTIONS, "export_selected", "delete_selected"]
    readonly_fields = ["came_back_with", *KNOWN_AFTER_SAVING]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("author").with_note()

    def get_changelist(self, request, **kwargs):
        return QuestionList

    def subject_of(self, rows):
        return subject_of_questions(rows)

    def get_search_results(self, request, queryset, search_term):
        """By the index of the public search, which has drafts, too: the best first; or by an address."""
        if not search_term.strip():
            return queryset, False
        query = Query.of(search_term, is_public=False)
        # Of more than a search reads, these are what the list is filtered by as well.
        chosen = {name: [request.GET[name]] for name in ("status", "difficulty") if request.GET.get(name)}
        found = find(query, **chosen).pks if query else []
        at_address = Question.objects.filter(slug=search_term.strip()).values_list("pk", flat=True)
        return in_order_of(queryset, [*at_address, *found]), False

    @admin.display(description=_("question"), ordering="text")
    def title(self, question):
        url = reverse("admin:questions_question_change", args=[question.pk])
        excerpt = format_html('<p class="excerpt">{}</p>', question.excerpt) if question.excerpt else ""
        return format_html('<a href="{}">{}</a>{}', url, question, excerpt)

    @admin.display(description=_("difficulty"), ordering="difficulty")
    def marked_difficulty(self, question):
        return render_to_string("questions/_difficulty.html", difficulty(question.difficulty))

    @admin.display(description=_("roles"))
    def in_roles(self, question):
        names = [role.name for role in question.roles.all()]
        more = f", +{len(names) - 2}" if len(names) > 2 else ""
        return ", ".join(names[:2]) + more if names else _("none yet")

    @admin.display(description=_("reviewed"), ordering="reviewed_on")
    def reviewed(self, question):
        return date_format(question.reviewed_on, "j M Y") if question.reviewed_on else _("never")

    @admin.display(description=_("Where is this used?"))
    def used_in(self, question):
        """The list of answers that link to it; where it is placed stands above."""
        if not question.pk:
            return "–"
        url = f"{self._address_of('changelist')}?{urlencode({'links_to': question.slug})}"
        return format_html('<a href="{}">{}</a>', url, _("Answers that link to it"))

    @admin.display(description=_("author"))
    def written_by(self, question):
        """The author, with a link to what they did: their account is not for everybody to open."""
        if not question.author:
            return "–"
        query = urlencode({"author": question.author.get_username()})
        url = f"{reverse('admin:questions_changeset_changelist')}?{query}"
        return format_html('<a href="{}">{}</a>', url, question.author)

    @admin.display(description=_("Sent back with"))
    def came_back_with(self, question):
        """The note of the Editor who sent it back."""
        return self.note_of(question) or "–"

    def note_of(self, question) -> str:
        return getattr(question, "note", None) if question.status == Status.DRAFT else ""

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
        return [*self.readonly_fields, "reviewed_on", "corrected_on", "former_slugs", "successor"]

    def get_fieldsets(self, request, obj=None):
        words, *others = super().get_fieldsets(request, obj)
        words[1]["fields"].append("opened")
        if obj is None:
            return [words, *others]
        if self.note_of(obj):
            words[1]["fields"].insert(0, "came_back_with")
        why = [(_("Why"), {"fields": ["note"]})] if self.only_proposes(request, obj) else []
        return [words, *others, *why, (_("Around it"), {"fields": KNOWN_AFTER_SAVING})]

    def page_after_save(self, request, obj):
        """After a review one is at the desk, where the next one waits, unless one came from a list."""
        back = super().page_after_save(request, obj)
        is_review = {"_publish", "_send_back"} & request.POST.keys()
        return reverse("admin:index") if is_review and not came_from_list(request) else back

    def bar(self, request, row):
        if self.only_proposes(request, row):
            stay = Button("_continue", _("Propose it and stay here"))
            return Bar(Button("_save", _("Propose this change")), [], [stay])
        bar = bar_of_status(row and row.status, is_editor=is_editor(request.user))
        if row is None:
            return bar
        url = reverse("admin:questions_question_duplicate", args=[row.pk])
        return bar._replace(more=[*bar.more, Button("_duplicate", _("Duplicate what is saved"), url)])

    def facts(self, row):
        in_roles = [f"{place.role} ({place.position})" for place in self.placements_of(row)]
        roles = _("in %(roles)s") % {"roles": ", ".join(in_roles)} if in_roles else _("in no role")
        author = (
            _("by %(name)s") % {"name": row.author} if row.author and row.status != Status.PUBLISHED else ""
        )
        return [fact for fact in (*super().facts(row), roles, author) if fact]

    def placements_of(self, question):
        return getattr(question, "of_form", None) or question.placements.select_related("role")

    def render_change_form(self, request, context, *args, **kwargs):
        question = kwargs.get("obj")
        if question:  # what the form has read is not read again
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            question.of_form = [form.instance for formset in formsets for form in formset.initial_forms]
        context |= {"only_proposes": self.only_proposes(request, question)}
        if question and question.pk:
            context["preview_url"] = preview_address("question", question.uid)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        if form.only_proposes:
            self.propose(request, form)
            return
        if not change:
            obj.author = request.user
        if obj.status != (form.status_before or Status.DRAFT):
            summary = f"{Status(obj.status).label.capitalize()}: {obj}"
            recorder().changeset.summary = summary[:300]
            if obj.status == Status.PUBLISHED and "reviewed_on" not in form.changed_data:
                obj.reviewed_on = timezone.localdate()  # to publish a question is to review it
        if "_send_back" in request.POST:
            recorder().changeset.note = form.cleaned_data["note"]
        recorder().instead_of = self.opened_proposal(request, obj)
        super().save_model(request, obj, form, change)

    def get_urls(self):
        preview = self.admin_site.admin_view(preview_markdown)
        similar = self.admin_site.admin_view(self.similar_view)
        act = self.admin_site.admin_view(require_POST(self.act_view))
        duplicate = self.admin_site.admin_view(require_POST(self.duplicate_view))
        return [
            path("preview/", preview, name="markdown_preview"),
            path("similar/", similar, name="similar_questions"),
            path("<int:pk>/act/publish/", act, {"verb": "publish"}, name="questions_question_publish"),
            path("<int:pk>/act/send-back/", act, {"verb": "send_back"}, name="questions_question_send_back"),
            path("<int:pk>/duplicate/", duplicate, name="questions_question_duplicate"),
            *super().get_urls(),
        ]

    def act_view(self, request, pk, verb):
        """Publish a question that waits, or send it back, from where it is listed."""
        if not is_editor(request.user):
            raise PermissionDenied
        question = get_object_or_404(Question, pk=pk)
        with self._recorded(request) as recording:
            recording.touch("question", [question.uid])  # locked before it is looked at
            question.refresh_from_db()
            page = self._ask_before(request, question, verb)
            if page:
                return page
            question.status = Status.PUBLISHED if verb == "publish" else Status.DRAFT
            if verb == "publish":
                question.reviewed_on = timezone.localdate()
            else:
                recording.changeset.note = note_of(request)
            label = Status(question.status).label.capitalize()
            recording.changeset.summary = f"{label}: {question}"[:300]
            question.save(update_fields=["status", "reviewed_on"])
        say_done(request, recording.changeset, question)
        return redirect(came_from(request) or "admin:index")

    def _ask_before(self, request, question, verb):
        """The page to show in place of the act; None where nothing is in the way."""
        form = self._address_of("change", question.pk)
        if question.status != Status.REVIEW:
            sentence = _("Nothing was changed: it does not wait for review any more.")
            say(request, sentence, level=messages.ERROR)
            return redirect(came_from(request) or form)
        if verb == "publish":
            return self._ask_before_publishing(request, question, form)
        error = error_of_note(request)
        return page_of_note(self, request, question, error) if error else None

    def _ask_before_publishing(self, request, question, form):
        empty = [str(question._meta.get_field(name).verbose_name) for name in question.missing()]
        if empty:
            sentence = _("It cannot be published without this: %(fields)s.") % {"fields": ", ".join(empty)}
            say(request, sentence, level=messages.ERROR)
            return redirect(form)
        missing = missing_of(question, *kept_by(question))
        if not missing:
            return None
        rows = [
            Touched(
                f"{capfirst(row.label)}: {row.text}",
                row.anchor if "/" in row.anchor else f"{form}#{row.anchor}",
            )
            for row in missing
        ]
        confirmation = Confirmation(
            title=heading_of(missing),
            summary=question.text,
            button=_("Publish all the same"),
            act=f"publish {[row.text for row in missing]}",
            versions=[(question.kind, question.uid, question.version)],
            groups=[Group(_("What is missing"), rows)],
            back=came_from(request),
        )
        return None if confirmation.is_given_by(request) else confirmation.page(request, self)

    def duplicate_view(self, request, pk):
        """Make a draft with the words and topics of a question, and open it."""
        original = get_object_or_404(Question, pk=pk)
        if not self.has_add_permission(request):
            raise PermissionDenied
        with self._recorded(request):
            text = _("%(text)s (copy)") % {"text": Truncator(original.text).chars(280)}
            copy = original.copy(text=text, author=request.user)
        sentence = _("Duplicated “%(name)s” as a draft. Change what is different, and its name.")
        say(request, sentence % {"name": shortened(original)})
        return redirect(self._address_of("change", copy.pk))

    def similar_view(self, request):
        """The list of questions like `text`, without the one with the id `pk`, for the form to show."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = request.GET.get("pk", "")
        found = similar_questions(request.GET.get("text", "")[:500], int(pk) if is_key(pk) else None)
        return render(request, "admin/questions/_similar.html", {"questions": found})


def similar_questions(text: str, pk: int | None = None, threshold: float = RELATED) -> list[Question]:
    """At most five questions that ask nearly the same as `text`, the likest first, each with `is_twin`."""
    candidates = with_rare_words(Query.of(text, is_public=False), COMPARED)
    names = dict(Question.objects.exclude(pk=pk).filter(pk__in=candidates).values_list("pk", "text"))
    found = Likeness(names, threshold, Synonym.objects.groups()).like(text)[:5]
    by_pk = Question.objects.only("text", "difficulty", "status").in_bulk([key for _likeness, key in found])
    for likeness, key in found:
        by_pk[key].is_twin = likeness >= ALIKE
    return [by_pk[key] for _likeness, key in found]
