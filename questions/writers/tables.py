"""Tables of questions: CSV and XLSX.

The columns are in `own_tables`, with the mark that keeps a spreadsheet from taking a cell for a formula.
XLSX needs no mark: each cell says that it is text, and stays so when somebody edits it.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from tempfile import TemporaryFile
from typing import BinaryIO
from zipfile import ZipFile

from ..own_tables import COLUMNS, neutral
from .archive import archive
from .export import Entry, Export, Unfit

LONGEST_CELL = 32_767  # characters, of XLSX
_WIDTHS = {"question": 50, "topics": 24, "short_answer": 50, "answer": 80, "key_points": 40}
_NO_DATE = datetime(1980, 1, 1)  # noqa: DTZ001 (the format has no time zones)
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def cells_of(entry: Entry) -> list[str]:
    """The cells of a question, in the order of the columns. Lists have an entry a line."""
    question = entry.question
    follow_ups = [
        "\n".join(filter(None, [each["question"], each["hint"] and f"> {each['hint']}"]))
        for each in question.follow_ups_with_hints
    ]
    sources = [" | ".join(filter(None, [each["title"], each.get("url")])) for each in question.sources]
    return [
        question.uid,
        str(entry.number),
        question.text,
        question.difficulty,
        "\n".join(entry.topics),
        question.short_answer,
        question.answer,
        "\n".join(question.key_points),
        question.weak_answer,
        "\n".join(follow_ups),
        "\n".join(sources),
        question.status,
        *(day.isoformat() if day else "" for day in (question.reviewed_on, question.corrected_on)),
    ]


# CSV


def write_csv(export: Export, file: BinaryIO) -> None:
    """For spreadsheets: they need the mark at the beginning to know UTF-8."""
    file.write("\ufeff".encode())
    _write_rows(file, [*COLUMNS.values()], export, neutral)


def write_exact_csv(export: Export, file: BinaryIO) -> None:
    _write_rows(file, [*COLUMNS], export, str)


def _write_rows(file: BinaryIO, head: list[str], export: Export, of_cell: Callable[[str], str]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(head)
    for entry in export.entries():
        writer.writerow([of_cell(cell) for cell in cells_of(entry)])
    text.detach()


# XLSX


def write_xlsx(export: Export, file: BinaryIO) -> None:
    """Through a file on disk: the library writes its own dates, which are taken out on the way."""
    from openpyxl import Workbook  # some megabytes, which a process that only shows pages does without
    from openpyxl.styles import Alignment, Font
    from openpyxl.xml.functions import tostring

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Questions")
    sheet.freeze_panes = "A2"
    for number, key in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + number)].width = _WIDTHS.get(key, 14)
    sheet.append([_cell(sheet, name, font=Font(bold=True)) for name in COLUMNS.values()])
    wrapped = Alignment(wrap_text=True, vertical="top")
    try:
        for entry in export.entries():
            sheet.append([_cell(sheet, cell, alignment=wrapped) for cell in short_cells_of(entry)])
    finally:
        sheet.close()
    with TemporaryFile() as made:
        book.save(made)
        book.properties.created = book.properties.modified = _NO_DATE
        properties = tostring(book.properties.to_tree())
        with ZipFile(made) as original, archive(file) as copy:
            for name in original.namelist():
                with original.open(name) as source, copy.open(name) as target:
                    source = io.BytesIO(properties) if name == "docProps/core.xml" else source
                    while piece := source.read(1 << 16):
                        target.write(piece)


def short_cells_of(entry: Entry) -> list[str]:
    cells = cells_of(entry)
    if max(map(len, cells)) > LONGEST_CELL:
        raise Unfit(
            f"“{entry.question.text}” is longer than the {LONGEST_CELL:,} characters that a cell of XLSX "
            "holds: take another format."
        )
    return cells


def _cell(sheet, value, **style):
    """A cell that is text, whatever the text looks like."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    # Excel reads _x0041_ as a letter, and this as what it says.
    cell.value = _LOOKS_ESCAPED.sub("_x005F_", value)
    cell.data_type = "s"
    cell.quotePrefix = True
    for name, each in style.items():
        setattr(cell, name, each)
    return cell
