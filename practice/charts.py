"""Where the parts of a picture stand. All is in px of its viewBox: CSS gives it size and colours."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple


class Column(NamedTuple):
    """A day and its number, drawn `height` high with the upper left corner at `x`, `y`."""

    day: date
    number: int
    x: int
    y: float
    height: float


class DayChart:
    """A column for each day; `today`, the first or the last of them, and each week from it have names."""

    BASE, HIGHEST, PITCH, WEEK = 82, 60, 24, 7

    def __init__(self, days: Sequence[date], numbers: Sequence[int], today: date):
        self.today, self.total, self.most = today, sum(numbers), max(numbers)
        self.columns = [self._column(*each) for each in zip(range(len(days)), days, numbers, strict=True)]

    def _column(self, index, day, number):
        height = round(self.HIGHEST * number / max(self.most, 1), 1)
        return Column(day, number, 4 + self.PITCH * index, self.BASE - height, height)

    @property
    def of_today(self) -> int:
        return next(column.number for column in self.columns if column.day == self.today)

    @property
    def busy(self) -> list[Column]:
        """The days that have any."""
        return [column for column in self.columns if column.number]

    @property
    def named(self) -> list[Column]:
        return [column for column in self.columns if (column.day - self.today).days % self.WEEK == 0]

    @property
    def highest(self) -> Column:
        """The first that is as high as any: its number gives the scale."""
        return max(self.columns, key=lambda column: column.height)

    @property
    def path(self) -> str:
        return "".join(f"M{column.x} {column.y}h4v{column.height}h-4z" for column in self.busy)

    @property
    def ticks(self) -> str:
        """Those of the axis: long ones where there is a name."""
        lengths = {column.x: 6 for column in self.named}
        return "".join(f"M{x} {self.BASE + 3}h1v{lengths.get(x, 3)}h-1z" for _, _, x, _, _ in self.columns)


class Tenth(NamedTuple):
    """A tenth of what can be predicted, and how high its share stands and was expected to stand."""

    x: int
    y: float
    height: float
    expected: float


class RecallChart:
    """For each tenth of the chances, a column of what was known, and a tick where it was expected."""

    BASE, HIGHEST, FIRST, PITCH = 112, 100, 52, 30

    def __init__(self, shares: Iterable[tuple[int, float, float]]):
        """`shares`: tenth (0 to 9), predicted, known (0 to 1)."""
        self.tenths = [self._tenth(*each) for each in shares]

    def _tenth(self, tenth, predicted, known):
        height = round(self.HIGHEST * known, 1)
        expected = round(self.BASE - self.HIGHEST * predicted, 1)
        return Tenth(self.FIRST + self.PITCH * tenth, self.BASE - height, height, expected)


class Stroke(NamedTuple):
    x: float
    y: int
    width: float
    height: int


class Ruler:
    """Numbers of cards as strokes of one line: the known ones thick, then the shaky ones, then the others."""

    PITCH, WIDEST, HEIGHTS = 6, 90, (14, 8, 3)

    def __init__(self, numbers: Sequence[int], most: int):
        """`numbers` known, shaky and not yet, in a list whose longest ruler has `most` cards."""
        pitch = min(self.PITCH, self.WIDEST / most)
        self.parts: list[Stroke] = []
        x = 0.0
        for number, height in zip(numbers, self.HEIGHTS, strict=True):
            if number:
                y = self.HEIGHTS[0] - height
                self.parts.append(Stroke(round(x, 1), y, round(number * pitch, 1), height))
            x += number * pitch
