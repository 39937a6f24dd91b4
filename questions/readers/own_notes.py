"""The notes of the decks that this site exports, taken back as far as HTML holds the words of a question."""

import re
from collections.abc import Callable, Collection
from typing import Any

from bs4 import BeautifulSoup

from .. import text as texts
from . import levels
from .reading import FoundQuestion, distinct

_TELLING = {"Question", "Difficulty", "Short answer", "Answer", "Key points"}


def are(names: Collection[str]) -> bool:
    """Whether a note with fields of these names is of a deck of this site."""
    return set(names) >= _TELLING


def question_of(note: Any, markdown: Callable[[str], str]) -> FoundQuestion:
    """The question of such a note; `markdown` turns the HTML of a field into Markdown."""
    fields = dict(zip(note.names, note.fields, strict=False))
    answers = [markdown(fields.get(name, "")) for name in ("Short answer", "Answer")]
    points = BeautifulSoup(fields.get("Key points", ""), "lxml").find_all("li")
    tags = [tag.partition("::") for tag in note.tags]
    return FoundQuestion(
        text=line(fields["Question"]),
        difficulty=levels.of_words(line(fields["Difficulty"])) or _difficulty(tags),
        answer="\n\n".join(filter(None, answers)),
        key_points=[line(point.decode_contents()) for point in points],
        topics=distinct([texts.line(name.replace("_", " ")) for kind, _, name in tags if kind == "topic"]),
        line=note.line,
        uid=note.guid,
    )


def line(html: str) -> str:
    """The words of a line of HTML, in which nothing but code is marked."""
    soup = BeautifulSoup(html, "lxml")
    for code in soup.find_all("code"):
        inside = code.get_text()
        ticks = "`" * (1 + max(map(len, re.findall("`+", inside)), default=0))
        space = " " if "`" in inside[:1] + inside[-1:] else ""
        code.replace_with(f"{ticks}{space}{inside}{space}{ticks}")
    return texts.line(soup.get_text())


def _difficulty(tags):
    return next((levels.of_words(name) for kind, _, name in tags if kind == "difficulty"), "")
