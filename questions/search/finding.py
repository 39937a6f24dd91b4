"""What a query finds, the best first: the engine says what has the words, `ranking` in which order.

Every engine gives the same entries, and their order is worked out from their words; so both databases
answer alike. Where more than a thousand have the words, those come first whose titles have them all, then
the ones that were made first, up to a thousand: these are put in order, and counts say “1,000+”.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple

from .engines import engine
from .entries import EARLY, KINDS, PUBLIC, facet, values_of
from .expressions import AnyOf, Wanted
from .queries import Query
from .ranking import Ranking

MOST = 1_000  # hits that are counted and put in order
READ = 100  # of them, chosen by their titles, are read whole
EVERY = 100_000_000  # more than a bank has
COMMON = 10  # times as many entries as are looked for: words that so many have are common
FEW = 10  # hits, with which those that lack one of several words are shown, too
NEARLY = 100  # of these
QUESTIONS = ["question"], [f"{PUBLIC}question"]  # as facets; of other kinds there are not so many


class Hit(NamedTuple):
    """A row that was found; `facets` are the words that `facet()` makes, with spaces around them."""

    pk: int
    facets: str
    lacks_a_word: bool = False

    @property
    def difficulty(self) -> str:
        return next(iter(values_of("difficulty", self.facets)), "")

    @property
    def topics(self) -> list[int]:
        return [int(pk) for pk in values_of("topic", self.facets)]

    @property
    def roles(self) -> list[int]:
        return [int(pk) for pk in values_of("role", self.facets)]


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
    status: Collection[str] = (),
    most: int = MOST,
) -> Hits:
    """What has the words of `query`, and one of each facet's values; all of it, where it has no words.

    Questions, or by their names roles or topics, of which nothing is found that lacks a word. Of more than
    `most`, as many are put in order. At most five statements, and three more where nothing has all the words.
    """
    facets = facets_of(kind, query.is_public, difficulty=difficulty, topic=topics, role=roles, status=status)
    if kind != "question":
        ids = _whole(query, facets, most + 1)
        return Hits(_in_order(ids[:most], [], query), is_capped=len(ids) > most)
    ids = _in_title(query, facets, most + 1)
    if len(ids) <= most:  # of more, the titles alone are enough
        ids = list(dict.fromkeys([*ids, *_whole(query, facets, most + 1)]))
    is_capped = len(ids) > most
    if is_capped or len(ids) >= FEW or not query:
        return Hits(_in_order(ids[:most], [], query), is_capped)
    others = _nearly_whole(query, facets) if ids else _partial(query, facets, most + 1)
    is_capped = len(ids) + len(others) > most
    rows = _in_order(ids, [id for id in others if id not in ids][: most - len(ids)], query)
    return Hits(rows, is_capped, is_partial=bool(others) and not ids)


def matching(query: Query, **facets: Collection[object]) -> list[int]:
    """The primary keys of all questions that have the words of `query`, in no order of use."""
    wanted = facets_of("question", query.is_public, **facets)
    if query.whole is None:
        return []
    return [id // len(KINDS) for id in engine.ids(Wanted(wanted, query.whole), EVERY)]


def with_rare_words(query: Query, most: int) -> list[int]:
    """The primary keys of at most `most` questions whose title has one of the rarest words.

    Of the rarest one alone, where many questions have the others.
    """
    rarest = _rarest(query, most)
    if not rarest:
        return []
    wanted = Wanted(facets_of("question", query.is_public), AnyOf(rarest), in_title=True)
    return [id // len(KINDS) for id in engine.ids(wanted, most)]


def _rarest(query, most):
    terms = sorted((term for term in query.terms if term.forms), key=lambda term: term.number)
    sums = accumulate(term.number for term in terms)
    number = sum(1 for each in sums if each <= most)
    return [term.expression for term in terms[: max(number, 1)]]


def facets_of(kind: str, is_public: bool, **values: Collection[object]) -> list[list[str]]:
    """The conditions on facets that an entry has to meet."""
    chosen = [[facet(name, value) for value in of_name] for name, of_name in values.items() if of_name]
    return [[PUBLIC + kind if is_public else kind], *chosen]


def _in_title(query, facets, most):
    """The first ids of what has all the words in its title, where too many may have them somewhere."""
    if query.whole is None or min(term.number for term in query.terms) < most:
        return []
    return _first(Wanted(facets, query.whole, in_title=True), query, most)


def _whole(query, facets, most):
    """The first ids of what has all the words; of everything, where there are none."""
    if query and query.whole is None:
        return []
    return _first(Wanted(facets, query.whole), query, most)


def _first(wanted, query, most):
    """The first ids of what is wanted. Of what is common, most often the entries made first are enough."""
    is_common = all(term.number > COMMON * most for term in query.terms)
    if is_common and wanted.facets[0] in QUESTIONS:
        ids = engine.ids(replace(wanted, facets=[*wanted.facets, [EARLY]]), most)
        if len(ids) == most:
            return ids
    return engine.ids(wanted, most)


def _nearly_whole(query, facets):
    """A few ids of what lacks one of several words."""
    return engine.ids(Wanted(facets, query.nearly_whole), NEARLY) if query.nearly_whole else []


def _partial(query, facets, most):
    """The first ids of what has most of the words, or at least some."""
    found = (engine.ids(Wanted(facets, expression), most) for expression in query.partial)
    return next(filter(None, found), [])


def _in_order(whole, others, query):
    """The hits of both lists of ids, the best first; equal ones as they were made."""
    ranking = Ranking(query)
    brief = sorted(engine.titles([*whole, *others]))
    if query:
        brief.sort(key=lambda row: -ranking.of_title(row[1]))
        read = [id for id, *_ in brief[:READ]]
        scores = {entry.id: ranking.of(entry) for entry in engine.with_ids(read)}
        brief.sort(key=lambda row: -scores.get(row[0], -1.0))
    lacking = set(others)
    return [Hit(id // len(KINDS), facets, id in lacking) for id, _title, facets in brief]
