"""Steps and tips, each as a list of its own; a role's page edits its own in place."""

from django.contrib import admin

from questions.admin.documents import PartAdmin
from questions.admin.parts import PartForm, PartFormSet
from questions.admin.widgets import GrowingLine, MarkdownWidget
from questions.fields import LineField, MarkdownField

from .models import LearningStep, Tip


class LearningStepInline(admin.StackedInline):
    model = LearningStep
    form = PartForm
    formset = PartFormSet
    extra = 0
    fields = ["title", "position", "body", "resources"]
    formfield_overrides = {MarkdownField: {"widget": MarkdownWidget}, LineField: {"widget": GrowingLine}}


class TipInline(admin.TabularInline):
    model = Tip
    formfield_overrides = {LineField: {"widget": GrowingLine}}
    form = PartForm
    formset = PartFormSet
    extra = 0
    fields = ["text", "position"]


@admin.register(LearningStep)
class LearningStepAdmin(PartAdmin):
    list_display = ["title", "on_role", "position"]
    search_fields = ["title", "body", "role__name"]


@admin.register(Tip)
class TipAdmin(PartAdmin):
    list_display = ["text", "on_role", "position"]
    search_fields = ["text", "role__name"]
