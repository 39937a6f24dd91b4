"""Questions in tables: CSV with any usual separator, and XLSX."""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from html import unescape as unescape_html
from itertools import chain, islice

import openpyxl
from openpyxl.utils.escape import unescape

from .. import text as texts
from . import choices, files, html, levels, own_tables
from .columns import Columns, best_roles, role_of
from .own_tables import Row
from .prose import titles
from .reading import MAX_QUESTIONS, FoundQuestion, Reading, UnreadableFile, distinct

_SEPARATORS = "\t;,|"
_MAX_UNPACKED = 60_000_000  # of an XLSX: its texts are held in memory
_MAX_ROWS = 100_000  # looked at, empty ones included
_MAX_COLUMNS = 200
_HEAD_WITHIN = 10  # rows, of which one may name the columns
_SHOWN_ROWS = 5  # of a table whose columns somebody has to name
_MAX_SEPARATORS = 5_000  # in a line: commas of long texts in quotes are among them
_HTML = re.compile(
    r"</?(?:p|br|b|i|ul|ol|li|div|strong|em|code|pre|span|a|h[1-6]|table)\b[^<>]*>", re.IGNORECASE
)

_QUOTES = re.compile(
    r"&(?:quot|apos|[lr][sd]quo|hellip|[mn]dash|[a-z]+(?:acute|uml|grave|circ|cedil|tilde)|#\d+);"
)
_HEADING = re.compile(r"^#{1,6}\s+")

csv.field_size_limit(files.MAX_BYTES)


# CSV


def separator_of(text: str) -> str:
    """What separates the columns of a CSV file; empty if it is none."""
    sample = text[:50_000].rsplit("\n", 1)[0] if len(text) > 50_000 else text
    best, rated = "", 0.0
    for separator in _SEPARATORS:
        widths = Counter(len(row.cells) for row in _rows(sample, separator) if any(row.cells))
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        rate = count / widths.total()
        if width > 1 and rate > rated + 0.05:
            best, rated = separator, rate
    return best if rated >= 0.6 else ""


def is_csv(text: str, name: str) -> bool:
    """Whether a text is a table: its first row names columns, or its name says so and its rows agree."""
    start = text.lstrip()
    if not start or (start.startswith(("#", "<", "|", "- ", "* ")) and not start.startswith("#separator")):
        return False
    separator = separator_of(text)
    is_named = name.casefold().endswith((".csv", ".tsv", ".tab"))
    if not separator:
        return is_named and role_of(start.partition("\n")[0]) == "question"
    head = next(_rows(text[:50_000], separator), Row(1, []))
    if "question" in best_roles(head.cells) and len([cell for cell in head.cells if cell]) > 1:
        return all(len(cell) < 60 for cell in head.cells)
    return is_named or (separator == "\t" and _is_tabbed(text))


def _is_tabbed(text):
    """Whether most rows have two cells: a tab in front of a line only indents it."""
    rows = [row.cells for row in _rows(text[:50_000], "\t") if any(row.cells)]
    return sum(len(list(filter(None, cells))) > 1 for cells in rows) >= 0.6 * len(rows)


def read_csv(text: str, columns: Columns | None = None) -> Reading:
    """The questions of a CSV file."""
    reading = Reading()
    try:
        rows = _rows(texts.fit(text), separator_of(text) or ",")
        _read_rows(reading, rows, columns, is_csv=True)
    except csv.Error as error:
        raise UnreadableFile(f"The table cannot be read: {error}.") from error
    return reading.finish()


def _rows(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(_narrow(text, separator), delimiter=separator, skipinitialspace=True)
    line = 1
    for cells in reader:
        yield Row(line, [cell.strip() for cell in cells])
        line = reader.line_num + 1


def _narrow(text, separator):
    """The lines of a text, of which none has more columns than a table can have."""
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if line.count(separator) > _MAX_SEPARATORS:
            raise UnreadableFile(
                f"Line {number:,} has more than {_MAX_SEPARATORS:,} columns: this is no table."
            )
        yield line


# XLSX


def read_xlsx(data: bytes, columns: Columns | None = None) -> Reading:
    """The questions of all sheets of a workbook that have a column for them."""
    archive = files.opened_zip(data)
    unpacked = sum(each.file_size for each in archive.infolist())
    if unpacked > _MAX_UNPACKED:
        raise UnreadableFile(
            f"Unpacked it has {unpacked / 1e6:,.0f} MB, too many for a workbook: save it as CSV."
        )
    for each in archive.namelist():
        if each.endswith((".xml", ".rels")) and _has_entities(files.member(archive, each)):
            raise UnreadableFile(
                f"“{each}” in it defines entities, which no spreadsheet needs. Nothing was read."
            )
    reading = Reading()
    sheets = list(_sheets(data))
    named = [pair for pair in sheets if _has_head(pair[1])]
    for title, rows in sheets:
        if named and not columns and (title, rows) not in named:
            for row in rows:
                reading.leave(row.line, " | ".join(filter(None, row.cells)))
            continue
        before = len(reading.questions)
        _read_rows(reading, rows, columns)
        if len(sheets) > 1:
            for question in reading.questions[before:]:
                question.topics = question.topics or [title]
    return reading.finish()


def _has_head(rows):
    return "question" in best_roles(rows[_place_of_head(rows[:_HEAD_WITHIN])].cells)


def _has_entities(xml):
    start = xml[:100_000].replace(b"\0", b"")
    return b"<!DOCTYPE" in start or b"<!ENTITY" in start


def _sheets(data):
    """`(title, rows)` of each sheet that is not empty."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and validations, which are not read
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what a file says of its size may be wrong
                if rows := list(_sheet_rows(sheet)):
                    yield sheet.title, rows
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(
            "The workbook is damaged and cannot be read: save it again, or as CSV."
        ) from error


def _sheet_rows(sheet):
    filled = 0
    for line, values in enumerate(sheet.iter_rows(values_only=True, max_col=_MAX_COLUMNS), start=1):
        if line > _MAX_ROWS:
            raise UnreadableFile(f"More than {_MAX_ROWS:,} rows: split the workbook.")
        cells = [_cell(value) for value in values]
        if any(cells):
            filled += 1
            if filled > MAX_QUESTIONS + 1:
                raise UnreadableFile(f"More than {MAX_QUESTIONS:,} rows: split the workbook.")
            yield Row(line, cells)


def _cell(value):
    """The text that a cell shows."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return texts.clean(unescape(str(value))).strip()  # such as _x000D_, which the library leaves


# Rows


def _read_rows(
    reading: Reading, rows: Iterable[Row], columns: Columns | None = None, *, is_csv: bool = False
) -> None:
    """Add the questions of a table to `reading`."""
    rows = iter(rows)
    first = list(islice((row for row in rows if any(row.cells)), 1 if columns else _HEAD_WITHIN))
    if not first:
        return
    at = _place_of_head(first)
    for row in first[:at]:
        reading.leave(row.line, " | ".join(filter(None, row.cells)))
    head, rows = first[at], chain(first[at + 1 :], rows)
    own = None if columns else own_tables.of_head(head.cells, is_csv=is_csv)
    known = columns or own
    roles = known.roles if known else best_roles(head.cells)
    if columns and not columns.has_head:
        rows = chain([head], rows)
    if "question" in roles:
        if not columns or columns.has_head:
            reading.leave(head.line, " | ".join(filter(None, head.cells)))
        if not columns:
            _note_unknown(reading, head, roles)
    else:
        reading.head = reading.head or [head.cells]
        roles = ["question", "answer", *[""] * max(len(head.cells) - 2, 0)]
        reading.warn(
            head.line,
            "no row names the columns: the first is taken as the question, the second as the answer",
        )
        _read_row(reading, head, roles)
    for row in rows:
        if reading.head and len(reading.head) < _SHOWN_ROWS:
            reading.head.append(row.cells)
        _read_row(reading, own.without_marks(row) if own else row, roles, own)
        if len(reading.questions) > MAX_QUESTIONS:
            raise UnreadableFile(f"More than {MAX_QUESTIONS:,} rows: split the table.")


def _place_of_head(rows):
    """Which of the first rows names the columns; a title or a note may stand above it."""
    for at, row in enumerate(rows):
        roles = best_roles(row.cells)
        if "question" in roles and len(list(filter(None, roles))) > 1:
            return at
    return 0


def _note_unknown(reading, head, roles):
    for name, role in zip(head.cells, roles, strict=True):
        if not role and name:
            reading.warn(head.line, f"the column “{name[:60]}” is not taken: its name says nothing usual")


def _read_row(reading, row, roles, own=None):
    if not any(row.cells):
        return
    values: dict[str, list[str]] = {}
    for role, cell in zip(roles, row.cells, strict=False):
        if cell:
            values.setdefault(role, []).append(cell)
    extra = [cell for cell in row.cells[len(roles) :] if cell]
    if extra:
        reading.warn(row.line, "more cells than the table has columns: is a text with commas not in quotes?")
        reading.leave(row.line, " | ".join(extra))
    if "question" not in values:
        reading.leave(row.line, " | ".join(filter(None, row.cells)))
        if values:
            reading.warn(row.line, "a row without a question")
        return
    if reading.head and (unnamed := values.get("")):
        reading.leave(row.line, " | ".join(unnamed))
    if any(cell.startswith("=") for cell in row.cells):
        reading.warn(row.line, "a cell begins with “=”: a formula is taken as the text that it is")
    of_values = own.question_of if own else question_of
    reading.questions.append(of_values(values, row.line))


def question_of(values: dict[str, list[str]], line: int) -> FoundQuestion:
    """The question that these values of one row or object make; each key is a role of a column."""
    text, _break, rest = _HEADING.sub("", values["question"][0].strip()).partition("\n")
    answer = _answer(values)
    if rest.strip():
        answer = f"{texts.block(markdown(rest))}\n\n{answer}".strip()
    title, level = levels.split(one_line(text), levels.Signs())
    marked = next((level for value in values.get("difficulty", []) if (level := levels.of_value(value))), "")
    return FoundQuestion(
        text=title,
        difficulty=marked or level,
        answer=answer,
        key_points=_listed(values.get("key_points", []), r"\n|;|\|"),
        topics=_listed(values.get("topics", []), r"\n|;|,|\|"),
        line=line,
        uid=re.sub(r"^(\d+)\.0$", r"\1", values.get("uid", [""])[0]),
    )


def _answer(values):
    options = [
        (role[-1], texts.line(markdown(cells[0])))
        for role, cells in values.items()
        if role.startswith("option ")
    ]
    options += [
        ("abcdefgh"[at], texts.line(markdown(each)))
        for at, each in enumerate(_listed(values.get("options", []), r"\n|;|\|")[:8])
    ]
    explanation = "\n\n".join(texts.block(markdown(each)) for each in values.get("explanation", []))
    answers = [texts.block(markdown(each)) for each in values.get("answer", [])]
    right = texts.line(" ".join(values.get("correct", [])))
    wrong = [texts.line(markdown(each)) for each in values.get("wrong", [])]
    if wrong and right and not options:
        options = list(zip("abcdefgh", [right, *wrong], strict=False))
    code = [each if "```" in each else f"```\n{texts.block(each)}\n```" for each in values.get("code", [])]
    explanation = "\n\n".join(filter(None, [explanation, *code]))
    if not options:
        return "\n\n".join(dict.fromkeys(filter(None, [*answers, right, explanation])))
    if not right:
        right, answers = (texts.line(answers[0]) if answers else ""), answers[1:]
    return choices.of(
        choices.right_of(right, options), options, "\n\n".join(filter(None, [*answers, explanation]))
    )


def one_line(value: str) -> str:
    """A cell's text as a title, which has no marks but those of code."""
    shown = markdown(value, is_title=True)
    return texts.line(shown) if shown == texts.clean(value) else titles.plain(texts.line(shown)).text


def markdown(value: str, *, is_title: bool = False) -> str:
    """A cell's text, with HTML as Markdown if there is any."""
    value = texts.clean(value)
    if "&" in value:
        value = _QUOTES.sub(lambda entity: unescape_html(entity[0]), value)
    return html.to_markdown(value, is_title=is_title) if "<" in value and _HTML.search(value) else value


def _listed(values, separators):
    found = [texts.line(part).strip("#* ") for value in values for part in re.split(separators, value)]
    return distinct(found)
