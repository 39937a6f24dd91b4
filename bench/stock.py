"""The page of a role as one would first write it: a generic view, a FilterSet, a template."""

import django_filters
from django import forms
from django.urls import include, path
from django.views.generic import DetailView

from questions.models import Difficulty, Placement, Role, Topic


class StockFilter(django_filters.FilterSet):
    difficulty = django_filters.MultipleChoiceFilter(
        field_name="question__difficulty", choices=Difficulty.choices, widget=forms.CheckboxSelectMultiple
    )
    topic = django_filters.ModelChoiceFilter(field_name="question__topics", queryset=Topic.objects.all())
    q = django_filters.CharFilter(field_name="question__text", lookup_expr="icontains")

    class Meta:
        model = Placement
        fields = ["difficulty", "topic", "q"]


class StockRole(DetailView):
    queryset = Role.objects.published().with_facts().select_related("category")
    template_name = "stock_role.html"

    def get_context_data(self, **context):
        placements = self.object.placements.published().select_related("question")
        filterset = StockFilter(self.request.GET, placements.prefetch_related("question__topics"))
        return super().get_context_data(filterset=filterset, **context)


urlpatterns = [
    path("interview-questions/<str:slug>/", StockRole.as_view(), name="stock"),
    path("", include("interviewprep.urls")),
]
