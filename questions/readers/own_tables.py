"""The tables that this site exports, taken back to the letter, as far as a table holds a question."""

from dataclasses import dataclass
from typing import NamedTuple

from .. import own_tables
from .. import text as texts
from .reading import FoundQuestion


class Row(NamedTuple):
    line: int
    cells: list[str]


@dataclass
class OwnTable:
    """A table of this site: the key of each column, and whether its cells have marks."""

    roles: list[str]
    is_marked: bool

    def without_marks(self, row: Row) -> Row:
        return (
            row._replace(cells=[own_tables.unmarked(cell) for cell in row.cells]) if self.is_marked else row
        )

    def question_of(self, values: dict[str, list[str]], line: int) -> FoundQuestion:
        """The question of a row; `values` are its filled cells by key."""
        cells = {key: found[0] for key, found in values.items()}
        answers = [texts.block(cells.get(key, "")) for key in ("short_answer", "answer")]
        return FoundQuestion(
            text=texts.line(cells["question"]),
            difficulty=cells.get("difficulty", ""),
            answer="\n\n".join(filter(None, answers)),
            key_points=_lines(cells.get("key_points", "")),
            topics=_lines(cells.get("topics", "")),
            line=line,
            uid=cells.get("id", ""),
        )


def of_head(names: list[str], *, is_csv: bool) -> OwnTable | None:
    """The table of this site whose columns have these names; None where it is somebody else's."""
    keys, is_neutral = own_tables.columns_of(names)
    return OwnTable(keys, is_neutral and is_csv) if keys else None


def _lines(cell):
    return [line for each in cell.split("\n") if (line := texts.line(each))]
