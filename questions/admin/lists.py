"""The lists of the desk: filters that stand in one form with the search, pickers, and excerpts."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.models import User
from django.db.models import Case, CharField, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, StrIndex
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..documents import Label
from ..models import STALE_AFTER, Difficulty, Question, Role, Status, Topic
from ..text import fold

MOST_CHOICES = 40  # of a select; more are typed, with suggestions


class Filter(admin.SimpleListFilter):
    """A filter of a list, drawn as a select or, with many choices, as a field with suggestions."""

    any_label: Label = _("Any")
    is_hidden = False  # reached by a link only

    def lookups(self, request, model_admin):
        return ()  # read when they are drawn, and not where a list is only behind another page

    def options_of(self) -> Sequence[tuple[str, Label]]:
        """The choices, each a value and its name."""
        raise NotImplementedError

    @cached_property
    def options(self) -> list[tuple[str, Label]]:
        return list(self.options_of())

    @property
    def is_typed(self) -> bool:
        return len(self.options) > MOST_CHOICES

    @property
    def placeholder(self) -> str:
        return gettext("Type one of %(n)s") % {"n": len(self.options)}

    def has_output(self):
        return True


def choice_filter(field: str, name: Label, choices: Sequence[tuple[str, Label]]) -> type[Filter]:
    """A filter by one of the `choices` of a field."""

    class ChoiceFilter(Filter):
        title, parameter_name = name, field

        def options_of(self):
            return choices

        def queryset(self, request, queryset):
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return ChoiceFilter


def name_filter(path: str, name: Label, model: Any, parameter: str) -> type[Filter]:
    """A filter by the name of a row of `model`, to which `path` leads from the rows of the list."""

    class NameFilter(Filter):
        title, parameter_name = name, parameter

        def options_of(self):
            return [(name, name) for name in model.objects.values_list("name", flat=True)]

        def queryset(self, request, queryset):
            value = self.value()
            if not value:
                return queryset
            rows = model.objects.filter(Q(name__iexact=value) | Q(slug=value)).order_by()
            rows = rows if rows.exists() else model.objects.filter(name__icontains=value).order_by()
            # Read first: with a subquery, SQLite looks at every question.
            return queryset.filter(**{f"{path}__in": list(rows.values_list("pk", flat=True))})

    return NameFilter


class ReviewedFilter(Filter):
    title, parameter_name = _("Reviewed"), "reviewed"
    any_label = _("Any time")

    def options_of(self):
        return [
            ("year", _("Within a year")),
            ("stale", _("Over a year ago or never")),
            ("never", _("Never")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "stale":
            return queryset.stale()
        conditions = {
            "year": Q(reviewed_on__gte=timezone.localdate() - STALE_AFTER),
            "never": Q(reviewed_on=None),
        }
        return queryset.filter(conditions.get(self.value(), Q()))


class WriterFilter(Filter):
    title, parameter_name = _("Writer"), "writer"
    any_label = _("Anybody")

    def options_of(self):
        writers = User.objects.filter(questions__isnull=False).distinct()
        return [(name, name) for name in writers.order_by("username").values_list("username", flat=True)]

    def queryset(self, request, queryset):
        return queryset.filter(author__username=self.value()) if self.value() else queryset


class LacksFilter(Filter):
    title, parameter_name = _("Lacks"), "lacks"
    any_label = _("Anything or nothing")

    def options_of(self):
        return [
            ("answer", _("An answer")),
            ("short_answer", _("A short answer")),
            ("key_points", _("Key points")),
            ("sources", _("A source")),
            ("topics", _("A topic")),
            ("role", _("A role")),
        ]

    def queryset(self, request, queryset):
        conditions = {
            "answer": Q(answer=""),
            "short_answer": Q(short_answer=""),
            "key_points": Q(key_points=[]),
            "sources": Q(sources=[]),
            "topics": Q(topics=None),
            "role": Q(placements=None),
        }
        return queryset.filter(conditions.get(self.value(), Q()))


class LinksToFilter(Filter):
    """Questions whose answers link to the question at an address, or at a former address of it."""

    title, parameter_name, is_hidden = _("Links to"), "links_to", True

    def options_of(self):
        return []

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        question = Question.objects.filter(slug=self.value()).first()
        linking = Question.objects.linking_to(question) if question else []
        return queryset.filter(pk__in=[row.pk for row in linking])


STATUS = choice_filter("status", _("Status"), Status.choices)
DIFFICULTY = choice_filter("difficulty", _("Difficulty"), Difficulty.choices)


class ByRelevance:
    """For the admin of a document: what begins with the words comes first, then what has them in its name.

    Names are compared as they sort: without case and accents.
    """

    def get_search_results(self, request, queryset, search_term):
        queryset, may_repeat = super().get_search_results(request, queryset, search_term)
        if search_term.strip():
            queryset = queryset.annotate(rank=rank_of(search_term)).order_by("rank", "sort_key", "pk")
        return queryset, may_repeat


def rank_of(term: str) -> Case:
    """How well a name fits what was typed: 0 is best."""
    folded = fold(term)[:100]
    return Case(
        When(sort_key=folded, then=Value(0)),
        When(sort_key__startswith=folded, then=Value(1)),
        When(sort_key__contains=f" {folded}", then=Value(2)),
        When(sort_key__contains=folded, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )


def in_order_of(queryset: QuerySet, pks: Sequence[int]) -> QuerySet:
    """The rows of `queryset` among `pks`, in their order."""
    listed = Value(f",{','.join(map(str, pks))},")
    sought = Concat(Value(","), Cast("pk", CharField()), Value(","))
    return queryset.filter(pk__in=pks).annotate(place=StrIndex(listed, sought)).order_by("place", "pk")


MOST_NAMES = 200  # that a picker suggests


def named_like(queryset: QuerySet, term: str) -> QuerySet:
    """The rows whose names have every word of `term`, those that fit best first."""
    found = queryset.order_by()
    for word in fold(term)[:100].split():
        found = found.filter(sort_key__contains=word)
    # By the index of names alone: the rows, with their long texts, are read for what is shown only.
    ranked = found.annotate(rank=rank_of(term)).order_by("rank", "sort_key", "pk")
    pks = list(ranked.values_list("pk", flat=True)[:MOST_NAMES])
    return queryset.filter(pk__in=pks).annotate(rank=rank_of(term)).order_by("rank", "sort_key", "pk")


class Picker(AutocompleteJsonView):
    """What a field suggests while one types: rows by their names only, with what tells them apart."""

    def get_queryset(self):
        model = self.model_admin.model
        if not hasattr(model, "sort_key"):
            return super().get_queryset()
        rows = model._default_manager.complex_filter(self.source_field.get_limit_choices_to())
        return named_like(rows, self.term)

    def serialize_result(self, obj, to_field_name):
        facts = facts_of(obj)
        text = f"{obj} · {facts}" if facts else str(obj)
        return super().serialize_result(obj, to_field_name) | {"text": text}


def facts_of(row) -> str:
    """What tells a document from others of a like name: its difficulty and status."""
    facts = [row.get_difficulty_display()] if getattr(row, "difficulty", "") else []
    facts += [row.get_status_display()] if hasattr(row, "status") else []
    return ", ".join(map(str, facts))


ROLE = name_filter("placements__role", _("Role"), Role, "role")
TOPIC = name_filter("topics", _("Topic"), Topic, "topic")
