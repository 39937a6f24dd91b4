"""Topics and categories by the names that files use."""

from collections.abc import Iterable
from typing import Any

from ..changes import Change
from ..documents import KINDS, DocumentDict
from ..fields import slug_of
from ..models import FormerSlug
from ..text import fold, line
from .candidates import LONGEST


class Names:
    """The documents of a kind by name, address or id; those that are missing are made, if that is allowed."""

    def __init__(self, kind: str, *, may_make: bool):
        self.kind, self.may_make = kind, may_make
        self.made: dict[str, DocumentDict] = {}
        self.planned: list[Change] = []
        self.missing: set[str] = set()
        self.by_name: dict[str, str] = {}
        self.uids_in_use: set[str] = set()
        documents: Any = KINDS[kind].model.objects
        rows = documents.order_by("pk").values_list("uid", "slug", "name")
        for uid, slug, name in rows:
            self.uids_in_use.add(uid)
            for each in (fold(name), slug, uid):
                self.by_name.setdefault(each, uid)
        # Names of what was merged into another, or named otherwise since.
        for slug, uid in FormerSlug.objects.filter(kind=kind).values_list("slug", "target"):
            self.by_name.setdefault(slug, uid)

    def uids(self, names: Iterable[str]) -> list[str]:
        """The ids of `names`, sorted, each once; names that are nowhere and may not be made are left off."""
        return sorted({uid for name in names if (uid := self.uid(name))})

    def uid(self, name: str) -> str:
        """The id of the document `name`; empty where there is none and none may be made."""
        name = line(name)
        uid = self.by_name.get(name) or self.by_name.get(fold(name)) or self.by_name.get(slug_of(name))
        return uid or self._make(name)

    def _make(self, name):
        slug = slug_of(name)[:80].strip("-")
        if not slug or len(name) > LONGEST or not self.may_make or slug in self.uids_in_use:
            self.missing.add(name)
            return ""
        self.made[slug] = {"slug": slug, "name": name}
        self.by_name[fold(name)] = self.by_name[slug] = slug
        return slug
