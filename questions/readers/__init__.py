"""Readers of files: each turns one kind of file into a `Reading`; which one is found by looking inside.

`read()` is for a file or a folder, `read_bytes()` for an upload, `read_text()` for what was pasted.
Whatever cannot be read raises `UnreadableFile` with a sentence for the person who chose the file.
"""

from pathlib import Path

from .. import text as texts
from . import anki, bank, files, html, prose, structured, tables
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
    """What the file or folder at `path` holds."""
    path = Path(path)
    return bank.read_folder(path) if path.is_dir() else read_bytes(files.content(path), path.name)


def read_bytes(data: bytes, name: str = "") -> Reading:
    """What the bytes of a file hold; its name is only a hint where they could be several things."""
    files.check_size(len(data))
    files.refuse_others(data, name)
    if files.is_zip(data):
        return _read_zip(data)
    if data.startswith(b"SQLite format 3\0"):
        return anki.read_collection(data)
    text, remark = files.text(data)
    reading = read_text(text, name)
    if remark:
        reading.warnings.insert(0, Remark(0, remark))
    return reading


def _read_zip(data):
    archive = files.opened_zip(data)
    names = archive.namelist()
    if anki.is_package(names):
        return anki.read_package(archive)
    if "xl/workbook.xml" in names:
        return tables.read_xlsx(data)
    if bank.is_bank(names):
        return bank.read_zip(archive)
    if "word/document.xml" in names:
        raise UnreadableFile("This is a Word document: save it as a web page (HTML) or as plain text.")
    raise UnreadableFile("This zip holds no bank.yaml, no workbook and no Anki collection.")


def read_text(text: str, name: str = "") -> Reading:
    """What a text holds: JSON, YAML, an export of Anki, a page, a table, or prose."""
    text = text.removeprefix("\ufeff")
    if anki.is_text_export(text):
        return anki.read_text(text)
    if structured.is_json(text):
        return structured.read_json(text)
    if html.is_html(text):
        return html.read(text)
    if text.lstrip().startswith("<?xml"):
        raise UnreadableFile("This is XML of a kind that is not known here: HTML, JSON or CSV is.")
    if structured.is_yaml(text, name):
        return structured.read_yaml(text)
    if tables.is_csv(text, name):
        return tables.read_csv(text)
    return prose.read(texts.clean(text), html.to_markdown)
