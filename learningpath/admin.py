"""Steps and tips, each as a list of its own; a role's page edits its own in place."""

from django.contrib import admin

from questions.admin.documents import MarkdownWidget, RecordedAdmin
from questions.fields import MarkdownField

from .models import LearningStep, Tip


class LearningStepInline(admin.StackedInline):
    model = LearningStep
    extra = 0
    fields = ["title", "position", "body", "resources"]
    formfield_overrides = {MarkdownField: {"widget": MarkdownWidget}}


class TipInline(admin.TabularInline):
    model = Tip
    extra = 0
    fields = ["text", "position"]


@admin.register(LearningStep)
class LearningStepAdmin(RecordedAdmin):
    list_display = ["title", "role", "position"]
    list_select_related = ["role"]
    list_filter = ["role"]
    search_fields = ["title", "body", "role__name"]
    autocomplete_fields = ["role"]
    fields = ["role", "title", "position", "body", "resources"]
    view_on_site = False


@admin.register(Tip)
class TipAdmin(RecordedAdmin):
    list_display = ["text", "role", "position"]
    list_select_related = ["role"]
    list_filter = ["role"]
    search_fields = ["text", "role__name"]
    autocomplete_fields = ["role"]
    fields = ["role", "text", "position"]
    view_on_site = False
