"""Where the words are: titles and passages with what was found marked, in the writer's own letters."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from html import escape, unescape
from itertools import islice

from django.utils.safestring import SafeString, mark_safe

from .. import markdown
from ..models import Question
from .queries import Places, Query
from .tokens import Chunk, chunks, composed

LENGTH = 240  # characters of a passage, about
BEFORE = 60  # of them, before the first word that was found
MOST_SEEN = 50  # words of a text that may be in the passage

_TAG = re.compile(r"(<[^>]*>)")
_WORD = re.compile(r"[^\W_]+")


def marked(line: str, query: Query) -> SafeString:
    """A title or a name as HTML, with `<mark>` around what was found."""
    parts = _TAG.split(markdown.unbroken(markdown.inline(line)))
    texts = (composed(unescape(part)) for part in parts[::2])
    parts[::2] = (_marked(text, _found(text, query.places)) for text in texts)
    return mark_safe("".join(parts))


def _marked(text: str, found: Iterable[Chunk]) -> str:
    pieces, place = [], 0
    for chunk in found:
        word = escape(text[chunk.start : chunk.end])
        pieces += [escape(text[place : chunk.start]), f"<mark>{word}</mark>"]
        place = chunk.end
    return "".join([*pieces, escape(text[place:])]).replace("</mark> <mark>", " ")


def _found(text: str, places: Places) -> dict[Chunk, set[int]]:
    """The chunks of `text` that were found, in order, each with the places of the terms that it is of."""
    all_chunks = list(chunks(text))
    words = [(word, place) for place, chunk in enumerate(all_chunks) for word in chunk.words]
    found: dict[int, set[int]] = {}
    for at, (word, _place) in enumerate(words):
        for phrase, terms in places.get(word, ()):
            some = words[at : at + len(phrase)]
            if len(phrase) == 1 or tuple(word for word, _place in some) == phrase:
                for _word, place in some:
                    found.setdefault(place, set()).update(terms)
    for place, chunk in enumerate(all_chunks):
        for _phrase, terms in places.get(chunk.joined, ()):
            found.setdefault(place, set()).update(terms)
    return {all_chunks[place]: found[place] for place in sorted(found)}


def snippet(question: Question, query: Query) -> SafeString:
    """The first passage of the answer that has most of the terms, marked; empty where none has any.

    Needs the HTML of its answers, its key points, follow-ups and sources.
    """
    if not query.places:
        return SafeString()
    parts = list(parts_of(question))
    sources = [_line(source["title"]) for source in question.sources]
    # By letters first: to take whole texts apart takes many times as long.
    ways = ((texts, way(query)) for way in (_by_letters, _by_words) for texts in (parts, sources))
    return next(filter(None, (_passage(texts, query, way) for texts, way in ways)), SafeString())


def parts_of(question: Question) -> Iterator[str]:
    """The texts of a question, in the order in which one would look for a passage."""
    for name in ("short_answer_html", "answer_html"):
        yield _line(markdown.text_of(getattr(question, name)))
    yield from map(_line, question.key_points)
    yield _line(markdown.text_of(question.weak_answer_html))
    yield from (_line(f"{each['question']} {each['hint']}") for each in question.follow_ups_with_hints)


def _line(text):
    return " ".join(composed(text).split())


Seen = tuple[int, Collection[int]]  # where in a text a word is, and the places of the terms that it is of
Way = Callable[[str], Iterable[Seen]]


def _by_letters(query: Query) -> Way:
    """By the forms as letters: it misses what is written as “CI/CD”, with accents or without spaces."""
    beginnings = {word[:4] for word in query.places}

    def seen(text):
        text = text.lower()
        places = (place for beginning in beginnings for place in _places(beginning, text))
        for place in islice(sorted(places), MOST_SEEN):
            word, *after = _WORD.findall(text, place, place + LENGTH)
            known = word if word in query.places else word.removesuffix("s")
            for phrase, terms in query.places.get(known, ()):
                if tuple(after[: len(phrase) - 1]) == phrase[1:]:
                    yield place, terms

    return seen


def _places(beginning, text):
    """Where words of `text` begin so."""
    place = text.find(beginning)
    while place >= 0:
        if not text[max(place - 1, 0) : place].isalnum():
            yield place
        place = text.find(beginning, place + 1)


def _by_words(query: Query) -> Way:
    """By the words of the text, as the index has them."""
    return lambda text: ((chunk.start, terms) for chunk, terms in _found(text, query.places).items())


def _passage(texts: Iterable[str], query: Query, way: Way) -> SafeString:
    """The first passage of `texts` that has most of the terms, marked; empty where `way` sees none."""
    best, most = ("", 0), 0
    for text in texts:
        for place, number in _reach(list(way(text))):
            if number > most:
                best, most = (text, place), number
        if most == len(query.terms):
            break
    text, place = best
    start, end = _around(text, place)
    found = _found(text[start:end], query.places)
    if not found:
        return SafeString()
    before, after = "… " * (start > 0), " …" * (end < len(text))
    return mark_safe(f"{before}{_marked(text[start:end], found)}{after}")


def _reach(seen: Sequence[Seen]) -> Iterator[tuple[int, int]]:
    """Each place, with the number of terms that a passage from there on has."""
    for at, (start, _terms) in enumerate(seen):
        within = [terms for place, terms in seen[at:] if place < start + LENGTH - BEFORE]
        yield start, len(set().union(*within))


def _around(text: str, place: int) -> tuple[int, int]:
    """Where a passage around `place` begins and ends: between words."""
    start = text.rfind(" ", 0, place - BEFORE) + 1 if place > BEFORE else 0
    if start + LENGTH >= len(text):
        return start, len(text)
    end = text.rfind(" ", place, start + LENGTH)
    return start, end if end > 0 else start + LENGTH
