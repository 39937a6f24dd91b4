"""Categories, topics, placements and former addresses."""

from functools import partial

from django.contrib import admin
from django.db.models import Max, OuterRef
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ..models import Category, FormerSlug, Placement, Question, Role, Synonym, Topic
from .documents import DocumentAdmin, PartAdmin, ReadOnlyAdmin, count_of, is_editor
from .lists import ByRelevance
from .merging import merge_view
from .ordering import Ordered
from .parts import PartForm, PartFormSet


class OrderedRoles(PartFormSet):
    """The roles of a category, numbered as the home page lists them, whether they have an order or not."""

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        form.initial["position"] = i + 1
        return form


class RoleInline(admin.TabularInline):
    model = Role
    form = PartForm
    formset = OrderedRoles
    fields = ["position", "role", "status"]
    readonly_fields = ["role", "status"]
    verbose_name_plural = _("roles, in the order of the home page")
    can_delete = False

    def has_add_permission(self, request, obj):
        return False

    @admin.display(description=_("role"))
    def role(self, role):
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:questions_role_change", args=[role.pk]), role
        )


@admin.register(Category)
class CategoryAdmin(Ordered, ByRelevance, DocumentAdmin):
    inlines = [RoleInline]
    list_display = ["name", "slug", "position", "role_count"]
    ordering = Category._meta.ordering  # repeated here, as a query that counts rows ignores the model's
    search_fields = ["name", "slug"]

    def get_queryset(self, request):
        count = count_of(Role, category=OuterRef("pk"))
        return super().get_queryset(request).annotate(role_count=count)

    @admin.display(description=_("roles"), ordering="role_count")
    def role_count(self, category):
        return category.role_count

    class Media:
        js = ["admin/order.js"]
        css = {"all": ["admin/order.css"]}

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_changeform_initial_data(self, request):
        last = Category.objects.aggregate(last=Max("position"))["last"]
        return super().get_changeform_initial_data(request) | {"position": (last or 0) + 1}

    def reason_to_keep(self, request, row):
        if row.roles.exists():
            return _("It holds roles: move them to another category first")
        return super().reason_to_keep(request, row)


@admin.register(Topic)
class TopicAdmin(ByRelevance, DocumentAdmin):
    list_display = ["name", "slug", "question_count"]
    ordering = Topic._meta.ordering
    search_fields = ["name", "slug"]

    def get_queryset(self, request):
        count = count_of(Question.topics.through, topic=OuterRef("pk"))
        return super().get_queryset(request).annotate(number_of_questions=count)

    def get_urls(self):
        merge = self.admin_site.admin_view(partial(merge_view, self))
        return [path("<int:pk>/merge/", merge, name="questions_topic_merge"), *super().get_urls()]

    def render_change_form(self, request, context, *args, **kwargs):
        context["may_merge"] = is_editor(request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("questions"), ordering="number_of_questions")
    def question_count(self, topic):
        return topic.number_of_questions


@admin.register(Synonym)
class SynonymAdmin(ByRelevance, DocumentAdmin):
    list_display = ["name", "other_forms"]
    ordering = Synonym._meta.ordering
    search_fields = ["name", "also"]

    @admin.display(description=_("also"))
    def other_forms(self, synonym):
        return ", ".join(synonym.also)


@admin.register(Placement)
class PlacementAdmin(PartAdmin):
    list_display = ["question", "on_role", "position"]
    list_select_related = ["question", "role"]
    search_fields = ["question__text", "role__name"]


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnlyAdmin):
    list_display = ["slug", "kind", "target"]
    search_fields = ["slug", "target"]
