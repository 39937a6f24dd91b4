"""How well an entry fits a query, by the words of both alone: the same on every database.

A term is worth more the rarer it is, and in a title more than in a text. In a text it is worth more the
more often it is there, up to a limit, as in BM25 (Robertson and Zaragoza, The Probabilistic Relevance
Framework, 2009). Words that stand as they were typed, and titles that say little else, come before others.
"""

from collections import defaultdict

from .entries import Entry
from .queries import Query

TITLE, TOPICS, LEAD, BODY = 6.0, 3.0, 2.0, 1.0  # what it is worth that a term is there
ENOUGH = 2.0  # a term that is in a text so often is worth half of what it could be at most
# Added, as parts of what all terms are worth in a title: that it has them all, and that they stand together.
WHOLE_TITLE = 0.5
PHRASE = {"title": 1.0, "topics": 0.7, "lead": 0.4, "body": 0.4}
TITLE_ONLY = 2.0
FEW_FORMS = 16  # are looked for one by one; for more, a text is taken apart


class Ranking:
    """What entries are worth to `query`."""

    def __init__(self, query: Query):
        self.weights = [term.weight for term in query.terms]
        self.possible = TITLE * sum(self.weights)
        self.typed = f" {' '.join(query.typed)} "
        self.length = len(query.typed)
        # The terms that a word or a phrase counts as, each by its place, with the weight of the form.
        forms = [(form, place) for place, term in enumerate(query.terms) for form in term.forms]
        is_many = len(forms) > FEW_FORMS
        self.words: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self.phrases: list[tuple[str, int, float]] = []
        for form, place in forms:
            if is_many and len(form.phrase) == 1:
                self.words[form.phrase[0]].append((place, form.weight))
            else:
                self.phrases.append((form.sought, place, form.weight))

    def of_title(self, title: str) -> float:
        """What an entry is worth by its title alone."""
        best = self._best(title)
        return (
            sum(self.weights[place] * weight for place, weight in best.items())
            / (1 + title.count(" ")) ** 0.1
        )

    def of(self, entry: Entry) -> float:
        worth: defaultdict[int, float] = defaultdict(float)
        in_title = self._best(entry.title)
        for best, value in ((in_title, TITLE), (self._best(entry.topics), TOPICS)):
            for place, weight in best.items():
                worth[place] += value * weight
        for text, value in ((entry.lead, LEAD), (entry.body, BODY)):
            for place, number in self._numbers(text).items():
                worth[place] += value * number / (number + ENOUGH)
        total = sum(self.weights[place] * of_term for place, of_term in worth.items())
        if len(in_title) == len(self.weights):
            title_words = max(entry.title.count(" ") - 1, 1)
            total += self.possible * WHOLE_TITLE * min(1.0, self.length / title_words)
        found = len(worth) / len(self.weights) if self.weights else 0.0
        return (total + self.possible * self._phrase(entry)) * found

    def _found(self, text):
        """(place of a term, weight of its form, how often the form is in `text`)."""
        if self.words:
            for word in filter(self.words.__contains__, text.split()):
                yield from ((place, weight, 1) for place, weight in self.words[word])
        for phrase, place, weight in self.phrases:
            if phrase in text:
                yield place, weight, text.count(phrase)

    def _best(self, text):
        """`{place of a term: the weight of its best form in text}`."""
        best: dict[int, float] = {}
        for place, weight, _times in self._found(text):
            if weight > best.get(place, 0.0):
                best[place] = weight
        return best

    def _numbers(self, text):
        """`{place of a term: how often it is in text}`; a form of little weight counts for little."""
        numbers: defaultdict[int, float] = defaultdict(float)
        for place, weight, times in self._found(text):
            numbers[place] += weight * times
        return numbers

    def _phrase(self, entry):
        """What it is worth that the words stand as they were typed."""
        if self.length and entry.title == self.typed:
            return TITLE_ONLY
        if self.length <= 1:
            return 0.0
        return max(
            (worth for name, worth in PHRASE.items() if self.typed in getattr(entry, name)), default=0.0
        )
