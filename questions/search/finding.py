"""What a query finds, the best first: the engine says what has the words, this module in which order.

Every engine gives the same entries, and the order is worked out here from their words; so both databases
answer alike. Where more than a thousand have the words, those come first whose titles have them all, then
the ones that were made first, up to a thousand: these are put in order, and counts say “1,000+”.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from .engines import engine
from .entries import KINDS, PUBLIC, Entry, facet
from .expressions import Wanted
from .queries import Query

MOST = 1_000  # hits that are counted and put in order
EVERY = 100_000_000  # more than a bank has

# What it is worth that a term is in a title, in topics, in the short answer, and in the rest.
TITLE, TOPICS, LEAD, BODY = 6.0, 3.0, 2.0, 1.0
ENOUGH = 2.0  # a term that is in a text so often is worth half of what it could be at most
# Added, as parts of what all terms are worth in a title: that it has them all, and that they stand together.
WHOLE_TITLE = 0.5
PHRASE = {"title": 1.0, "topics": 0.8, "lead": 0.6, "body": 0.45}
TITLE_ONLY = 2.0
FEW = 10  # hits, with which those that lack one of many words are shown, too


class Hit(NamedTuple):
    """A row that was found, and what it can be filtered by: primary keys of topics and roles."""

    pk: int
    difficulty: str
    topics: frozenset[int]
    roles: frozenset[int]


@dataclass
class Hits:
    """The rows that were found, the best first.

    `is_capped`: there are more. `is_partial`: none has all the words, and these have some.
    """

    rows: list[Hit] = field(default_factory=list)
    is_capped: bool = False
    is_partial: bool = False

    @property
    def pks(self) -> list[int]:
        return [row.pk for row in self.rows]


def find(
    query: Query,
    *,
    kind: str = "question",
    difficulty: Collection[str] = (),
    topics: Collection[int] = (),
    roles: Collection[int] = (),
) -> Hits:
    """What has the words of `query`, and one of each facet's values; all of it, where it has no words.

    Questions, or by their names roles or topics: at most three statements, or seven for a partial answer.
    """
    facets = facets_of(kind, query.is_public, difficulty=difficulty, topic=topics, role=roles)
    ids, is_partial = _ids(query, facets)
    is_capped = len(ids) > MOST
    if is_capped and query:
        in_title = engine.ids(Wanted(facets, query.whole, in_title=True), MOST) if query.whole else []
        ids = list(dict.fromkeys([*in_title, *ids]))
    entries = engine.with_ids(ids[:MOST])
    if query:
        ranked = sorted(entries, key=lambda entry: (-score(entry, query), entry.id))
    else:
        ranked = sorted(entries, key=lambda entry: entry.id)
    return Hits([_hit(entry) for entry in ranked], is_capped, is_partial)


def matching(query: Query, **facets: Collection[object]) -> list[int]:
    """The primary keys of all questions that have the words of `query`, in no order of use."""
    wanted = facets_of("question", query.is_public, **facets)
    if query.whole is None:
        return []
    return [id // len(KINDS) for id in engine.ids(Wanted(wanted, query.whole), EVERY)]


def facets_of(kind: str, is_public: bool, **values: Collection[object]) -> list[list[str]]:
    """The conditions on facets that an entry has to meet."""
    chosen = [[facet(name, value) for value in of_name] for name, of_name in values.items() if of_name]
    return [[PUBLIC + kind if is_public else kind], *chosen]


def _ids(query, facets):
    """One more than `MOST` ids at most, and whether these have only some of the words."""
    if not query:
        return engine.ids(Wanted(facets), MOST + 1), False
    if query.whole and (ids := engine.ids(Wanted(facets, query.whole), MOST + 1)):
        if len(ids) < FEW and query.nearly_whole:
            ids = engine.ids(Wanted(facets, query.nearly_whole), MOST + 1)
        return ids, False
    for expression in query.partial:
        if ids := engine.ids(Wanted(facets, expression), MOST + 1):
            return ids, True
    return [], False


def _hit(entry: Entry) -> Hit:
    values: dict[str, list[str]] = {"difficulty": [""], "topic": [], "role": []}
    for word in entry.facets.split():
        for name in values:
            if word.startswith(name) and word != entry.kind:
                values[name].append(word.removeprefix(name))
    topics, roles = (frozenset(map(int, values[name])) for name in ("topic", "role"))
    return Hit(entry.pk, values["difficulty"][-1], topics, roles)


# The order


def score(entry: Entry, query: Query) -> float:
    """How well `entry` fits: by its terms, where they are, how rare, and how they stand together."""
    worth = {id(term): _worth(entry, term) for term in query.terms}
    total = sum(term.weight * worth[id(term)] for term in query.terms)
    possible = TITLE * sum(term.weight for term in query.terms)
    found = sum(worth[id(term)] > 0 for term in query.terms) / len(query.terms)
    if query.is_in_words(entry.title):
        title_words = len(entry.title.split())
        total += possible * WHOLE_TITLE * min(1.0, len(query.typed) / title_words)
    return (total + possible * _phrase(entry, f" {' '.join(query.typed)} ")) * found**2


def _worth(entry, term):
    return (
        TITLE * _best(entry.title, term)
        + TOPICS * _best(entry.topics, term)
        + LEAD * _often(entry.lead, term)
        + BODY * _often(entry.body, term)
    )


def _best(text, term):
    """The weight of the best form of `term` in `text`; 0 where it has none."""
    return max((form.weight for form in term.forms if form.sought in text), default=0.0)


def _often(text, term):
    """Near 1 where `text` often has `term`; 0 where it never has."""
    number = sum(form.weight * text.count(form.sought) for form in term.forms)
    return number / (number + ENOUGH)


def _phrase(entry, phrase):
    """What it is worth that the words stand as they were typed."""
    if entry.title == phrase:
        return TITLE_ONLY
    if phrase.count(" ") == 2:  # one word
        return 0.0
    return max((worth for name, worth in PHRASE.items() if phrase in getattr(entry, name)), default=0.0)
