"""What a reader finds in a file, whatever kind of file it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..documents import Item

MAX_QUESTIONS = 10_000  # more are not taken at once: a preview has to stay usable


_ONLY_LINKS = re.compile(
    r"(?:\s|[\[\]()*_>|:,.-]|\[*\[[^\[\]]*\]*\]\([^()\s]*\)\]*|<?https?://\S+>?"
    r"|\b(?:answer|source|src|link|see|here|read|solution|more|reference|and|also)s?\b)*",
    re.IGNORECASE,
)


def has_answer(text: str) -> bool:
    """Whether a text answers anything itself, and does not only lead elsewhere."""
    return bool(text) and not _ONLY_LINKS.fullmatch(text)


def distinct(names: Iterable[str]) -> list[str]:
    """`names` without empty ones and repetitions, in whichever case they are written."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.casefold(), name)
    found.pop("", None)
    return list(found.values())


class UnreadableFile(Exception):
    """A file that cannot be read; its message is one sentence for the person who chose the file."""


class LeftOver(NamedTuple):
    """A line that belongs to no item."""

    line: int
    text: str


class Remark(NamedTuple):
    """What a curator should know about a line; line 0 is the whole file."""

    line: int
    message: str


@dataclass
class FoundQuestion:
    text: str
    difficulty: str = ""  # or easy, medium, hard
    answer: str = ""  # Markdown
    key_points: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)  # names
    line: int = 1
    sure: bool = True
    uid: str = ""  # what the source calls it, where it names it at all


class FoundStep(NamedTuple):
    """A step of a learning path."""

    title: str
    body: str


@dataclass
class Reading:
    """All of a file: each line that is not empty is in one of its parts or in `left_over`."""

    title: str = ""
    category: str = ""
    intro: str = ""
    questions: list[FoundQuestion] = field(default_factory=list)
    steps: list[FoundStep] = field(default_factory=list)
    tips: list[str] = field(default_factory=list)
    left_over: list[LeftOver] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)  # whole documents: only the project's own files have them
    form: str = ""  # what it was read as, for people: "Markdown", "CSV"
    head: list[list[str]] = field(default_factory=list)  # the first rows of a table that names no question

    def warn(self, line: int, message: str) -> None:
        self.warnings.append(Remark(line, message))

    def leave(self, line: int, text: str) -> None:
        self.left_over.append(LeftOver(line, text))

    def finish(self) -> "Reading":
        """Check the questions, and put what was noted into the order of the file."""
        if len(self.questions) > MAX_QUESTIONS:
            raise UnreadableFile(
                f"{len(self.questions):,} questions are more than the {MAX_QUESTIONS:,} that are taken at "
                "once: split the file."
            )
        for question in self.questions:
            if not question.answer:
                self.warn(question.line, "no answer here")
            elif not has_answer(question.answer):
                self.warn(question.line, "no answer here, only a link")
        self.left_over.sort(key=lambda entry: entry.line)
        self.warnings.sort(key=lambda entry: entry.line)
        return self

    def as_json(self) -> dict[str, Any]:
        """The reading as `importbank --json` prints it."""
        return {
            "title": self.title,
            "category": self.category,
            "intro": self.intro,
            "questions": [
                {
                    "text": question.text,
                    "difficulty": question.difficulty,
                    "answer": question.answer,
                    "key_points": question.key_points,
                    "topics": question.topics,
                    "line": question.line,
                    "sure": question.sure,
                }
                for question in self.questions
            ],
            "steps": [step._asdict() for step in self.steps],
            "tips": self.tips,
            "left_over": [entry._asdict() for entry in self.left_over],
            "warnings": [entry._asdict() for entry in self.warnings],
        }
