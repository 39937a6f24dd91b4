"""What the search page and the suggestions under its field show of what a reader requests."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.text import Truncator

from . import markdown
from .facets import Facets
from .filters import Choice
from .models import Difficulty, Question, Role, Topic
from .search import Hit, Hits, Query, find, marked, snippet
from .search_form import MAX_WORDS, SearchForm

MOST_CHOICES = 10  # of roles, and of topics
MOST_NAMED = 3  # roles, and topics, that have the words in their names
MOST_ROLES = 3  # of a question, in a list of results
MOST_COMPARED = 100  # questions, of which the suggestions are the best
BEGINNING = 40  # words
RECENT = 100  # questions, of which the examples are
EXAMPLES = 6
# What is read of a question: its name, and what `snippet()` needs.
NAME = ["slug", "text", "difficulty"]
ANSWER = ["short_answer_html", "answer_html", "weak_answer_html", "key_points", "follow_ups", "sources"]


@dataclass(frozen=True)
class Result:
    """A question that was found, as a list shows it: `roles` are the first of its roles, of `role_count`."""

    question: Question
    roles: list[Role]
    role_count: int
    query: Query

    @property
    def title(self) -> str:
        return marked(self.question.text, self.query)

    @property
    def passage(self) -> str:
        """What the answer says around the words, or how it begins."""
        found = snippet(self.question, self.query) if self.query else ""
        return found or Truncator(self._answer()).words(BEGINNING, truncate="…")

    @property
    def more_roles(self) -> int:
        return self.role_count - len(self.roles)

    def _answer(self):
        return markdown.text_of(self.question.short_answer_html or self.question.answer_html)


@dataclass(frozen=True)
class Named:
    """A role or topic whose name has the words."""

    document: Role | Topic
    query: Query

    @property
    def title(self) -> str:
        return marked(self.document.name, self.query)


class Search:
    """What a reader requests, and what it finds. Errors are in its `form`; the valid part applies.

    However much is found, and whatever it is narrowed by, a page costs the same few queries.
    """

    per_page: ClassVar = 20
    fields: ClassVar = [*NAME, *ANSWER]
    is_unfinished: ClassVar = False

    def __init__(self, data: QueryDict):
        self.form = SearchForm(data, is_unfinished=self.is_unfinished)
        self.chosen = {name: value for name, value in self._cleaned() if value}
        self.query = self.form.query
        self.facets = self._facets()
        self.page_number = data.get("page")

    def _cleaned(self):
        self.form.full_clean()
        return self.form.cleaned_data.items()

    def _facets(self):
        form = self.form
        values = {
            "difficulty": self.chosen.get("difficulty", []),
            "roles": [form.roles[slug] for slug in self.chosen.get("role", [])],
            "topics": [form.topics[slug] for slug in self.chosen.get("topic", [])],
        }
        return Facets({name: chosen for name, chosen in values.items() if chosen})

    @property
    def words(self) -> str:
        """What stands in the field: also words that were refused, for the reader to change."""
        return self.form.data.get("q", "")[:MAX_WORDS]

    @property
    def without_facets(self) -> str:
        """The query string of the same search, not narrowed."""
        return urlencode({"q": self.chosen["q"]}) if self.query else ""

    # What is found

    @cached_property
    def everything(self) -> Hits:
        """All that has the words; all that there is, if there are none."""
        return find(self.query)

    @cached_property
    def hits(self) -> Hits:
        """What the facets let through."""
        found = self.everything
        if self.facets and found.is_capped:  # of what was not read, they let through more
            return find(self.query, **self.facets.chosen)
        return Hits(self.facets.let_through(found.rows), found.is_capped, found.is_partial)

    @property
    def total(self) -> str:
        """The number of questions that are found, as a reader reads it: “14”, or “1,000+”."""
        number = number_format(len(self.hits.rows), force_grouping=True)
        return f"{number}+" if self.hits.is_capped else number

    @property
    def lacking(self) -> int:
        """How many of the questions lack one of the words, while others have them all."""
        return 0 if self.hits.is_partial else sum(hit.lacks_a_word for hit in self.hits.rows)

    @cached_property
    def page(self) -> Page:
        """The part of the hits that is requested; the first or the last one for numbers that none has."""
        return Paginator(self.hits.rows, self.per_page).get_page(self.page_number)

    @cached_property
    def results(self) -> list[Result]:
        """The questions of the part. What was retired since they were found is left out."""
        hits = {hit.pk: hit for hit in self.page}
        questions = Question.objects.published().only(*self.fields).in_bulk(hits)
        return [self._result(questions[pk], hit) for pk, hit in hits.items() if pk in questions]

    def _result(self, question, hit):
        pks = set(hit.roles)
        roles = [role for pk, role in self.roles.items() if pk in pks]
        return Result(question, roles[:MOST_ROLES], len(roles), self.query)

    # Roles and topics: those that were found by their names, and those that the page names elsewhere

    @cached_property
    def roles(self) -> dict[int, Role]:
        """By pk and in their order, all roles that the page names: one query."""
        pks = {pk for hit in self.page for pk in hit.roles}
        pks.update(self.named_role_pks[:MOST_NAMED], self.role_counts)
        roles = Role.objects.published().filter(pk__in=pks).select_related("category")
        return {role.pk: role for role in roles.only("slug", "name", "category__name")}

    @cached_property
    def topics(self) -> dict[int, Topic]:
        """By pk, all topics that the page names: one query."""
        pks = {*self.named_topic_pks[:MOST_NAMED], *self.topic_counts}
        return Topic.objects.published().only("slug", "name").in_bulk(pks)

    @cached_property
    def named_role_pks(self) -> list[int]:
        return self._pks_by_name("role")

    @cached_property
    def named_topic_pks(self) -> list[int]:
        return self._pks_by_name("topic")

    def _pks_by_name(self, kind):
        return find(self.query, kind=kind).pks if self.query else []

    @property
    def named_roles(self) -> list[Named]:
        return self._named(self.named_role_pks, self.roles)

    @property
    def named_topics(self) -> list[Named]:
        return self._named(self.named_topic_pks, self.topics)

    def _named(self, pks, documents):
        return [Named(documents[pk], self.query) for pk in pks[:MOST_NAMED] if pk in documents]

    # What the results can be narrowed by

    @cached_property
    def countable(self) -> list[Hit]:
        """The hits that are counted. Of more than are read, the counts say “at least”."""
        return list({hit.pk: hit for hit in [*self.everything.rows, *self.hits.rows]}.values())

    @cached_property
    def counts(self) -> dict[str, Counter]:
        return self.facets.counts(self.countable)

    @cached_property
    def role_counts(self) -> dict[int, int]:
        return self._offered("roles")

    @cached_property
    def topic_counts(self) -> dict[int, int]:
        return self._offered("topics")

    def _offered(self, name):
        """`{pk: number of hits}` of what is chosen and, up to `MOST_CHOICES`, of what most hits have."""
        counts = self.counts[name]
        chosen = self.facets.chosen.get(name, [])
        others = [pk for pk, _count in counts.most_common() if pk not in chosen]
        offered = [*chosen, *others[: max(0, MOST_CHOICES - len(chosen))]]
        return {pk: counts[pk] for pk in offered}

    @property
    def can_be_narrowed(self) -> bool:
        """Whether the page offers to narrow it, or to take back what narrows it to nothing."""
        return bool(self.countable or self.facets)

    @property
    def difficulty_choices(self) -> list[Choice]:
        counts = self.counts["difficulty"]
        values = [(value, label, counts[value]) for value, label in Difficulty.choices]
        return self._choices("difficulty", values)

    @property
    def role_choices(self) -> list[Choice]:
        return self._choices("role", most_first(self.role_counts, self.roles))

    @property
    def topic_choices(self) -> list[Choice]:
        return self._choices("topic", most_first(self.topic_counts, self.topics))

    def _choices(self, name, values):
        chosen = self.chosen.get(name, ())
        # What the other facets leave has been read whole, unless that is too much as well.
        at_least = self.everything.is_capped and (bool(chosen) or self.hits.is_capped)
        return [Choice(value, label, count, value in chosen, at_least) for value, label, count in values]


def most_first(counts: dict[int, int], documents: Mapping[int, Role | Topic]) -> list[tuple[str, str, int]]:
    """`(slug, name, count)` of the `documents` that are counted, equal counts by name."""
    counted = [(documents[pk].slug, documents[pk].name, n) for pk, n in counts.items() if pk in documents]
    return sorted(counted, key=lambda row: (-row[2], row[1].lower()))


class Suggestions(Search):
    """The first of what is found, for the list under the field: there, nothing is narrowed."""

    per_page = 5
    fields = NAME
    is_unfinished = True
    role_counts: ClassVar = {}
    topic_counts: ClassVar = {}

    @cached_property
    def everything(self) -> Hits:
        return find(self.query, most=MOST_COMPARED)

    @property
    def count(self) -> int:
        return len(self.results) + len(self.named_roles) + len(self.named_topics)


def examples() -> list[str]:
    """What one may search for: the topics that most of the newest questions have. Two queries."""
    newest = Question.objects.published().newest().values_list("pk", flat=True)[:RECENT]
    names = Topic.objects.filter(questions__in=list(newest)).order_by().values_list("name", flat=True)
    return [name for name, _count in Counter(names).most_common(EXAMPLES)]
