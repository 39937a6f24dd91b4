"""What the hits of a search are narrowed by: difficulty, roles and topics."""

from collections import Counter
from collections.abc import Iterable
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
        for name, values in self.chosen.items():
            if name != but:
                wanted = [f" {facet(NAMES[name], value)} " for value in values]
                hits = [hit for hit in hits if any(word in hit.facets for word in wanted)]
        return list(hits)

    def counts(self, hits: list[Hit]) -> dict[str, Counter[Any]]:
        """For each facet, how many `hits` each of its values would show, with the others as they are."""
        # What is not chosen takes nothing away: so these facets are counted together.
        words = {name: self._words(hits, but=name) for name in ["", *self.chosen]}
        return {name: _values(name, words.get(name, words[""])) for name in NAMES}

    def _words(self, hits, but):
        """How often each word of a facet is in the hits that the facets let through, `but` for one."""
        return Counter("".join(hit.facets for hit in self.let_through(hits, but)).split())


def _values(name, words):
    """The counts of a facet. The word that is its name alone is the kind of a row."""
    prefix = NAMES[name]
    as_value = str if name == "difficulty" else int
    values = ((word.removeprefix(prefix), count) for word, count in words.items() if word.startswith(prefix))
    return Counter({as_value(value): count for value, count in values if value})
