"""Where to read on from a question: others that share its topics and its rare words."""

from ..models import Question
from . import vocabulary
from .engines import engine
from .entries import PUBLIC, Entry, facet, values_of
from .expressions import AnyOf, Wanted
from .queries import COMMON, Form, Query, Term
from .ranking import Ranking

MOST_WORDS = 8  # of a question: its rarest
MOST_READ = 40  # questions that are compared with it, for each way in which they may be like it
RARE = 100  # a word that is in more questions leads to too many of them to compare


def related(question: Question, most: int = 5) -> list[Question]:
    """Public questions to go on with, the likest first: at most eight statements.

    Fewer than `most` only where the topics and roles of `question` have no more.
    """
    own = engine.with_uids("question", [question.uid])
    if not own:
        return []
    query = _query_of(own[0])
    entries = engine.with_ids(_candidates(own[0], query, most))
    ranking = Ranking(query)
    ranked = sorted(entries, key=lambda entry: (-_likeness(entry, own[0], ranking), entry.id))
    found = (
        Question.objects.published()
        .only("slug", "text", "difficulty")
        .in_bulk([entry.pk for entry in ranked[:most]])
    )
    return [found[entry.pk] for entry in ranked[:most] if entry.pk in found]


def _query_of(entry: Entry) -> Query:
    """What an entry is about: the rarest words of its title and topics, as a query."""
    wanted = {*entry.title.split(), *entry.topics.split()} - COMMON
    words = [word for word in vocabulary.known(wanted, is_public=True) if word.number > 1]
    rarest = sorted(words, key=lambda word: (word.number, word.word))[:MOST_WORDS]
    terms = [Term((word.word,), word.word, forms=[Form((word.word,), 1.0, word.number)]) for word in rarest]
    return Query(terms=terms)


def _candidates(own: Entry, query: Query, most: int) -> list[int]:
    """Ids of entries that may be like `own`: by rare words, by a topic and a word, and then by either."""
    public = [f"{PUBLIC}question"]
    topics, roles = (
        [facet(name, value) for value in values_of(name, own.facets)] for name in ("topic", "role")
    )
    words = [form for term in query.terms for form in term.forms]
    rare = [form.phrase for form in words if form.number <= RARE]
    ways = [
        Wanted([public], AnyOf(rare)) if rare else None,
        Wanted([public, topics], AnyOf([form.phrase for form in words[:3]])) if topics and words else None,
        Wanted([public, topics]) if topics else None,
        Wanted([public, roles]) if roles else None,
    ]
    found: dict[int, None] = {}
    for place, way in enumerate(ways):
        if way and (place < 2 or len(found) <= most):
            found |= dict.fromkeys(engine.ids(way, MOST_READ))
    found.pop(own.id, None)
    return list(found)


def _likeness(entry: Entry, own: Entry, ranking: Ranking) -> float:
    """What the shared words are worth, and each shared topic as much as a word in the title."""
    topics = (set(values_of("topic", each.facets)) for each in (entry, own))
    shared = len(set.intersection(*topics))
    average = ranking.possible / max(len(ranking.weights), 1)
    return ranking.of(entry) + shared * average / 2
