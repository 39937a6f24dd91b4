"""Where the words are: titles and passages with what was found marked, in the writer's own letters."""

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from itertools import islice
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from .. import markdown
from ..models import Question
from .queries import Places, Query
from .tokens import Chunk, chunks, composed

LENGTH = 240  # characters of a passage, about
BEFORE = 60  # of them, before the first word that was found
MOST_TRIED = 50  # places of a text, where a word may be

_TAG = re.compile(r"(<[^>]*>)")


def marked(line: str, query: Query) -> SafeString:
    """A title or a name as HTML, with `<mark>` around what was found."""
    parts = _TAG.split(markdown.unbroken(markdown.inline(line)))
    parts[::2] = (_marked(composed(unescape(part)), query.places) for part in parts[::2])
    return mark_safe("".join(parts))


def _marked(text: str, places: Places) -> str:
    pieces, place = [], 0
    for chunk in _found(text, places):
        found = escape(text[chunk.start : chunk.end])
        pieces += [escape(text[place : chunk.start]), f"<mark>{found}</mark>"]
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


class Passage(NamedTuple):
    text: str
    terms: set[int]  # the places of those that were found in it
    is_cut_before: bool
    is_cut_after: bool


def snippet(question: Question, query: Query) -> SafeString:
    """The first passage of the answer that has most of the terms, marked; empty where none has any.

    Needs the HTML of its answers, its key points, follow-ups and sources.
    """
    if not query.places:
        return SafeString()
    parts = list(parts_of(question))
    sources = [_line(source["title"]) for source in question.sources]
    # Where letters are alike, first: to take whole texts apart takes many times as long.
    ways = ((texts, way(query)) for way in (_alike, _exact) for texts in (parts, sources))
    best = next(filter(None, (_best(texts, query, candidates) for texts, candidates in ways)), None)
    if best is None:
        return SafeString()
    found = _marked(best.text, query.places)
    return mark_safe(f"{'… ' * best.is_cut_before}{found}{' …' * best.is_cut_after}")


def parts_of(question: Question) -> Iterator[str]:
    """The texts of a question, in the order in which one would look for a passage."""
    for name in ("short_answer_html", "answer_html"):
        yield _line(markdown.text_of(getattr(question, name)))
    yield from map(_line, question.key_points)
    yield _line(markdown.text_of(question.weak_answer_html))
    yield from (_line(f"{each['question']} {each['hint']}") for each in question.follow_ups_with_hints)


def _line(text):
    return " ".join(composed(text).split())


Candidates = Callable[[str], Iterator[int]]  # where in a text there may be words that were found


def _alike(query: Query) -> Candidates:
    """By the first letters of the words, which miss what is written as “CI/CD” or with accents."""
    beginnings = {word[:4] if len(word) > 3 else f"{word}(?![a-z0-9])" for word in query.places}
    pattern = re.compile(f"(?<![a-z0-9])(?:{'|'.join(sorted(beginnings))})")
    return lambda text: (match.start() for match in islice(pattern.finditer(text.lower()), MOST_TRIED))


def _exact(query: Query) -> Candidates:
    return lambda text: (chunk.start for chunk in _found(text, query.places))


def _best(parts: list[str], query: Query, candidates: Candidates) -> Passage | None:
    best = None
    for text in parts:
        for passage in _passages(text, query.places, candidates):
            if best is None or len(passage.terms) > len(best.terms):
                best = passage
            if len(best.terms) == len(query.terms):
                return best
    return best


def _passages(text: str, places: Places, candidates: Candidates) -> Iterator[Passage]:
    """A passage around each candidate that was found, as far as passages do not meet."""
    end = 0
    for candidate in candidates(text):
        if candidate < end:
            continue
        start, after = _around(text, candidate)
        if terms := set[int]().union(*_found(text[start:after], places).values()):
            end = after
            yield Passage(text[start:end], terms, start > 0, end < len(text))


def _around(text: str, place: int) -> tuple[int, int]:
    """Where a passage around `place` begins and ends: between words."""
    start = text.rfind(" ", 0, place - BEFORE) + 1 if place > BEFORE else 0
    if start + LENGTH >= len(text):
        return start, len(text)
    end = text.rfind(" ", place, start + LENGTH)
    return start, end if end > 0 else start + LENGTH
