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
    ending: str
    content_type: str
    write: Callable[[Any, BinaryIO], None]  # an `Export`; where all is kept, a `BankExport`


FORMATS: dict[str, Format] = {
    "bank": Format(
        _("Bank files (zip)"),
        _("Everything, as Markdown files for a repository. Importing it again changes nothing."),
        "zip",
        "application/zip",
        bank.write,
    ),
    "json": Format(
        _("JSON"),
        _("Everything, for programs. Importing it again changes nothing."),
        "json",
        "application/json",
        structured.write,
    ),
    "csv": Format(
        _("CSV"),
        _("Questions for a spreadsheet; what it could take for a formula has a mark in front."),
        "csv",
        "text/csv; charset=utf-8",
        tables.write_csv,
    ),
    "exact-csv": Format(
        _("CSV, exact"),
        _("Questions for programs, to the letter. Do not open it in a spreadsheet."),
        "csv",
        "text/csv; charset=utf-8",
        tables.write_exact_csv,
    ),
    "xlsx": Format(
        _("Excel (XLSX)"),
        _("Questions for a spreadsheet."),
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        tables.write_xlsx,
    ),
    "markdown": Format(
        _("Markdown"),
        _("Questions and answers as one text."),
        "md",
        "text/markdown; charset=utf-8",
        prose.write,
    ),
    "anki": Format(
        _("Anki"),
        _("A deck of cards. Importing it again changes cards and doubles none."),
        "apkg",
        "application/octet-stream",
        anki.write,
    ),
}

# What a visitor may take of the page of a role, by the ending in the address.
OF_PAGES: dict[str, Format] = {FORMATS[name].ending: FORMATS[name] for name in ("anki", "markdown", "csv")}
