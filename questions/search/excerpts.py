"""Where the words are: titles and passages with what was found marked, in the writer's own letters."""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from .. import markdown
from ..models import Question
from .queries import Query
from .tokens import Chunk, chunks, composed

LENGTH = 240  # characters of a passage, about
BEFORE = 60  # of them, before the first word that was found

_TEXT = re.compile(r"(<[^>]*>)")


def marked(line: str, query: Query) -> SafeString:
    """A title or a name as HTML, with `<mark>` around what was found."""
    found = set(query.marks)
    parts = _TEXT.split(markdown.unbroken(markdown.inline(line)))
    parts[::2] = (_marked(composed(unescape(part)), found) for part in parts[::2])
    return mark_safe("".join(parts))


def _marked(text: str, found: set[str]) -> str:
    pieces, place = [], 0
    for chunk in chunks(text):
        if found.intersection(chunk.all_words):
            pieces += [
                escape(text[place : chunk.start]),
                "<mark>",
                escape(text[chunk.start : chunk.end]),
                "</mark>",
            ]
            place = chunk.end
    return "".join([*pieces, escape(text[place:])])


def snippet(question: Question, query: Query) -> SafeString:
    """The passage of the answer that has most of the words, marked; empty where none has any.

    Needs the HTML of its answers, its key points, follow-ups and sources.
    """
    found = set(query.marks)
    passages = (passage for text in parts_of(question) for passage in _passages(text, found))
    best = max(passages, key=lambda passage: passage.number, default=None)
    if best is None:
        return SafeString()
    return mark_safe(f"{'… ' * best.is_cut_before}{_marked(best.text, found)}{' …' * best.is_cut_after}")


def parts_of(question: Question) -> Iterator[str]:
    """The texts of a question, in the order in which one would look for a passage."""
    for name in ("short_answer_html", "answer_html"):
        yield _line(markdown.text_of(getattr(question, name)))
    yield from map(_line, question.key_points)
    yield _line(markdown.text_of(question.weak_answer_html))
    yield from (_line(f"{each['question']} {each['hint']}") for each in question.follow_ups_with_hints)
    yield from (_line(source["title"]) for source in question.sources)


def _line(text):
    return " ".join(composed(text).split())


class Passage(NamedTuple):
    text: str
    number: int  # of different words that were found in it
    is_cut_before: bool
    is_cut_after: bool


def _passages(text: str, found: set[str]) -> Iterator[Passage]:
    """A passage from each place where a word was found, as far as passages do not meet."""
    hits: list[tuple[Chunk, set[str]]] = []
    for chunk in chunks(text):
        if words := found & {*chunk.all_words}:
            hits.append((chunk, words))
    end = -1
    for chunk, _words in hits:
        if chunk.start < end:
            continue
        start = text.rfind(" ", 0, chunk.start - BEFORE) + 1 if chunk.start > BEFORE else 0
        end = len(text) if start + LENGTH >= len(text) else text.rfind(" ", chunk.end, start + LENGTH)
        end = end if end > 0 else min(len(text), max(chunk.end, start + LENGTH))
        words = set[str]().union(*(words for each, words in hits if start <= each.start < end))
        yield Passage(text[start:end], len(words), start > 0, end < len(text))
