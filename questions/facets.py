"""What the hits of a search are narrowed by: difficulty, roles and topics."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import Any

from .search import Hit
from .search.entries import facet

NAMES = {"difficulty": "difficulty", "roles": "role", "topics": "topic"}  # as the index has them


class Facets:
    """The values that were chosen: `{"difficulty": […], "roles": [pk, …], "topics": [pk, …]}`, none empty.

    A hit has to have one of the values of each facet.
    """

    def __init__(self, chosen: dict[str, list]):
        self.chosen = chosen

    def __bool__(self) -> bool:
        return bool(self.chosen)

    def let_through(self, hits: Iterable[Hit], but: str = "") -> list[Hit]:
        """The hits that pass every facet, `but` for one."""
        wanted = [
            {facet(NAMES[name], value) for value in values}
            for name, values in self.chosen.items()
            if name != but
        ]
        return [hit for hit in hits if all(not words.isdisjoint(hit.facets.split()) for words in wanted)]

    def counts(self, name: str, hits: Iterable[Hit]) -> Counter[Any]:
        """How many `hits` each value of the facet `name` would show, with the others as they are."""
        words = Counter(chain.from_iterable(hit.facets.split() for hit in self.let_through(hits, but=name)))
        prefix = NAMES[name]
        values = ((word.removeprefix(prefix), n) for word, n in words.items() if word.startswith(prefix))
        as_value = str if name == "difficulty" else int
        return Counter({as_value(value): n for value, n in values if value})
