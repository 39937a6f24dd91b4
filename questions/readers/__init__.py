"""Readers of files: each turns one kind of file into a `Reading`; which one is found by looking inside.

`read()` is for a file, `read_bytes()` for an upload, `read_text()` for what was pasted. Whatever cannot
be read raises `UnreadableFile` with a sentence for the person who chose the file.
"""

from pathlib import Path

from .. import text as texts
from . import files, html, prose
from .reading import FoundQuestion, FoundStep, LeftOver, Reading, Remark, UnreadableFile

__all__ = [
    "FoundQuestion",
    "FoundStep",
    "LeftOver",
    "Reading",
    "UnreadableFile",
    "read",
    "read_bytes",
    "read_text",
]


def read(path: str | Path) -> Reading:
    """What the file at `path` holds."""
    path = Path(path)
    return read_bytes(files.content(path), path.name)


def read_bytes(data: bytes, name: str = "") -> Reading:
    """What the bytes of a file hold; its name is only a hint where they could be several things."""
    files.check_size(len(data))
    files.refuse_others(data, name)
    text, remark = files.text(data)
    reading = read_text(text, name)
    if remark:
        reading.warnings.insert(0, Remark(0, remark))
    return reading


def read_text(text: str, name: str = "") -> Reading:
    """What a text holds: a page, or prose."""
    text = text.removeprefix("\ufeff")
    if html.is_html(text):
        return html.read(text)
    if text.lstrip().startswith("<?xml"):
        raise UnreadableFile("This is XML of a kind that is not known here: HTML is.")
    return prose.read(texts.clean(text), html.to_markdown)
