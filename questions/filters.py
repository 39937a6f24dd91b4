"""The filter of a role page: by difficulty, by topics and by words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .models import Difficulty, Placement, Question, Topic
from .parts import Part, part_address, part_number, parts_of, size_of_parts
from .search import Query, matching
from .search.tokens import words

MAX_WORDS = 100  # characters


def all_topics() -> QuerySet:
    return Topic.objects.values_list("slug", "name")


def has_a_word(text: str) -> None:
    """Refuse a search for signs alone, which no word contains."""
    if not words(text):
        raise ValidationError(_("Type at least one letter or digit."), code="no_word")


class FilterForm(forms.Form):
    """Keeps the valid values of a field that has an invalid one, too, so that they still filter."""

    data: QueryDict

    def clean(self) -> dict[str, Any]:
        for name in self.errors.keys() & {"difficulty", "role", "topic"}:
            field: Any = self.fields[name]
            values = self.data.getlist(name)
            self.cleaned_data[name] = [value for value in values if field.valid_value(value)]
        return self.cleaned_data


def slugs_of(placement: Placement) -> set[str]:
    return {topic.slug for topic in placement.topics}


@dataclass(frozen=True)
class Choice:
    """A value of the filter, and how many questions it adds to what the rest of the filter lets through.

    Where not all are counted, there are `at_least` so many.
    """

    value: str
    label: str
    count: int
    checked: bool
    at_least: bool = False

    @property
    def disabled(self) -> bool:
        return not self.count and not self.checked and not self.at_least


class QuestionFilter(filters.FilterSet):
    """Filters a role's published placements. An invalid value is reported at its field; the rest applies.

    Numbers, totals and counts are those of the whole list, which a query of its own reads.
    """

    difficulty = filters.MultipleChoiceFilter(
        field_name="question__difficulty",
        choices=Difficulty.choices,
        label=_("Difficulty"),
        distinct=False,  # a forward join repeats no row
        error_messages={
            "invalid_choice": _("“%(value)s” is not one of the choices. Choose Easy, Medium or Hard.")
        },
    )
    topic = filters.MultipleChoiceFilter(
        method="with_topics",
        choices=all_topics,
        label=_("Topic"),
        error_messages={"invalid_choice": _("There is no topic “%(value)s”. Choose one from the list.")},
    )
    q = filters.CharFilter(
        method="with_words",
        label=_("Words"),
        max_length=MAX_WORDS,
        validators=[has_a_word],
        error_messages={"max_length": _("Search for at most %(limit_value)d characters.")},
    )
    # How the page is shown belongs to its address, too, but filters nothing.
    answers = filters.ChoiceFilter(
        method="unfiltered",
        choices=[("hidden", _("hidden"))],
        label=_("Answers"),
        error_messages={"invalid_choice": _("“%(value)s” is not known here. It may be “hidden”.")},
    )

    class Meta:
        form = FilterForm

    def with_topics(self, queryset: QuerySet, name: str, slugs: list[str]) -> QuerySet:
        questions = Question.objects.filter(topics__slug__in=slugs)
        return queryset.filter(question__in=questions) if slugs else queryset

    def with_words(self, queryset: QuerySet, name: str, text: str) -> QuerySet:
        return queryset.filter(pk__in=[placement.pk for placement in self.placements if placement.matches])

    def unfiltered(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset

    @cached_property
    def placements(self) -> list[Placement]:
        """The whole list: each with `number`, `topics` and whether it `matches` the words."""
        placements = self.queryset.for_outline()
        found = set(matching(self.words, role=[placements[0].role_id])) if self.words and placements else ()
        for placement in placements:
            placement.matches = not self.words or placement.question_id in found
        return placements

    @cached_property
    def words(self) -> Query:
        return Query.of(self.chosen.get("q", ""))

    @cached_property
    def found(self) -> list[Placement]:
        """The whole list as the filter leaves it. What was published meanwhile is for the next reader."""
        if not self.chosen.keys() - {"answers"}:
            return self.placements
        found = set(self.qs.values_list("pk", flat=True))
        return [placement for placement in self.placements if placement.pk in found]

    @cached_property
    def pages(self) -> Paginator:
        """What is found, in parts: one, unless it is too much for a page."""
        return Paginator(self.found, size_of_parts(len(self.found)))

    @cached_property
    def page(self) -> Page:
        """The part that is requested; the last one where there are not so many."""
        return self.pages.get_page(part_number(self.data.get("part", "")))

    @property
    def is_large(self) -> bool:
        """Whether the role comes in parts, as long as no filter leaves less of it."""
        return len(self.placements) > size_of_parts(len(self.placements))

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of what is found, if it has several, each with its first and its last number."""
        if not self.page.has_other_pages():
            return []
        address = self.found[0].role.get_absolute_url()
        parts = parts_of(address, self.pages.count, self.pages.per_page, self.page.number, **self.chosen)
        numbers = [placement.number for placement in self.found]
        return [replace(part, first=numbers[part.first - 1], last=numbers[part.last - 1]) for part in parts]

    @property
    def here(self) -> Part | None:
        """The part that is shown, if it is one of several and not the first."""
        return self._part(self.page.number) if self.page.has_previous() else None

    @property
    def previous_part(self) -> Part | None:
        return self._part(self.page.number - 1)

    @property
    def next_part(self) -> Part | None:
        return self._part(self.page.number + 1)

    def _part(self, number):
        return next((part for part in self.parts if part.number == number), None)

    @cached_property
    def shown(self) -> list[Placement]:
        """The part, with all that the page shows of it."""
        listed = {placement.pk: placement for placement in self.page}
        shown = list(self.queryset.for_page().filter(pk__in=listed))
        for placement in shown:
            same = listed[placement.pk]
            placement.number, placement.total, placement.topics = same.number, same.total, same.topics
        return shown

    @cached_property
    def outline(self) -> list[Placement]:
        """The whole list, each with whether the filter hides it as `is_hidden`, and its `outline_address`.

        A link to a hidden question leads to the page without the filter. Of a role in parts the outline
        has what the part shows.
        """
        shown = {placement.pk for placement in self.shown}
        rows = list(self.page) if self.is_large else self.placements
        for placement in rows:
            placement.is_hidden = placement.pk not in shown
            here = f"#q-{placement.question.slug}"
            placement.outline_address = placement.address if placement.is_hidden else here
        return rows

    @cached_property
    def chosen(self) -> dict:
        """The valid part of what was requested: `{name: value}`, without empty values."""
        self.form.full_clean()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def export_query(self) -> str:
        """What an address of a file has behind it, to hold what the filter leaves: it has no words."""
        kept = {name: values for name, values in self.chosen.items() if name in {"difficulty", "topic"}}
        return part_address("", 1, **kept)

    @property
    def is_filtered(self) -> bool:
        """Whether something was requested that a reader may want to clear."""
        return bool(self.chosen.keys() - {"answers"}) or not self.is_valid()

    @cached_property
    def difficulties(self) -> list[Choice]:
        wanted = set(self.chosen.get("topic", ()))
        rows = [row for row in self.placements if row.matches and (not wanted or wanted & slugs_of(row))]
        counts = Counter(row.question.difficulty for row in rows)
        return self._choices("difficulty", Difficulty.choices, counts)

    @cached_property
    def topics(self) -> list[Choice]:
        wanted = self.chosen.get("difficulty") or Difficulty.values
        rows = [row for row in self.placements if row.matches and row.question.difficulty in wanted]
        counts = Counter(slug for row in rows for slug in slugs_of(row))
        names = {topic.slug: topic.name for row in self.placements for topic in row.topics}
        return self._choices("topic", sorted(names.items(), key=lambda topic: topic[1].lower()), counts)

    @property
    def topics_label(self) -> str:
        """What names the list of topics: those that are chosen, or how many."""
        chosen = [choice.label for choice in self.topics if choice.checked]
        if len(chosen) == 1:
            return chosen[0]
        if chosen:
            return ngettext("%(n)s topic", "%(n)s topics", len(chosen)) % {"n": len(chosen)}
        return gettext("All topics")

    def _choices(self, name: str, values: Iterable, counts: Counter) -> list[Choice]:
        chosen = self.chosen.get(name, ())
        return [Choice(value, label, counts[value], value in chosen) for value, label in values]
