"""Readers of files: each turns one kind of file into a `Reading`; which one is found by looking inside.

`read()` is for a file or a folder, `read_bytes()` for an upload, `read_text()` for what was pasted.
Whatever cannot be read raises `UnreadableFile` with a sentence for the person who chose the file.

The parsers of other people's files are imported when the first one comes: they take some 20 MB, which a
process that only shows pages does without.
"""

from pathlib import Path

from .. import text as texts
from . import bank, files
from .columns import Columns
from .reading import FoundQuestion, FoundStep, LeftOver, Reading, Remark, UnreadableFile

__all__ = [
    "Columns",
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
    if path.is_dir():
        return _as("bank files", bank.read_folder(path))
    return read_bytes(files.content(path), path.name)


def read_bytes(data: bytes, name: str = "", columns: Columns | None = None) -> Reading:
    """What the bytes of a file hold; its name is only a hint where they could be several things.

    `columns` says what the columns of a table hold, where their names do not.
    """
    files.check_size(len(data))
    files.refuse_others(data, name)
    if files.is_zip(data):
        return _read_zip(data, columns)
    if data.startswith(b"SQLite format 3\0"):
        from . import anki

        return _as("Anki", anki.read_collection(data))
    text, remark = files.text(data)
    reading = read_text(text, name, columns)
    if remark:
        reading.warnings.insert(0, Remark(0, remark))
    return reading


def _as(form, reading):
    reading.form = form
    return reading


def _read_zip(data, columns):
    from . import anki, tables

    archive = files.opened_zip(data)
    names = archive.namelist()
    if anki.is_package(names):
        return _as("Anki", anki.read_package(archive))
    if "xl/workbook.xml" in names:
        return _as("XLSX", tables.read_xlsx(data, columns))
    if bank.is_bank(names):
        return _as("bank files", bank.read_zip(archive))
    if "word/document.xml" in names:
        raise UnreadableFile("This is a Word document: save it as a web page (HTML) or as plain text.")
    raise UnreadableFile("This zip holds no bank.yaml, no workbook and no Anki collection.")


def read_text(text: str, name: str = "", columns: Columns | None = None) -> Reading:
    """What a text holds: JSON, YAML, an export of Anki, a page, a table, or prose."""
    from . import anki, html, prose, structured, tables

    text = text.removeprefix("\ufeff")
    if anki.is_text_export(text):
        return _as("Anki", anki.read_text(text))
    if structured.is_json(text):
        return _as("JSON", structured.read_json(text))
    if html.is_html(text):
        return _as("HTML", html.read(text))
    if text.lstrip().startswith("<?xml"):
        raise UnreadableFile("This is XML of a kind that is not known here: HTML, JSON or CSV is.")
    if structured.is_yaml(text, name):
        return _as("YAML", structured.read_yaml(text))
    if columns or tables.is_csv(text, name):
        return _as("CSV", tables.read_csv(text, columns))
    return _as("Markdown", prose.read(texts.clean(text), html.to_markdown))
