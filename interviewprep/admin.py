"""The admin of what joins the apps: a role with its questions, its steps and its tips, in one place."""

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _

from learningpath.admin import LearningStepInline, TipInline
from questions.admin.documents import DocumentAdmin, KnownRow, PartForm, PartFormSet
from questions.models import Placement, Role


class QuestionSelect(AutocompleteSelect):
    """Knows the `chosen` question, which Django would ask the database for, row by row."""

    chosen = None

    def optgroups(self, name, value, attr=None):
        if self.chosen is None or value != [str(self.chosen.pk)]:
            return super().optgroups(name, value, attr)
        return [(None, [self.create_option(name, self.chosen.pk, str(self.chosen), True, 0)], 0)]


class PlacementForm(PartForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            question = self.fields["question"]
            question.known = question.widget.widget.chosen = self.instance.question


class PlacementInline(admin.TabularInline):
    model = Placement
    form = PlacementForm
    formset = PartFormSet
    extra = 0
    verbose_name_plural = _("questions, in the order of the page")
    autocomplete_fields = ["question"]
    fields = ["position", "question", "difficulty", "status"]
    readonly_fields = ["difficulty", "status"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("question")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "question":
            kwargs |= {"widget": QuestionSelect(db_field, self.admin_site), "form_class": KnownRow}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("difficulty"))
    def difficulty(self, placement):
        return placement.question.get_difficulty_display()

    @admin.display(description=_("status"))
    def status(self, placement):
        return placement.question.get_status_display()


@admin.register(Role)
class RoleAdmin(DocumentAdmin):
    list_display = ["name", "category", "status", "question_count", "reviewed_on"]
    list_select_related = ["category"]
    ordering = Role._meta.ordering
    list_filter = ["status", "category"]
    search_fields = ["name", "slug", "intro"]
    autocomplete_fields = ["category"]
    inlines = [PlacementInline, LearningStepInline, TipInline]

    class Media:
        js = ["admin/order.js"]
        css = {"all": ["admin/order.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).with_facts()

    @admin.display(description=_("published questions"))
    def question_count(self, role):
        return role.question_count

    @admin.display(description=_("last reviewed"), ordering="reviewed_on")
    def reviewed_on(self, role):
        return role.reviewed_on

    def save_formset(self, request, form, formset, change):
        """Save what changed but for positions, which are written together, 1 to n."""
        formset.save(commit=False)
        if not formset.has_changed():
            return
        for row in formset.deleted_objects:
            row.delete()
        for row, changed in formset.changed_objects:
            if changed != ["position"]:
                row.save()
        for row in formset.new_objects:
            row.save()
        formset.model.objects.renumber([row.pk for row in self.in_order(formset)])

    def in_order(self, formset):
        """The rows of a formset: one that was given a number stands there, before the one that had it."""
        moved = {
            row.instance.pk: (row.initial.get("position") or 0, row.instance.position)
            for row in formset.forms
            if "position" in row.changed_data and row.instance.pk
        }

        def place(row):
            before, now = moved.get(row.pk, (row.position, row.position))
            # Up: before the one that is there; down: behind it, as that one moves up by one.
            return now, (now > before) - (now < before), row.pk

        return sorted(formset.model.objects.filter(role=formset.instance), key=place)
