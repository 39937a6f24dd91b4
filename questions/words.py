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


def singular(word: str) -> str:
    """What a folded English word and its plural have in common: “query” and “queries” become “queri”.

    Only compared, never shown. It follows the first step of Porter's stemmer (1980, “An algorithm for
    suffix stripping”), without verbs, so that it errs on the side of finding too little.
    """
    if len(word) < 3 or not word.isascii():
        return word
    if word.endswith("es") and len(word) > 3:
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "sis", "xis")):
        word = word[:-1]
    if word.endswith("y") and len(word) > 3:
        return f"{word[:-1]}i"
    return word.removesuffix("e") if len(word) > 3 else word


class Query:
    """The words that a reader looks for. The last one may be unfinished."""

    def __init__(self, text: str):
        self.words = words(text)

    def __bool__(self) -> bool:
        return bool(self.words)

    def matches(self, text: str) -> bool:
        """Whether `text` has every word, in any order."""
        folded = set(words(text))
        singulars = {singular(word) for word in folded}
        *whole, last = self.words
        return all(singular(word) in singulars for word in whole) and (
            singular(last) in singulars or any(word.startswith(last) for word in folded)
        )
