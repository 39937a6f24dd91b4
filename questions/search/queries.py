"""What a reader typed, as the terms to look for: with their other forms, synonyms and corrections."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import combinations, islice, pairwise, product
from math import ceil, log
from typing import Self

from ..models import Synonym
from ..text import clean
from . import vocabulary
from .expressions import AllOf, AnyOf, Expression
from .tokens import Phrase, chunks, composed, stem, words
from .vocabulary import Word

MOST_TERMS = 40  # of a query: as many as a pasted title has words
MOST_REQUIRED = 12  # of its terms have to be found: the rarest
MOST_FORMS = 20  # of a word
MOST_CORRECTED = 3  # words of a query
ENOUGH = 1_000  # entries
MOST_IN_PHRASE = 3  # forms of a word within a phrase
MOST_PHRASES = 12  # that these make
AS_TYPED, OTHER_FORM, SYNONYM, CORRECTED, ENDING = 1.0, 0.9, 0.8, 0.7, 0.5  # weights
CHANCE = 0.5  # of the weight that a form has
_RARE = 100_000  # entries, beside which a word is rare or common

# What says nothing about the subject. It is searched where a query has nothing else, as “where or having”.
COMMON = frozenset(
    "a about actually also am an and any are as at be been between by can could describe did "
    "difference do does explain for from give had has have having he her him his how i if in into is "
    "it its just make many me mean much my myself of on one or our please really she should so some "
    "tell than that the their them there they this to us use used using versus very vs was we were "
    "what when where which while who why will with without would you your yourself".split()
)
FILLERS = frozenset("a an and by for in is of on or than the to versus vs with".split())  # the emptiest

Known = dict[str, list[Word]]  # the words of the index by their stems
Places = dict[str, list[tuple[Phrase, list[int]]]]


@dataclass(frozen=True)
class Form:
    """A phrase that counts as a term, how well it does, and in about how many entries it is."""

    phrase: Phrase
    weight: float
    number: int

    @cached_property
    def sought(self) -> str:
        """The phrase as a text of words has it."""
        return f" {' '.join(self.phrase)} "


@dataclass
class Term:
    """One thing to look for, in any of its forms: a word, a chunk such as “Node.js”, or a synonym."""

    typed: Phrase
    spelling: str
    others: set[str] = field(default_factory=set)  # words that it may be written as
    synonyms: dict[str, Phrase] = field(default_factory=dict)  # by what people write
    forms: list[Form] = field(default_factory=list)

    @property
    def words(self) -> set[str]:
        """All whose forms have to be known."""
        synonyms = (word for phrase in self.synonyms.values() for word in phrase)
        return {*self.typed, *synonyms, *self.others}

    @property
    def number(self) -> int:
        return sum(form.number for form in self.forms)

    @property
    def weight(self) -> float:
        """How much it tells about what is meant: a rare one most."""
        return log(2 + _RARE / (1 + self.number))

    @property
    def is_as_typed(self) -> bool:
        """Whether something has it as it was typed or goes on from there, or it means something else."""
        return bool(self.synonyms) or any(form.weight in {AS_TYPED, ENDING} for form in self.forms)

    @property
    def is_common(self) -> bool:
        """Whether it says nothing about the subject."""
        return COMMON.issuperset(self.typed) and all(form.weight > ENDING for form in self.forms)

    @property
    def expression(self) -> Expression:
        return AnyOf([form.phrase for form in self.forms])

    def add(self, phrase: Phrase, weight: float, known: Known) -> bool:
        """Count the forms of `phrase` as forms of this term; whether there are any."""
        most = MOST_FORMS if len(phrase) == 1 else MOST_IN_PHRASE
        of_words = [_typed_first(known.get(stem(word), []), word)[:most] for word in phrase]
        for some in islice(product(*of_words), MOST_FORMS if len(phrase) == 1 else MOST_PHRASES):
            form = tuple(word.word for word in some)
            number = min(word.number for word in some)
            self.forms.append(Form(form, weight * (1 if form == phrase else OTHER_FORM), number))
        return all(of_words)


def _typed_first(words, typed):
    return sorted(words, key=lambda word: word.word != typed)


@dataclass
class Query:
    """A query, ready to be looked for; false where it has no word.

    `typed` are its words in order, `corrections` pairs of what was typed and what is searched, `also` the
    synonyms that are searched, too.
    """

    is_public: bool = True
    typed: Phrase = ()
    terms: list[Term] = field(default_factory=list)
    corrections: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, text: str, *, is_public: bool = True, is_unfinished: bool = False) -> Self:
        """The query that `text` is, by two statements, and a few more where words are not known.

        `is_public` leaves out what only drafts say. If it `is_unfinished`, somebody is typing its last
        word; the last word of any other query counts as unfinished only where nothing has it.
        """
        query = cls(is_public=is_public)
        terms = _terms(text)
        if not terms:
            return query
        query.typed = tuple(word for term in terms for word in term.typed)
        terms = _without_repeats(_with_synonyms(terms))
        _join_neighbours(terms)
        stems = {stem(word) for term in terms for word in term.words}
        known = vocabulary.with_stems(stems, is_public=is_public)
        for term in terms:
            query._fill(term, known)
        if text[-1].isalnum() and (is_unfinished or not terms[-1].forms):
            query._add_endings(terms[-1])
        query._correct([term for term in terms if not term.is_as_typed])
        query.terms = _telling(terms)
        return query

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def also(self) -> list[str]:
        return list(dict.fromkeys(name for term in self.terms for name in term.synonyms))

    @property
    def marks(self) -> list[str]:
        """What counts as found, for scripts: folded words, and phrases with a plus between theirs."""
        return sorted({"+".join(form.phrase) for term in self.terms for form in term.forms})

    @cached_property
    def places(self) -> Places:
        """The forms by their first words, each with the places among the terms of those that it is of."""
        forms: dict[Phrase, list[int]] = {}
        for place, term in enumerate(self.terms):
            for form in term.forms:
                forms.setdefault(form.phrase, []).append(place)
        places: Places = {}
        for phrase, terms in forms.items():
            places.setdefault(phrase[0], []).append((phrase, terms))
        return places

    def is_in(self, line: str) -> bool:
        """Whether `line`, a title or a name, has every term."""
        text = f" {' '.join(words(line))} "
        return all(any(form.sought in text for form in term.forms) for term in self.terms)

    @property
    def whole(self) -> Expression | None:
        """What has every term; None where there is a term that nothing has."""
        found = [term.expression for term in self.terms if term.forms]
        return AllOf(found) if found and len(found) == len(self.terms) else None

    @property
    def nearly_whole(self) -> Expression | None:
        """What has every term but one, of at least three; None where there are fewer or a great many."""
        found = [term.expression for term in self.terms if term.forms]
        if not 3 <= len(found) <= MOST_REQUIRED:
            return None
        return AnyOf([AllOf(some) for some in combinations(found, len(found) - 1)])

    @property
    def partial(self) -> Iterator[Expression]:
        """What has fewer and fewer of the terms: all but one, half of them, any of the three rarest."""
        rarest = sorted((term for term in self.terms if term.forms), key=lambda term: term.number)[:6]
        expressions = [term.expression for term in rarest]
        most = len(rarest) - (len(rarest) == len(self.terms))  # all of them are the whole
        sizes = {most, len(rarest) - 1, ceil(len(rarest) / 2)}
        for size in sorted((size for size in sizes if size > 1), reverse=True):
            yield AnyOf([AllOf(some) for some in combinations(expressions, size)])
        if rarest and len(self.terms) > 1:
            yield AnyOf(expressions[:3])

    def _fill(self, term, known):
        term.add(term.typed, AS_TYPED, known)
        for word in sorted(term.others):
            term.add((word,), AS_TYPED, known)
        term.synonyms = {
            name: phrase for name, phrase in term.synonyms.items() if term.add(phrase, SYNONYM, known)
        }

    def _add_endings(self, term):
        """Let the last word go on: “th” and “the”, which say nothing, only so; none that is found enough."""
        if term.number > ENOUGH and not term.is_common:
            return
        *before, last = term.typed
        starts = {last: before} | {word: [] for word in term.others if len(term.typed) > 1}
        present = {form.phrase for form in term.forms}
        endings = [
            Form((*first, word.word), ENDING, word.number)
            for start, first in starts.items()
            for word in vocabulary.beginning_with(start, is_public=self.is_public)
            if word.word not in COMMON and (*first, word.word) not in present
        ]
        is_said = not term.is_common or not endings
        term.forms = [*term.forms, *endings] if is_said else endings

    def _correct(self, unknown):
        """Take the words that are like those that nothing has: of the first three, by two statements."""
        terms = [term for term in unknown if len(term.typed) == 1 and term.spelling.isalpha()]
        terms = terms[:MOST_CORRECTED]
        right = vocabulary.like([term.typed[0] for term in terms], is_public=self.is_public)
        stems = {word.stem for of_one in right.values() for word in of_one}
        known = vocabulary.with_stems(stems, is_public=self.is_public) if stems else {}
        for term in terms:
            found = [word for word in right.get(term.typed[0], ()) if word.stem != stem(term.typed[0])]
            if found:
                self.corrections.append((term.spelling, ", ".join(word.word for word in found)))
                # A stem that a mistyped word has by chance says little.
                term.forms = [replace(form, weight=form.weight * CHANCE) for form in term.forms]
                for word in found:
                    term.add((word.word,), CORRECTED, known)


def _terms(text: str) -> list[Term]:
    """The chunks of `text` as terms without forms."""
    text = composed(clean(text))
    some = islice(chunks(text), MOST_TERMS)
    terms = []
    for chunk in some:
        others = {chunk.joined} if len(chunk.words) > 1 and chunk.joined else set()
        if numbered := _NUMBERED.fullmatch(chunk.words[0]):  # “OAuth2”, which most texts name without
            others.add(numbered[1])
        terms.append(Term(chunk.words, text[chunk.start : chunk.end], others))
    return terms


def _without_repeats(terms: Iterable[Term]) -> list[Term]:
    """Each term once, where it is last: a last word may be unfinished."""
    return list({term.typed: term for term in reversed([*terms])}.values())[::-1]


_NUMBERED = re.compile("([a-z]{3,})[0-9]")


def _join_neighbours(terms: Sequence[Term]) -> None:
    """Let two words count as found where they are written as one: “web sockets” is “WebSockets”."""
    for first, second in pairwise(terms):
        if len(first.typed) == len(second.typed) == 1:
            joined = first.typed[0] + second.typed[0]
            first.others.add(joined)
            second.others.add(joined)


def _telling(terms: Sequence[Term]) -> list[Term]:
    """The terms that say something about the subject: at most twelve, the rarest, in their order."""
    telling = [term for term in terms if not term.is_common]
    telling = telling or [term for term in terms if not FILLERS.issuperset(term.typed)] or list(terms)
    limit = sorted(term.number for term in telling)[:MOST_REQUIRED][-1]
    return [term for term in telling if term.number <= limit][:MOST_REQUIRED]


# Synonyms


@lru_cache(5000)
def phrase_of(name: str) -> Phrase:
    """The words of a name, in order."""
    return tuple(word for chunk in chunks(composed(clean(name))) for word in chunk.words)


@lru_cache(5000)
def _stems_of(name: str) -> Phrase:
    return tuple(map(stem, phrase_of(name)))


def _with_synonyms(terms: Sequence[Term]) -> Iterator[Term]:
    """`terms` with what each means as well; terms that together are one name become one."""
    groups = _groups()
    place = 0
    while place < len(terms):
        end, others = _longest_name(terms, place, groups)
        term = terms[place]
        if end > place + 1:
            some = terms[place:end]
            words = tuple(word for each in some for word in each.typed)
            term = Term(words, " ".join(each.spelling for each in some))
        term.synonyms = {name: phrase_of(name) for name in others if phrase_of(name) != term.typed}
        yield term
        place = max(end, place + 1)


def _groups() -> dict[Phrase, list[str]]:
    """`{stems of a name: names that mean the same}`, in one statement."""
    groups: dict[Phrase, list[str]] = {}
    for group in Synonym.objects.groups():
        names = [each for each in group if phrase_of(each)]
        for each in names:
            others = groups.setdefault(_stems_of(each), [])
            others += [other for other in names if other != each and other not in others]
    return groups


def _longest_name(terms, place, groups):
    """Where the longest name ends that begins at `place`, and what means the same."""
    stems: list[str] = []
    found: tuple[int, list[str]] = place, []
    longest = max(map(len, groups), default=0)
    for end, term in enumerate(terms[place:], start=place + 1):
        stems += map(stem, term.typed)
        if len(stems) > longest:
            break
        if names := groups.get(tuple(stems)):
            found = end, names
    return found
