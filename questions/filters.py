"""The filter of a role page: by difficulty, by topic and by words."""

from collections import Counter
from dataclasses import dataclass, field

import django_filters as filters
from django import forms
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .models import Difficulty
from .text import plain_fold

# What the page of a role shows of a question.
FACTS = [
    "slug",
    "text",
    "difficulty",
    "short_answer_html",
    "answer_html",
    "key_points",
    "weak_answer_html",
    "follow_ups",
    "sources",
]
# What a reader can look for in it.
SEARCHED = ["text", "label", "short_answer", "answer", "weak_answer", "key_points", "follow_ups"]
MAX_WORDS = 100  # characters, so that no database is asked for more than it takes


@dataclass
class Row:
    """What the filter needs to know of a placement, whether it is shown or not."""

    number: int
    slug: str
    label: str
    difficulty: str
    has_words: bool
    topics: list = field(default_factory=list)
    absent: bool = False


@dataclass
class Chip:
    """A choice of the filter, and how many questions it adds to what the rest of the filter lets through."""

    value: str
    label: str
    count: int
    checked: bool

    def __str__(self):
        return f"{self.label} ({self.count})"

    @property
    def disabled(self):
        return not self.count and not self.checked


class QuestionFilter(filters.FilterSet):
    """Filters a role's published placements. An unknown value is told at its field; the rest still applies.

    One query beside that of the list reads all placements, so that numbers, totals and counts are
    those of the whole list.
    """

    difficulty = filters.MultipleChoiceFilter(
        field_name="question__difficulty",
        choices=Difficulty.choices,
        label=_("Difficulty"),
        distinct=False,  # a forward join repeats no row
    )
    topic = filters.ChoiceFilter(field_name="question__topics__slug", label=_("Topic"))
    q = filters.CharFilter(method="having_words", label=_("Words"), max_length=MAX_WORDS)
    # How the page is shown is a part of its address too, but filters nothing.
    answers = filters.ChoiceFilter(choices=[("hidden", _("hidden"))], method="as_they_are")

    def __init__(self, data, queryset):
        super().__init__(data, queryset)
        self.rows = _rows(queryset, _words(data.get("q", "")))
        topics = {topic.slug: topic.name for row in self.rows.values() for topic in row.topics}
        self.filters["topic"].extra["choices"] = sorted(topics.items(), key=lambda topic: topic[1].lower())

    def get_form_class(self):
        return type("QuestionFilterForm", (_Form,), {name: f.field for name, f in self.filters.items()})

    def as_they_are(self, queryset, name, value):
        return queryset

    def having_words(self, queryset, name, words):
        return queryset.filter(pk__in=[pk for pk, row in self.rows.items() if row.has_words])

    @cached_property
    def shown(self):
        """The filtered list: of each question the `FACTS` that its page shows, and its `Row`."""
        values = self.qs.values_list("pk", *(f"question__{name}" for name in FACTS))
        # What was published since the rows were read is for the next reader.
        known = (row for row in values if row[0] in self.rows)
        return [(dict(zip(FACTS, facts, strict=True)), self.rows[pk]) for pk, *facts in known]

    @cached_property
    def outline(self):
        """Every row of the whole list, each with whether the filter hides it as `absent`."""
        shown = {row.number for _facts, row in self.shown}
        for row in self.rows.values():
            row.absent = row.number not in shown
        return list(self.rows.values())

    @cached_property
    def chosen(self):
        """The valid part of what was asked for: `{name: value}`, nothing that is empty."""
        self.form.full_clean()
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    @property
    def query(self):
        """The normalised query string: known parameters, sorted, none empty."""
        return urlencode(
            sorted(
                (name, value)
                for name, chosen in self.chosen.items()
                for value in (chosen if isinstance(chosen, list) else [chosen])
            )
        )

    @property
    def difficulties(self):
        counts = Counter(
            row.difficulty for row in self.rows.values() if row.has_words and self._has_topic(row)
        )
        return self._chips("difficulty", counts)

    @property
    def topics(self):
        wanted = self.chosen.get("difficulty") or Difficulty.values
        rows = [row for row in self.rows.values() if row.has_words and row.difficulty in wanted]
        return self._chips("topic", Counter(topic.slug for row in rows for topic in row.topics))

    def _has_topic(self, row):
        wanted = self.chosen.get("topic")
        return not wanted or wanted in {topic.slug for topic in row.topics}

    def _chips(self, name, counts):
        chosen = self.chosen.get(name) or ()
        chosen = [chosen] if isinstance(chosen, str) else chosen
        choices = [choice for choice in self.form.fields[name].choices if choice[0]]
        return [Chip(value, label, counts[value], value in chosen) for value, label in choices]


class _Form(forms.Form):
    """Says what can be chosen where something unknown was asked for, and keeps what is valid."""

    def clean(self):
        for name in ("difficulty", "topic", "answers"):
            labels = {value: str(label) for value, label in self.fields[name].choices if value}
            asked = [value for value in self.data.getlist(name) if value]
            if unknown := [value for value in asked if value not in labels]:
                self._errors.pop(name, None)
                self.add_error(name, self._unknown(name, unknown[0], labels))
                valid = [value for value in asked if value in labels]
                self.cleaned_data[name] = valid if name == "difficulty" else ""
        return self.cleaned_data

    def _unknown(self, name, value, labels):
        if not labels:
            return gettext("There is nothing to choose here yet.")
        return gettext("“%(value)s” is not one of the choices. Choose %(choices)s.") % {
            "value": value[:60],
            "choices": get_text_list(list(labels.values()), gettext("or")),
        }


@dataclass(frozen=True)
class TopicName:
    slug: str
    name: str


def _rows(placements, words):
    """`{placement pk: Row}` of the whole list, in its order and in one query."""
    searched = SEARCHED if words else []
    values = placements.order_by("position", "pk", "question__topics__slug").values_list(
        "pk",
        "question__topics__slug",
        "question__topics__name",
        "question__slug",
        "question__text",
        "question__label",
        "question__difficulty",
        *(f"question__{name}" for name in searched),
    )
    rows = {}
    for pk, topic, name, slug, text, label, difficulty, *texts in values:
        if pk not in rows:
            has_words = not words or _has(words, texts)
            rows[pk] = Row(len(rows) + 1, slug, label or text, difficulty, has_words)
        if topic:
            rows[pk].topics.append(TopicName(topic, name))
    return rows


def _words(text):
    """The words to look for, folded. What the form's field refuses is no condition."""
    return [] if len(text) > MAX_WORDS or "\0" in text else plain_fold(text).split()


def _has(words, texts):
    """Whether each of `words` is somewhere in `texts`, which are texts and lists of entries."""
    found = plain_fold(" ".join(_strings(texts)))
    return all(word in found for word in words)


def _strings(value):
    if isinstance(value, str):
        yield value
    else:
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)
