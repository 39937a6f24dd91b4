"""Long lists come in parts with addresses that stay: pages of a topic, parts of a large role."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

# A role of up to WHOLE questions is one page, to be read and searched in one piece.
WHOLE, PART = 300, 100
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")


def part_number(text: str) -> int:
    """The number of a part as an address names it; 1 where it names none. Raises Http404."""
    if text and not _NUMBER.fullmatch(text):
        raise Http404
    return int(text or 1)


def page_at(rows: Any, number: int, size: int) -> Page:
    """The part `number` of `rows`, which are parted by `size`. Raises Http404 beyond the end."""
    try:
        return Paginator(rows, size).page(number)
    except EmptyPage as error:
        raise Http404 from error


def size_of_parts(total: int) -> int:
    """How many of `total` questions of a role are in a part: all of them where it is one page."""
    return PART if total > WHOLE else max(total, 1)


def part_of(number: int, total: int) -> int:
    """The part of a role of `total` questions that has its question `number`."""
    return (number - 1) // size_of_parts(total) + 1


def part_address(address: str, number: int, name: str = "part", **query: Any) -> str:
    """The `address` of a list, at its part `number`; the first part is at the address itself."""
    if number > 1:
        query[name] = number
    return f"{address}?{urlencode(sorted(query.items()), doseq=True)}" if query else address


@dataclass(frozen=True)
class Part:
    """A part of a list of questions, with the numbers of its first and last one."""

    number: int
    first: int
    last: int
    address: str
    is_here: bool

    @property
    def span(self) -> str:
        """“101 to 200”, or the one number."""
        first, last = (number_format(number, force_grouping=True) for number in (self.first, self.last))
        return first if first == last else gettext("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def name(self) -> str:
        text = ngettext("Question %(span)s", "Questions %(span)s", 1 + self.last - self.first)
        return text % {"span": self.span}


def parts_of(
    address: str, total: int, size: int, here: int, name: str = "part", near: int | None = None, **query: Any
) -> list[Part]:
    """The parts of the list of `total` questions at `address`; none where it is in one piece.

    With `near`, only those that are no further from the part `here`.
    """
    last = -(-total // size)
    numbers = range(1, last + 1) if last > 1 else range(0)
    if near is not None:
        numbers = numbers[max(here - near - 1, 0) : here + near]
    return [
        Part(
            number=number,
            first=(number - 1) * size + 1,
            last=min(number * size, total),
            address=part_address(address, number, name, **query),
            is_here=number == here,
        )
        for number in numbers
    ]
