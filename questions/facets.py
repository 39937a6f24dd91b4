"""What the hits of a search are narrowed by: difficulty, roles and topics."""

from collections import Counter
from collections.abc import Iterable

from .search import Hit


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
        wanted = [(name, set(values)) for name, values in self.chosen.items() if name != but]
        return [hit for hit in hits if all(values & values_of(hit, name) for name, values in wanted)]

    def counts(self, name: str, hits: Iterable[Hit]) -> Counter:
        """How many `hits` each value of the facet `name` would show, with the others as they are."""
        return Counter(value for hit in self.let_through(hits, but=name) for value in values_of(hit, name))


def values_of(hit: Hit, name: str) -> set:
    return {hit.difficulty} if name == "difficulty" else set(getattr(hit, name))
