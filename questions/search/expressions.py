"""What to look for in the index, in a form that every engine can write down in its own language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .tokens import Phrase


@dataclass(frozen=True)
class AllOf:
    parts: "Sequence[Expression]"


@dataclass(frozen=True)
class AnyOf:
    parts: "Sequence[Expression]"


Expression: TypeAlias = AllOf | AnyOf | Phrase


@dataclass(frozen=True)
class Wanted:
    """What an entry has to have: the words, if any, and one value of each of `facets`."""

    facets: Sequence[Sequence[str]]
    words: Expression | None = None
    in_title: bool = False
