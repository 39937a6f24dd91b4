"""Conversations, in the form in which language models are taught: turns of people and of assistants."""

from collections.abc import Iterator
from typing import Any, NamedTuple

_ASKING = frozenset("user human prompter question".split())
_ANSWERING = frozenset("assistant gpt bot model ai chatbot answer".split())
_SPEAKERS = ("role", "from", "speaker", "author")
_WORDS = ("content", "value", "text", "message", "parts")


class Exchange(NamedTuple):
    """What somebody asks and what is answered; one of them is empty where nobody says it."""

    question: str
    answer: str


def is_chat(value: Any) -> bool:
    """Whether a list holds turns, of which somebody asks one."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and _speaker(turn) and _words(turn) is not None for turn in value)
        and any(_speaker(turn) in _ASKING for turn in value)
    )


def exchanges(turns: list[dict[str, Any]]) -> Iterator[Exchange]:
    """The questions with their answers; what is neither, such as an instruction, asks nothing."""
    question, answers = "", []
    for turn in turns:
        words = _words(turn) or ""
        if question and _speaker(turn) in _ANSWERING:
            answers.append(words)
            continue
        if question:
            yield Exchange(question, "\n\n".join(answers))
        question, answers = (words, []) if _speaker(turn) in _ASKING else ("", [])
        if not question and words:
            yield Exchange("", words)
    if question:
        yield Exchange(question, "\n\n".join(answers))


def _speaker(turn):
    name = next((turn[key] for key in _SPEAKERS if isinstance(turn.get(key), str)), "")
    return name.strip().casefold()


def _words(turn):
    """The text of a turn, which may come in parts; None if it has no place for one."""
    value = next((turn[key] or "" for key in _WORDS if key in turn), None)
    if isinstance(value, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in value]
        return "\n\n".join(part for part in parts if isinstance(part, str))
    return value if isinstance(value, str) else None
