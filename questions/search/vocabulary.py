"""The words of the index: each with its stem, and how many entries have it, in all and in public.

It is kept in the transactions of the index. A search knows by it which forms a word has, how rare it is,
how an unfinished word may end, and what a mistyped one was meant to be. What only drafts say is not public.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from string import ascii_lowercase, digits
from typing import NamedTuple

from .engines import engine, execute, execute_many
from .entries import Entry
from .tokens import stem

SHORTEST_CORRECTED = 5  # letters: shorter words with one error may be anything
MOST_CORRECTIONS = 3  # of a mistyped word
MOST_ENDINGS = 50  # of an unfinished word: the most used


class Word(NamedTuple):
    word: str
    stem: str
    number: int  # of entries


def _column(is_public):
    return "published" if is_public else "documents"


def _words(condition: str, *parameters: object, is_public: bool) -> list[Word]:
    column = _column(is_public)
    sql = f"SELECT word, stem, {column} FROM questions_searchword WHERE {column} > 0 AND {condition}"
    return [Word(*row) for row in execute(sql, *parameters)]


def known(words: Collection[str], *, is_public: bool) -> list[Word]:
    """Those of `words` that the index has."""
    return _words(f"word {engine.is_in}", engine.list_of(words), is_public=is_public)


def with_stems(stems: Collection[str], *, is_public: bool) -> dict[str, list[Word]]:
    """`{stem: words}`, the most used first."""
    found: dict[str, list[Word]] = {}
    order = f"stem {engine.is_in} ORDER BY {_column(is_public)} DESC, word"
    for word in _words(order, engine.list_of(stems), is_public=is_public):
        found.setdefault(word.stem, []).append(word)
    return found


def beginning_with(start: str, *, is_public: bool) -> list[Word]:
    """The words that begin with `start`, the most used first, and at most fifty."""
    order = f"word >= %s AND word < %s ORDER BY {_column(is_public)} DESC, word LIMIT {MOST_ENDINGS}"
    return _words(order, start, start + "\U0010ffff", is_public=is_public)


def like(typed: Sequence[str], *, is_public: bool) -> dict[str, list[Word]]:
    """`{typed: words}`: the words that are one typing error away, the most used first, at most three.

    None for short ones, which could be anything.
    """
    candidates = {word: set(_one_error_away(word)) for word in typed if len(word) >= SHORTEST_CORRECTED}
    if not candidates:
        return {}
    order = f"word {engine.is_in} ORDER BY {_column(is_public)} DESC, word"
    known = _words(order, engine.list_of(set().union(*candidates.values())), is_public=is_public)
    return {
        word: [other for other in known if other.word in near][:MOST_CORRECTIONS]
        for word, near in candidates.items()
    }


def _one_error_away(word: str) -> Iterator[str]:
    """What `word` may be meant to be: a letter too few, too many or wrong, or two that changed places."""
    letters = ascii_lowercase + digits if word.isascii() else _alphabet(word)
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield from (f"{before}{letter}{after}" for letter in letters)
        if after:
            yield before + after[1:]
            yield from (f"{before}{letter}{after[1:]}" for letter in letters)
        if len(after) > 1:
            yield f"{before}{after[1]}{after[0]}{after[2:]}"


def _alphabet(word: str) -> list[str]:
    """The letters around those of a word that is not in Latin letters."""
    codes = [ord(letter) for letter in word if not letter.isascii()]
    around = (chr(code) for code in range(min(codes) - 48, max(codes) + 48)) if codes else ()
    return [letter for letter in around if letter.isalpha() and letter == letter.lower()][:200]


class Counts:
    """In how many more entries each word is: of those that are public, and of the others."""

    def __init__(self) -> None:
        self.published: Counter[str] = Counter()
        self.others: Counter[str] = Counter()

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._of(entry).update(entry.vocabulary)

    def take(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._of(entry).subtract(entry.vocabulary)

    def _of(self, entry):
        return self.published if entry.is_public else self.others

    def all(self) -> dict[str, tuple[int, int]]:
        """`{word: (of all entries, of those that are public)}`."""
        words = self.published.keys() | self.others.keys()
        return {word: (self.published[word] + self.others[word], self.published[word]) for word in words}

    def keep(self) -> None:
        """Count them in the table: at most three statements."""
        changed = {word: numbers for word, numbers in sorted(self.all().items()) if any(numbers)}
        known = self._known(changed)
        rows = ((word, "" if word in known else stem(word), *numbers) for word, numbers in changed.items())
        if changed:
            execute_many(_COUNT, rows)
        if gone := [word for word, (documents, _published) in changed.items() if documents < 0]:
            condition = f"documents = 0 AND word {engine.is_in}"
            execute(f"DELETE FROM questions_searchword WHERE {condition}", engine.list_of(gone))

    @staticmethod
    def _known(words):
        """Those that have their stems already, which take longer than all the rest."""
        if not words:
            return set()
        sql = f"SELECT word FROM questions_searchword WHERE word {engine.is_in}"
        return {row[0] for row in execute(sql, engine.list_of(words))}


_COUNT = """
    INSERT INTO questions_searchword (word, stem, documents, published) VALUES (%s, %s, %s, %s)
    ON CONFLICT (word) DO UPDATE SET
        documents = questions_searchword.documents + excluded.documents,
        published = questions_searchword.published + excluded.published
"""


def clear() -> None:
    execute("DELETE FROM questions_searchword")


def all_words() -> list[tuple]:
    return execute("SELECT word, stem, documents, published FROM questions_searchword ORDER BY word")
