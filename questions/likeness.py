"""Which questions are nearly the same: one measure for the linter, the importer and the form."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from math import ceil

_WORD = re.compile(r"\w[\w+#.-]*\w[+#]*|\w[+#]*")
_COMMON = frozenset(
    "a an and are as at be between by can could describe difference do does explain for from give has have "
    "how i if in into is it its make me of on one or our should so tell than that the their them they this "
    "to use used using was we were what when where which who why will with without would you your".split()
)


def words(text: str) -> set[str]:
    """The words of `text` that distinguish it from others: folded, without the common ones, singular."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return {_singular(word) for word in _WORD.findall(plain) if word not in _COMMON}


def _singular(word):
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word


class Likeness:
    """An index of `{key: text}` that finds the texts whose words overlap by `threshold` or more.

    The measure is the Jaccard index of the two sets of words. Two sets can only reach the threshold
    if they share one of their rarest words, so only those are looked up: prefix filtering, after
    Bayardo, Ma and Srikant, Scaling Up All Pairs Similarity Search, 2007. The result is exact.
    """

    def __init__(self, texts: Mapping[str, str], threshold: float = 0.6):
        self.threshold = threshold
        self._words = {key: words(text) for key, text in texts.items()}
        self._frequency = Counter(word for of_text in self._words.values() for word in of_text)
        self._by_word: defaultdict[str, list[str]] = defaultdict(list)
        for key, of_text in self._words.items():
            for word in self._rarest(of_text):
                self._by_word[word].append(key)

    def like(self, text: str) -> list[tuple[float, str]]:
        """`[(likeness, key), …]` of the texts like `text`, the likest first."""
        return self._like(words(text))

    def pairs(self) -> list[tuple[float, str, str]]:
        """`[(likeness, key, other), …]` of all pairs that are alike, the likest first."""
        pairs = [
            (likeness, *sorted((key, other)))
            for key, of_text in self._words.items()
            for likeness, other in self._like(of_text)
            if other != key
        ]
        return sorted(set(pairs), reverse=True)

    def _like(self, wanted):
        near = {key for word in self._rarest(wanted) for key in self._by_word.get(word, ())}
        scored = ((_jaccard(wanted, self._words[key]), key) for key in near)
        return sorted((pair for pair in scored if pair[0] >= self.threshold), reverse=True)

    def _rarest(self, of_text):
        by_rarity = sorted(of_text, key=lambda word: (self._frequency[word], word))
        return by_rarity[: len(of_text) - ceil(self.threshold * len(of_text)) + 1]


def renamed(new: Mapping[str, str], gone: Mapping[str, str], threshold: float = 0.6) -> dict[str, str]:
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


def _jaccard(one, other):
    return len(one & other) / len(one | other) if one else 0.0
