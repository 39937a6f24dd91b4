"""Which questions ask nearly the same: one measure for the linter, the importer and the form.

Two questions are as alike as what they ask about is shared. Words that only frame a question count for
nothing, those that fit any subject for little, and words of one meaning are one (`questions.wording`, and
the bank's synonyms). What is not shared counts against them, on the side that has more of it for less:
“What is overfitting?” and “What is overfitting, and how do you prevent it?” differ by an addition, but
“Explain a hash map” and “Explain a binary tree” by an exchange. This is the index of Tversky, Features of
Similarity, 1977, made symmetric after Jimenez, Becerra and Gelbukh, SOFTCARDINALITY-CORE, 2013.

It is halved where the two surely ask for different things: for opposites (open and close), for numbers,
for a “not” on one side, and where they read alike but for one place, as the questions of a series do
(“What is L1 regularisation?” and “What is L2 regularisation?”).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import NamedTuple

from . import wording
from .search.tokens import Phrase, chunks, composed, stem
from .text import clean

ALIKE = 0.52  # from here on, two questions ask nearly the same
SUBJECT, ACT, GENERAL, NOTHING = 1.0, 0.5, 0.4, 0.0  # what a word weighs
SMALLER, LARGER = 0.6, 0.4  # the parts that count of what is not shared, of each side
HALVED = 0.5
LONGEST = 60  # terms of a question; the words of a longer text, a whole document, are not opposed
ROUNDING = 1e-9  # sums of fractions differ in their last digit
LONG = 6  # letters of a stem, from which its last i is that of an ending
SERIES = 2  # words that questions of a series have in common, at least

Terms = dict[str, float]  # what a text asks about, with the weight of each


class Asked(NamedTuple):
    """The words of a text in their order, and what it asks about by them."""

    stems: Phrase
    terms: Terms
    weight: float


# “a time when you …”, “Write a query that …”: frames of several words.
_FRAME = re.compile(
    r"\b(?:times?|situations?|occasions?|moments?)(?= (?:when|where|in which|at which|that|you)\b)"
    r"|\b(?:concepts?|meaning) of\b"
    r"|\b(?:write|create|implement) (?:an? |some |the )?(?:sql |python )?"
    r"(?:query|function|program|script|code)(?= (?:that|to|which)\b)",
    re.IGNORECASE,
)
_WITH_D_OR_ING = re.compile(r"(?<=n)c(?:ed|ing)$")  # “imbalanced”, whose stem is not that of “imbalance”
_IN_CAMEL_CASE = re.compile("(?<=[a-z]{2})(?=[A-Z][a-z])")  # “ContentProvider” is a content provider
_NEGATION = frozenset({"not", "non", "never", "cannot", "dont", "doesnt", "isnt"})
_NOT = "not"
EMPTY = "_"  # which no word has
_NUMBER = re.compile("[0-9]")


class Likeness:
    """An index of `{key: text}` that finds the texts which are alike by `threshold` or more.

    `synonyms` are groups of names that mean the same, as a bank has them. Two texts can only reach the
    threshold if each shares some part of its weight, and so one of its rarest terms: only those are looked
    up. This is prefix filtering, after Bayardo, Ma and Srikant, Scaling Up All Pairs Similarity Search,
    2007. The result is exact; with `most`, only so many texts are compared with each, those that share its
    rarest terms first, so that thousands of one series take no time in their square.
    """

    def __init__(
        self,
        texts: Mapping[str, str],
        threshold: float = ALIKE,
        synonyms: Iterable[Sequence[str]] = (),
        most: int | None = None,
    ):
        self.threshold, self._most = threshold, most
        self._meanings = _meanings(tuple(map(tuple, synonyms)))
        self._asked = {key: self._meanings.asked(text) for key, text in texts.items()}
        self._frequency = Counter(term for asked in self._asked.values() for term in asked.terms)
        self._by_term: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
        for key, asked in self._asked.items():
            for term, rest in self._rarest(asked):
                self._by_term[term].append((key, rest, asked.weight))

    def like(self, text: str) -> list[tuple[float, str]]:
        """`[(likeness, key), …]` of the texts like `text`, the likest first."""
        return self._like(self._meanings.asked(text))

    def pairs(self) -> list[tuple[float, str, str]]:
        """`[(likeness, key, other), …]` of all pairs that are alike, the likest first."""
        pairs = [
            (likeness, *sorted((key, other)))
            for key, asked in self._asked.items()
            for likeness, other in self._like(asked)
            if other != key
        ]
        return sorted(set(pairs), reverse=True)

    def _like(self, wanted):
        near = self._near(wanted)
        scored = ((self._meanings.likeness(wanted, self._asked[key], self.threshold), key) for key in near)
        return sorted((pair for pair in scored if pair[0]), reverse=True)

    def _near(self, wanted):
        """The keys of texts that may be like it, by the rarest term that they share and what can follow."""
        seen, near = set(), []
        for term, rest in self._rarest(wanted):
            for key, its_rest, weight in self._by_term.get(term, ()):
                if key not in seen:
                    seen.add(key)
                    if _index_of(min(rest, its_rest), wanted.weight, weight) >= self.threshold:
                        near.append(key)
                        if len(near) == self._most:
                            return near
        return near

    def _rarest(self, asked):
        """The rarest terms, without which the others weigh too little to reach the threshold.

        The rarest first, each with what it and all that are not rarer weigh.
        """
        # Of what is not shared, each side counts for LARGER at least: hence this part of it is shared.
        part = self.threshold * LARGER
        least = asked.weight * part / (1 - self.threshold + part) * (1 - ROUNDING)
        rest, rarest = 0.0, []
        for term in sorted(asked.terms, key=lambda term: (-self._frequency[term], term)):
            rest += asked.terms[term]
            if rest >= least:
                rarest.append((term, rest * (1 + ROUNDING)))
        return rarest[::-1]


def likeness(one: str, other: str, synonyms: Iterable[Sequence[str]] = ()) -> float:
    """How alike two texts are, from 0 to 1."""
    meanings = _meanings(tuple(map(tuple, synonyms)))
    return meanings.likeness(meanings.asked(one), meanings.asked(other))


def renamed(new: Mapping[str, str], gone: Mapping[str, str], threshold: float = ALIKE) -> dict[str, str]:
    """`{key: former}`: which of the texts `new`, `{key: text}`, are texts of `gone` under another key.

    Each is taken once, the likest first.
    """
    index = Likeness(gone, threshold)
    pairs = ((likeness, key, former) for key, text in new.items() for likeness, former in index.like(text))
    found: dict[str, str] = {}
    for _likeness, key, former in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
        if key not in found and former not in found.values():
            found[key] = former
    return found


class _Meanings:
    """The groups of words that mean the same: those of the language, and `synonyms`."""

    def __init__(self, synonyms: Iterable[Sequence[str]]):
        self._names: dict[Phrase, tuple[str, float]] = {}  # what each word or phrase means, with its weight
        forms = _lines(wording.FORMS)
        self._forms = _first_of_each(forms)
        self._add([["what is", "what are"]], NOTHING)
        self._add(_lines(wording.SAME), ACT)
        self._add(forms, SUBJECT)
        self._add(synonyms, SUBJECT)
        self._longest = max(map(len, self._names))
        self._general = {self._meaning(self._stems(word)) for word in wording.GENERAL}

    def asked(self, text: str) -> Asked:
        stems = self._stems(_FRAME.sub(" ", clean(text)))
        terms = self._terms(stems)
        told = {term: weight for term, weight in terms.items() if weight or term in self._marks}
        if not any(told.values()):
            told = dict.fromkeys(stems, SUBJECT)
        return Asked(stems, told, sum(told.values()))

    def likeness(self, one: Asked, other: Asked, least: float = 0.0) -> float:
        """How alike the two are; 0 where it is less than `least`."""
        both = one.terms.keys() & other.terms.keys()
        shared = sum(min(one.terms[term], other.terms[term]) for term in both)
        found = _index_of(shared, one.weight, other.weight)
        if found >= least and self._are_different(one, other):
            found *= HALVED
        return found if found >= least else 0.0

    def _are_different(self, one, other):
        if max(len(one.terms), len(other.terms)) > LONGEST:
            return False
        return self._are_opposed(one, other) or self._are_of_a_series(one, other)

    def _are_opposed(self, one, other):
        one, other = one.terms.keys() - other.terms.keys(), other.terms.keys() - one.terms.keys()
        if _NOT in one or _NOT in other:
            return True
        if any(map(_NUMBER.search, one)) and any(map(_NUMBER.search, other)):
            return True
        groups = {group for term in one for group in self._opposites.get(term, ())}
        return any(groups.intersection(self._opposites.get(term, ())) for term in other)

    def _are_of_a_series(self, one, other):
        """Whether the two differ in one place, where they name different things."""
        before = _same(one.stems, other.stems)
        after = min(_same(one.stems[::-1], other.stems[::-1]), min(len(one.stems), len(other.stems)) - before)
        if before + after < SERIES:
            return False
        places = [self._terms(each.stems[before : len(each.stems) - after]) for each in (one, other)]
        said = [{term for term in place if place[term] or term in self._marks} for place in places]
        if any(len(place) > 3 for place in places) or said[0] == said[1]:
            return False
        weights = [sum(place.values()) for place in places]
        return min(weights) > 0 or max(weights) >= SUBJECT

    def _terms(self, stems):
        terms: Terms = {}
        place = 0
        while place < len(stems):
            end = self._end_of_name(stems, place)
            term, weight = self._term(stems[place:end])
            terms[term] = max(weight, terms.get(term, NOTHING))
            place = end
        return terms

    @cached_property
    def _marks(self):
        """What says nothing of the subject, and yet makes a question another one."""
        return {_NOT, *self._opposites}

    @cached_property
    def _opposites(self):
        groups: defaultdict[str, set[int]] = defaultdict(set)
        for number, names in enumerate(_lines(wording.OPPOSITES)):
            for name in names:
                groups[self._meaning(self._stems(name))].add(number)
        return dict(groups)

    def _add(self, groups, weight):
        for names in groups:
            phrases = [phrase for name in names if (phrase := self._stems(name))]
            if phrases:
                meaning = self._meaning(phrases[0])
                for phrase in phrases:
                    self._names.setdefault(phrase, (meaning, weight))

    def _stems(self, text):
        """The stems of a text, of words with several the first: “collector” is “collect”."""
        return tuple(self._forms.get(stem, stem) for stem in _stems(text))

    def _meaning(self, phrase):
        """What stands for `phrase`: no word has a space, so that none of a text is taken for a phrase."""
        return self._names[phrase][0] if phrase in self._names else " ".join(phrase)

    def _end_of_name(self, stems, place):
        """Where the longest name that begins at `place` ends; else the word."""
        for end in range(min(place + self._longest, len(stems)), place + 1, -1):
            if stems[place:end] in self._names:
                return end
        return place + 1

    def _term(self, phrase):
        word = phrase[0]
        if len(phrase) == 1 and word.removeprefix(EMPTY) in _NEGATION:
            return _NOT, NOTHING
        if len(phrase) == 1 and word.startswith(EMPTY):
            return word, NOTHING
        meaning, weight = self._names.get(phrase, (word, SUBJECT))
        return meaning, GENERAL if weight == SUBJECT and meaning in self._general else weight


_meanings = lru_cache(4)(_Meanings)


def _stems(text: str) -> Phrase:
    """The stems of the words of `text`, in their order; those of empty words begin with EMPTY."""
    text = _IN_CAMEL_CASE.sub(" ", composed(text))
    is_shouted = text.isupper()
    return tuple(
        _stem(word, is_name=not is_shouted and text[chunk.start : chunk.end].isupper())
        for chunk in chunks(text)
        for word in chunk.words
    )


@lru_cache(20_000)
def _stem(word, is_name):
    """A word in capitals is a name: HAVING says something, and “having” does not."""
    found = stem(_WITH_D_OR_ING.sub("ce", word))
    found = found.removesuffix("i") if len(found) > LONG else found  # “reconciliation”, “reconcile”
    return EMPTY + found if word in _empty() and not (is_name and len(word) > 1) else found


def _index_of(shared, weight, other_weight):
    """Tversky's index of two texts of these weights of which so much is shared."""
    smaller, larger = (weight, other_weight) if weight < other_weight else (other_weight, weight)
    whole = shared + SMALLER * (smaller - shared) + LARGER * (larger - shared)
    return shared / whole if whole else 0.0


def _same(one, other):
    """How many words the two begin with alike."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _first_of_each(forms):
    """`{stem: the stem that stands for it}` of the single words in `forms`."""
    groups = ([_stems(name) for name in names] for names in forms)
    return {stems[0]: group[0][0] for group in groups for stems in group if len(stems) == len(group[0]) == 1}


def _lines(text):
    """The groups of a text of `questions.wording`, each a list of words and phrases."""
    return [[name.replace("-", " ") for name in line.split()] for line in text.strip().splitlines()]


@lru_cache(1)
def _empty():
    """The words that frame a question, in all their forms; their stems would be those of others, too."""
    endings = ("", "s", "es", "d", "ed", "ing")
    words = {word + ending for word in wording.EMPTY for ending in endings}
    return words | {word.removesuffix("e") + "ing" for word in wording.EMPTY}
