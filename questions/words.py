"""The words of a text as a search compares them: without case, accents and simple plurals."""

import re

from .text import plain_fold

# A run of letters and digits with the signs that belong to names such as C++ and C#. Scripts that write
# no spaces between words are compared by single characters.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:\+\+|#)?")


def words(text: str) -> list[str]:
    """The folded words of `text`, in its order."""
    return _WORD.findall(plain_fold(text))


def forms(word: str) -> set[str]:
    """A folded word and what it may be the English plural of: “queries” may be that of “query”.

    Two words count as one if they share a form.
    """
    forms = {word}
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):
        forms.add(word[:-1])
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
        forms.add(word[:-2])
    if word.endswith("ies"):
        forms.add(f"{word[:-3]}y")
    return forms


class Query:
    """The words that a reader looks for. The last one may be unfinished."""

    def __init__(self, text: str):
        self.words = words(text)

    def __bool__(self) -> bool:
        return bool(self.words)

    def matches(self, text: str) -> bool:
        """Whether `text` has every word, in any order."""
        found = set(words(text))
        found_forms = set().union(*map(forms, found))
        *whole, last = self.words
        return all(forms(word) & found_forms for word in whole) and (
            bool(forms(last) & found_forms) or any(word.startswith(last) for word in found)
        )
