"""The words of a text as a search compares them: without case and accents, names such as C++ as one.

Both databases index these words and no others, and so find the same. A word is made of letters and
digits only. Scripts that write no spaces between words give one word a character, in their order.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import local
from typing import NamedTuple, TypeAlias

import snowballstemmer

from ..text import clean

VERSION = 2  # raised when the same rows would give other words: the index is then made again

Phrase: TypeAlias = tuple[str, ...]  # folded words that follow one another; most have one

LONGEST = 40  # characters of a word that count

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Japanese, Chinese
)
# What `\w` leaves out of words: accents on their own, vowel points, and the vowel signs of Indic scripts.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0970-\u0dff"
)
_LETTER = rf"(?:[^\W_{_UNSPACED}]|[{_MARKS}])"
_PART = rf"{_LETTER}+(?:\+\+(?![A-Za-z])|\#(?!\w))?"
_CHUNK = re.compile(
    rf"""
      [A-Za-z0-9]+(?=[\s,;:!?)]|$)                                     # most words, found soonest
    | (?P<unspaced>[{_UNSPACED}]{{1,40}})
    | (?P<order>(?<!\w)[OoΘΩ]\((?:[^()\n]|\([^()\n]*\)){{1,30}}\))      # O(n log n)
    | (?P<dotted>(?<![\w.])\.[A-Za-z]\w*)                              # .NET
    | (?P<compound>{_PART}(?:(?:[-./_'&]|\+(?=\d)){_PART})*)           # fine-tuning, Node.js, N+1
    """,
    re.VERBOSE,
)
_SEPARATOR = re.compile(r"[-./_'&]|(?<!\+)\+(?=\d)")
_TYPED = tuple(zip("’‘–—‐‑\u2060\u00ad", "''----''", strict=True))  # as keyboards have them, one for one
_ACRONYMS = re.compile("[A-Z][A-Z0-9]+s")
_NO_WORD = re.compile(r"[\x00-/:-@\[-`{-\x7f\s]+")
_SIGNS = (("++", "plusplus"), ("#", "sharp"))
# Accents and vowel points, which many leave out. In Cyrillic they make other letters, but for ё and stress.
_ACCENT = re.compile(
    "(?<![\u0400-\u04ff])[\u0300-\u036f]|(?<=\u0435)\u0308|(?<=[\u0400-\u04ff])\u0301"
    "|[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]"
)
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


class Chunk(NamedTuple):
    """A part of a text that is written as one: its place, its words, and all of it as one word.

    “Node.js” has the words node and js, and is joined to nodejs. `joined` is empty where there is nothing
    to join.
    """

    start: int
    end: int
    words: Phrase
    joined: str

    @property
    def all_words(self) -> Phrase:
        return (*self.words, self.joined) if self.joined else self.words


def composed(text: str) -> str:
    """`text` with letters and their accents as one character each, in which `chunks()` count."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _as_typed(text: str) -> str:
    for sign, typed in _TYPED:
        text = text.replace(sign, typed)
    return text


def chunks(text: str) -> Iterator[Chunk]:
    """The chunks of `text`, which has to be `composed()`."""
    for match in _CHUNK.finditer(_as_typed(text)):
        words, joined = _words_of(match.lastgroup, match[0])
        if words:
            yield Chunk(match.start(), match.end(), words, joined)


@lru_cache(20_000)  # most chunks are words that a text has again
def _words_of(group: str | None, chunk: str) -> tuple[Phrase, str]:
    if group == "unspaced":
        return tuple(filter(None, map(folded, chunk))), ""
    if group == "order":
        return (f"order{folded(chunk)[1:]}"[:LONGEST],), ""
    if group == "dotted":
        name = folded(chunk)
        return (f"dot{name}"[:LONGEST],), name
    words = tuple(filter(None, map(folded, _without_possessive(_SEPARATOR.split(chunk)))))
    joined = "".join(words)
    is_name = 1 < len(words) <= 5 and not joined.isdigit()
    return words, joined[:LONGEST] if is_name else ""


def _without_possessive(parts):
    """“model's” and “LLMs” are forms of “model” and “LLM”, and “don't” is one word."""
    parts = [part[:-1] if _ACRONYMS.fullmatch(part) else part for part in parts]
    if len(parts) == 2 and parts[1] == "s":
        return parts[:1]
    return ["".join(parts)] if len(parts) == 2 and parts[1] in {"t", "re", "ve", "ll", "d", "m"} else parts


def folded(word: str) -> str:
    """`word` without case and accents, and with nothing but letters and digits."""
    for sign, name in _SIGNS:
        word = word.replace(sign, name)
    if word.isascii():
        return _NO_WORD.sub("", word.lower())[:LONGEST]
    letters = _ACCENT.sub("", unicodedata.normalize("NFKD", word.casefold()).translate(_PLAIN))
    return _NO_WORD.sub("", unicodedata.normalize("NFC", letters))[:LONGEST]


def words(text: str) -> list[str]:
    """The words of `text` in its order, and behind them what joined chunks are as one word."""
    in_order: list[str] = []
    behind: list[str] = []
    # Not by `chunks()`: it would take twice as long, and loads wait for it.
    for match in _CHUNK.finditer(_as_typed(composed(clean(text)))):
        found, joined = _words_of(match.lastgroup, match[0])
        in_order += found
        if joined:
            behind.append(joined)
    return in_order + behind


# Stems: by Porter's algorithms for English, Russian and Greek, as the Snowball project has them

_AMERICAN = (
    (re.compile(r"is(e[drs]?|ers?|ing|ations?|able)$"), r"iz\1"),
    (re.compile(r"ys(e[drs]?|ers?|ing)$"), r"yz\1"),
    (re.compile(r"(?<=[a-z]{3})our(s|ed|ing|al|ally|less|able)?$"), r"or\1"),
)
# Whose stems the algorithm takes for those of engine, custom, author, access, optimize and token.
_KEPT = re.compile("engineer|customer|authoriz|accessib|optimist|optimism|tokeniz")
_NO_VOWEL_AND_S = re.compile("[b-df-hj-np-tv-xz0-9]{3,}s")  # “llms”, which the algorithm leaves as it is
_IRREGULAR = {
    "aliases": "alias",
    "analyses": "analysis",
    "buses": "bus",
    "canvases": "canvas",
    "children": "child",
    "criteria": "criterion",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "vertices": "vertex",
}
_of_thread = local()  # a stemmer holds the word that it works on


@lru_cache(20_000)
def stem(word: str) -> str:
    """What a folded word has in common with its other forms, in American spelling: an identifier, no word."""
    if word.isascii():
        word = _IRREGULAR.get(word, word)
        if _NO_VOWEL_AND_S.fullmatch(word):
            return word[:-1]
        if len(word) > 5:
            for british, american in _AMERICAN:
                word = british.sub(american, word)
        if kept := _KEPT.match(word):
            return kept[0]
        return _stemmer("english").stemWord(word)
    if "а" <= word[0] <= "я":
        return _stemmer("russian").stemWord(word)
    if "α" <= word[0] <= "ω":
        return _stemmer("greek").stemWord(word)
    return word


def _stemmer(language):
    if not hasattr(_of_thread, language):
        setattr(_of_thread, language, snowballstemmer.stemmer(language))
    return getattr(_of_thread, language)
