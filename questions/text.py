"""Cleaning of text: whatever is stored has passed one of these functions, whichever way it came in.

A form, a bank file, an import and the shell all write through the fields of `questions.fields`, which
call these. Each of them is safe to repeat: it leaves its own result as it is.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")  # what slides, pages and old systems end lines with
# What no page may hold: XML refuses most of it, PostgreSQL a NUL, UTF-8 a surrogate on its own.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_BLANK_LINES = re.compile(r"(?:[^\S\n]*\n)+")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """`text` with `\\n` line ends and without control characters, noncharacters and surrogates."""
    return text if _is_plain(text) else fit(_LINE_END.sub("\n", text))


def fit(text: str) -> str:
    """`text` without the characters that no page, feed or database takes."""
    return text if _is_plain(text) else _UNFIT.sub("", text)


def _is_plain(text):
    """Whether `text` surely needs no cleaning: a tenth of what the expressions cost, and nearly always so."""
    for blank in "\n\t\u00a0\u202f":
        text = text.replace(blank, "")
    return text.isprintable()


def block(text: str) -> str:
    """Markdown: no blank lines around it. Its first line keeps its indent, which may make it code."""
    text = clean(text).rstrip()
    blank = _BLANK_LINES.match(text)
    return text[blank.end() :] if blank else text


def line(text: str) -> str:
    """One line: line breaks and runs of white space become one space."""
    if text.isprintable() and "  " not in text and text == text.strip():
        return text
    return _SPACE.sub(" ", clean(text)).strip()


def address(text: str) -> str:
    """A part of an address: one line, in the composed form (NFC), so that equal letters are equal."""
    return unicodedata.normalize("NFC", line(text))


def in_all(value: Any, of_text: Callable[[str], str]) -> Any:
    """A JSON value with `of_text()` of every string in it, keys too."""
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, list | tuple):
        return [in_all(each, of_text) for each in value]
    if isinstance(value, dict):
        return {in_all(key, of_text): in_all(each, of_text) for key, each in value.items()}
    return value


def fold(text: str) -> str:
    """`text` for sorting: without case and accents, so that É sorts like e on every database."""
    letters = text.casefold()
    if not letters.isascii():
        letters = unicodedata.normalize("NFKD", letters)
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return line(letters)
