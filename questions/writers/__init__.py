"""Writers of files: each turns an `Export` into one kind of file. `readers` takes these files back.

A file holds no clock and nothing of the machine: the same bank gives the same bytes in every process.
Writers go through a bank a batch at a time, into a file that can be read again from its beginning, so
nothing is sent of an export that fails. `Unfit` says what a format cannot hold.
"""

from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from django.utils.translation import gettext_lazy as _

from ..documents import Label
from . import anki, bank, prose, structured, tables
from .export import BankExport, Entry, Export, PageExport, Unfit

__all__ = ["FORMATS", "OF_PAGES", "BankExport", "Entry", "Export", "Format", "PageExport", "Unfit"]


class Format(NamedTuple):
    """A kind of file: how people and file systems call it, and what writes it."""

    label: Label
    description: Label
    comes_back: Label  # what an import of the file finds
    ending: str
    content_type: str
    write: Callable[[Any, BinaryIO], None]  # an `Export`; where all is kept, a `BankExport`


_ALL = _("Importing it again changes nothing.")
_WORDS = _("Words, difficulty, answers, key points and topics come back; other columns are to be read.")

FORMATS: dict[str, Format] = {
    "bank": Format(
        _("Bank files (zip)"),
        _("Everything to the letter, as Markdown files for a repository."),
        _ALL,
        "zip",
        "application/zip",
        bank.write,
    ),
    "json": Format(
        _("JSON"),
        _("Everything to the letter, for programs, as a published schema describes it."),
        _ALL,
        "json",
        "application/json",
        structured.write,
    ),
    "csv": Format(
        _("CSV"),
        _("Questions for a spreadsheet. What it could take for a formula has an apostrophe in front."),
        _WORDS,
        "csv",
        "text/csv; charset=utf-8",
        tables.write_csv,
    ),
    "exact-csv": Format(
        _("CSV, exact"),
        _("Questions for programs, to the letter. Do not open it in a spreadsheet: formulas would run."),
        _WORDS,
        "csv",
        "text/csv; charset=utf-8",
        tables.write_exact_csv,
    ),
    "xlsx": Format(
        _("Excel (XLSX)"),
        _("Questions for a spreadsheet. Each cell is text, so that none is taken for a formula."),
        _WORDS,
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        tables.write_xlsx,
    ),
    "markdown": Format(
        _("Markdown"),
        _("Questions and answers as one text, to be read and printed."),
        _("It holds no ids: questions come back as near-duplicates, and one chooses what becomes of each."),
        "md",
        "text/markdown; charset=utf-8",
        prose.write,
    ),
    "anki": Format(
        _("Anki"),
        _("A deck of cards for learners. In Anki, a newer one changes cards and doubles none."),
        _("It holds HTML: many come back as near-duplicates, and one chooses what becomes of each."),
        "apkg",
        "application/octet-stream",
        anki.write,
    ),
}

# What a visitor may take of the page of a role, by the ending in the address.
OF_PAGES: dict[str, Format] = {FORMATS[name].ending: FORMATS[name] for name in ("anki", "markdown", "csv")}
