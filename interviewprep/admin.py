"""The admin of roles, which joins the apps: a role with its questions, its steps and its tips."""

from django.contrib import admin
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from learningpath.admin import LearningStepInline, TipInline
from questions.admin.acts import Button, Gate, Missing, chosen_in_rows, gate_of_publishing
from questions.admin.document_form import DocumentForm
from questions.admin.documents import DocumentAdmin
from questions.admin.exporting import ExportsChosen, subject_of_roles
from questions.admin.lists import STATUS, ByRelevance, name_filter
from questions.admin.ordering import Ordered
from questions.admin.parts import KnownRows, PartForm, PartFormSet
from questions.admin.widgets import Autocompleted
from questions.models import Category, Placement, Role

from . import colleagues  # noqa: F401 - registers its pages

# Each curator has a page for the own second factor; nobody edits another's secret.
for model in StaticDevice, TOTPDevice:
    admin.site.unregister(model)


class PlacementInline(KnownRows, Autocompleted, admin.TabularInline):
    model = Placement
    known = "question"
    verbose_name = _("question")
    form = PartForm
    formset = PartFormSet
    extra = 0
    verbose_name_plural = _("questions, in the order of the page")
    autocomplete_fields = ["question"]
    fields = ["position", "question", "difficulty", "status"]
    readonly_fields = ["difficulty", "status"]

    @admin.display(description=_("difficulty"))
    def difficulty(self, placement):
        return placement.question.get_difficulty_display()

    @admin.display(description=_("status"))
    def status(self, placement):
        return placement.question.get_status_display()


class RoleForm(DocumentForm):
    """Asks before a page becomes public without questions, and before one disappears."""

    def asks(self):
        questions = chosen_in_rows(self.data, "placements", "question")
        if self.pressed == "_publish" and not questions:
            text = _("No question is placed in it, so its page has nothing to read.")
            return gate_of_publishing([Missing(_("Questions"), "placements-heading", text)])
        if self.pressed == "_retire":
            return self._gate_of_retiring(questions)
        return None

    def _gate_of_retiring(self, questions):
        gone = _("Its page disappears from the site. Its address stays, and says that it is gone.")
        elsewhere = Placement.objects.published().exclude(role=self.instance).filter(question__in=questions)
        only_here = len(questions) - elsewhere.order_by().values("question").distinct().count()
        text = ngettext(
            "%(n)s of its questions is in no other role: readers find it by topic and search only.",
            "%(n)s of its questions are in no other role: readers find them by topic and search only.",
            only_here,
        )
        rows = [Missing(_("For readers"), "", gone)]
        rows += [Missing(_("Questions"), "placements-heading", text % {"n": only_here})] if only_here else []
        return Gate(_("Retire this role?"), Button("_retire", _("Retire it")), rows)


@admin.register(Role)
class RoleAdmin(ExportsChosen, Ordered, ByRelevance, DocumentAdmin):
    form = RoleForm
    list_display = ["name", "category", "status", "question_count", "reviewed_on"]
    list_select_related = ["category"]
    ordering = Role._meta.ordering
    list_filter = [STATUS, name_filter("category", _("Category"), Category, "category")]
    search_fields = ["name", "slug"]
    actions = ["export_selected", "delete_selected"]
    autocomplete_fields = ["category"]
    inlines = [PlacementInline, LearningStepInline, TipInline]

    class Media:
        js = ["admin/order.js"]
        css = {"all": ["admin/order.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).with_facts()

    def subject_of(self, rows):
        return subject_of_roles(rows)

    @admin.display(description=_("published questions"))
    def question_count(self, role):
        return role.question_count

    @admin.display(description=_("last reviewed"), ordering="reviewed_on")
    def reviewed_on(self, role):
        return role.reviewed_on

    def save_model(self, request, obj, form, change):
        if not change:  # last in its category, where that has an order
            last = Role.objects.filter(category=obj.category).aggregate(last=Max("position"))["last"]
            obj.position = last + 1 if last else 0
        super().save_model(request, obj, form, change)

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        fieldsets[0][1]["fields"].remove("position")  # the page of its category has the order
        return fieldsets
