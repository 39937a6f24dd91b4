"""Multiple choice: the options of a question, and the right one's words first."""

import re
from typing import Any

from .columns import folded

_RIGHT = {"correct", "iscorrect", "right", "isright", "istrue", "isanswer", "iscorrectanswer"}
_OPTION = re.compile(
    r"^\s*(?:[-*+]\s+|\d+[.)]\s+)?(?P<task>\[[ xX✓✔]\]\s*)?"
    r"(?P<mark>[*_`]{0,2}\(?(?P<letter>[A-Ha-h1-8])[.):\]][*_]{0,2}(?:\s+|(?=`)))?(?P<text>\S.*)$"
)
_MARKED = re.compile(
    r"^[\s>#*_]*(?:the\s+)?(?:correct|right)?\s*(?:answer|ans|option|key)s?(?:\s+is)?[*_\s]*[:–—=-]?[*_\s`]*"
    r"(?:option\s+)?\(?(?P<letter>[A-Ha-h1-8])\b[).:\]]?(?P<rest>.*)$",
    re.IGNORECASE,
)
_AFTER_LETTER = re.compile(r"\s+(?:[-–—:(]|because\b|since\b)")  # “Answer: A path” names no option
_RIGHT_SIGN = re.compile(
    r"\s*(?:✅|✔️?|☑️?|✓|\((?:correct|right|answer)\)|\*\*\((?:correct|right)\)\*\*|← correct)\s*",
    re.IGNORECASE,
)


def marks_answer(line: str) -> bool:
    """Whether a line names the right option: “**Answer: B**”, “Correct answer is (c)”."""
    match = _MARKED.match(line)
    if not match:
        return False
    rest = match["rest"]
    return not rest.strip(" *_`") or rest[0] in "*_)].,:`" or bool(_AFTER_LETTER.match(rest))


def of(right: str, options: list[tuple[str, str]], explanation: str = "") -> str:
    """The answer of a question with options, as Markdown: the right one, why, and the others."""
    others = [f"- {letter.upper()}. {text}" for letter, text in options if text and text != right]
    parts = [right, explanation, "The other options:" if others else "", "\n".join(others)]
    return "\n\n".join(part for part in parts if part)


def right_of(value: str, options: list[tuple[str, str]]) -> str:
    """The words of the options that `value` names: by letter, by number, or by their own words."""
    by_letter = {letter.upper(): text for letter, text in options}
    for number, (_letter, text) in enumerate(options, start=1):
        by_letter.setdefault(str(number), text)
    for _letter, text in options:
        if text.casefold() == value.strip().casefold():
            return text
    names = re.findall(
        r"(?<![A-Za-z0-9])[A-Ha-h1-8](?![A-Za-z0-9])", re.sub(r"(?i)option|choice|answer", " ", value)
    )
    named = [by_letter[name.upper()] for name in names if name.upper() in by_letter]
    is_only_names = not re.sub(r"(?i)option|choice|answer|and|[A-H1-8]|[\W_]", "", value)
    return "; ".join(named) if named and is_only_names else value


def right_letters(options: list[Any]) -> str:
    """The letters of those objects in a list that say of themselves that they are right."""
    return ", ".join(
        letter
        for letter, each in zip("ABCDEFGH", options, strict=False)
        if isinstance(each, dict) and any(folded(str(key)) in _RIGHT and _is_true(each[key]) for key in each)
    )


def _is_true(value):
    return value is True or str(value).strip().casefold() in {"true", "yes", "1"}


def with_right_one_first(answer: str) -> str:
    """An answer that lists options and marks one of them, with the words of that one in front of all."""
    options: dict[str, str] = {}
    right: list[str] = []
    tasks = 0
    letters = []
    for line in answer.split("\n"):
        if marks_answer(line) and (match := _MARKED.match(line)):
            letters.append(match["letter"].upper())
            continue
        match = _OPTION.match(line)
        if not match or not (match["task"] or match["letter"]):
            continue
        text = _RIGHT_SIGN.sub("", match["text"]).strip()
        tasks += bool(match["task"])
        if match["letter"]:
            options.setdefault(match["letter"].upper(), text)
        if (match["task"] and not match["task"].startswith("[ ]")) or _RIGHT_SIGN.search(line):
            right.append(text)
    if not right and len(options) > 1:
        right = [options[letter] for letter in letters[:1] if letter in options]
    if not right or (tasks < 2 and len(options) < 2):
        return answer
    words = "; ".join(text for text in right if re.search(r"\w", text))
    return f"{words}\n\n{answer}" if words else answer
