"""Before much is done: a page that lists what an act would touch, and does just that once it is confirmed.

The page sends back the digest of the documents as they were when it was shown. Where they have moved on,
nothing is applied and the page is shown again.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ..changes import Change
from ..documents import KINDS, Label, in_batches

FEW = 10  # documents that are touched without a question
LISTED = 500  # documents that a page names of each group


class Touched(NamedTuple):
    """A document on the page: its name and, where it has one, the address of its form."""

    name: str
    url: str = ""


@dataclass
class Group:
    """Documents to which the same happens, under one heading; `reason` says what."""

    heading: Label
    rows: Sequence[Touched]
    reason: Label = ""

    @property
    def shown(self) -> Sequence[Touched]:
        return self.rows[:LISTED]

    @property
    def more(self) -> int:
        return max(0, len(self.rows) - LISTED)


@dataclass
class Confirmation:
    """What an act would do, and whether a request confirms just that.

    `versions` are `(kind, uid, version)` of all that it touches and `act` is the act with its value:
    both make the digest. Where more than a few documents disappear from the public, `disappearing` of
    them, their number has to be typed.
    """

    title: Label
    summary: Label
    button: Label
    act: str
    versions: Iterable[tuple[str, str, int]]
    groups: list[Group]
    untouched: list[Group] = field(default_factory=list)
    facts: list[Label] = field(default_factory=list)
    disappearing: int = 0
    hidden: list[tuple[str, str]] = field(default_factory=list)  # what the next request needs besides
    back: str = ""

    @cached_property
    def digest(self) -> str:
        text = json.dumps([self.act, *sorted(self.versions)])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def is_grave(self) -> bool:
        return self.disappearing > FEW

    def is_given_by(self, request: HttpRequest) -> bool:
        """Whether the request confirms what is shown. Says why not where it tries to."""
        given = request.POST.get("confirmed")
        if given is None:
            return False
        if given != self.digest:
            reason = _("Nothing was applied: something that it touches has changed meanwhile. Look again.")
            messages.error(request, reason)
            return False
        if self.is_grave and request.POST.get("number", "").strip() != str(self.disappearing):
            messages.error(request, _("Nothing was applied: type the number of what disappears."))
            return False
        return True

    def page(self, request: HttpRequest, modeladmin) -> HttpResponse:
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": self.title,
            "opts": modeladmin.opts,
            "media": modeladmin.media,
            "confirmation": self,
            "list_url": reverse(f"admin:{modeladmin.opts.app_label}_{modeladmin.opts.model_name}_changelist"),
            "leave_url": self.back or reverse("admin:index"),
        }
        return TemplateResponse(request, "admin/confirm.html", context)


def rows_of(documents) -> list[Touched]:
    """The rows of a page for rows of the bank."""
    return [
        Touched(str(row), reverse(f"admin:questions_{row.kind}_change", args=[row.pk])) for row in documents
    ]


def versions_of(keys: "dict[str, Iterable[str]]") -> list[tuple[str, str, int]]:
    """`[(kind, uid, version), …]` of the documents `{kind: uids}` as they are now."""
    versions = []
    for kind, uids in keys.items():
        for batch in in_batches(sorted(set(uids))):
            rows = KINDS[kind].model._base_manager.filter(uid__in=batch).order_by()
            versions += [(kind, uid, version) for uid, version in rows.values_list("uid", "version")]
    return versions


def groups_of(changes: "Sequence[Change]") -> list[Group]:
    """The documents of `changes` by what happens to them for readers."""
    groups = {
        _("What disappears from the public"): [change for change in changes if change.hides],
        _("What becomes public"): [change for change in changes if change.shows],
        _("What is deleted"): [c for c in changes if c.after is None and not c.hides],
        _("What changes"): [c for c in changes if c.after is not None and not c.hides and not c.shows],
    }
    addresses = _addresses(changes)
    return [
        Group(heading, [Touched(change.label, addresses.get(change.key, "")) for change in of_group])
        for heading, of_group in groups.items()
        if of_group
    ]


def _addresses(changes):
    """`{(kind, uid): address of the form}` of those that exist."""
    addresses = {}
    for kind, schema in KINDS.items():
        for batch in in_batches([change.uid for change in changes if change.kind == kind]):
            rows = schema.model._base_manager.filter(uid__in=batch).order_by()
            for pk, uid in rows.values_list("pk", "uid"):
                addresses[kind, uid] = reverse(f"admin:questions_{kind}_change", args=[pk])
    return addresses
