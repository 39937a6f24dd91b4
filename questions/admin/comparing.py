"""Two versions of a document side by side as they are read, and an old version as a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..changes import REVIEW, Change, ChangeSet
from ..differences import names_in
from ..old_pages import version_address
from ..previews import preview_address
from ..reading import Part, parts_of

LISTED = 200  # versions that can be chosen from; an older one can be addressed


@dataclass
class Version:
    """What a document was after a change: one that was made, or one that waits for an Editor."""

    change: Change

    @property
    def pk(self) -> int:
        return self.change.pk

    @property
    def changeset(self) -> ChangeSet:
        return self.change.changeset

    @property
    def waits(self) -> bool:
        return self.changeset.state != ChangeSet.State.APPLIED

    @property
    def deletes(self) -> bool:
        return self.change.deletes

    @property
    def moment(self) -> datetime:
        return self.changeset.applied_at or self.changeset.created

    @property
    def date(self) -> str:
        return date_format(timezone.localtime(self.moment), "j M Y, H:i")

    @property
    def by(self) -> str:
        return str(self.changeset.author or self.changeset.get_source_display())

    @property
    def title(self) -> str:
        facts = {"name": self.by, "date": self.date}
        if self.changeset.state == ChangeSet.State.RETURNED:
            return _("%(name)s’s change, sent back") % facts
        return _("%(name)s’s change, waiting") % facts if self.waits else self.date

    @property
    def label(self) -> str:
        """Its line in a list of versions."""
        text = Truncator(str(self.changeset)).chars(60)
        facts = {"date": self.date, "name": self.by, "text": text}
        if self.waits:
            return _("%(name)s’s change of %(date)s, not public: %(text)s") % facts
        if self.deletes:
            return _("%(date)s, %(name)s: deleted") % facts
        return _("%(date)s, %(name)s: %(text)s") % facts

    @property
    def page(self) -> str:
        """The signed link that shows it as a page; empty where there is none."""
        if self.waits and self.change.kind == "question":
            return preview_address("change", self.pk)
        return "" if self.waits else version_address(self.change)


class Comparing:
    """For the admin of a kind of document: a page that compares two versions.

    `?from=` and `?to=` are primary keys of changes. Without them, it shows what changed last; with one,
    that version beside the newest one, or what waits beside what is public.
    """

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_compare"
        compare = self.admin_site.admin_view(self.compare_view)
        return [path("<int:object_id>/compare/", compare, name=name), *super().get_urls()]

    def compare_view(self, request, object_id):
        row = self.get_object(request, str(object_id))
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        chosen = self._chosen(request.GET)
        if chosen is None:
            return self._no_version(request, row)
        uids = {change.uid for change in chosen.values()}
        if row is None and len(uids) == 1:  # it is gone, and its versions tell what it was
            uid = uids.pop()
            if again := self.model.objects.filter(uid=uid).first():
                return redirect(compare_address(again, **{side: c.pk for side, c in chosen.items()}))
        elif row is None or uids - {row.uid}:
            return self._no_version(request, row)
        else:
            uid = row.uid
        versions = self._comparable(uid)
        pair = _pair(versions, {side: Version(change) for side, change in chosen.items()})
        if pair is None:
            return self._no_version(request, row)
        return render(
            request,
            "admin/questions/compare.html",
            self.admin_site.each_context(request) | self._context(request, row, versions, *pair),
        )

    def _chosen(self, requested) -> dict[str, Change] | None:
        """`{"from" or "to": change}` as far as they are requested; None if there is no such version."""
        pks = {side: requested[side] for side in ("from", "to") if requested.get(side)}
        if not all(pk.isdecimal() and len(pk) < 19 for pk in pks.values()):
            return None
        changes = self._shown_changes().in_bulk({int(pk) for pk in pks.values()})
        if any(int(pk) not in changes for pk in pks.values()):
            return None
        return {side: changes[int(pk)] for side, pk in pks.items()}

    def _shown_changes(self):
        """The changes that are versions: those that were made, and those that wait."""
        states = [ChangeSet.State.APPLIED, *ChangeSet.REVISABLE]
        changes = Change.objects.filter(kind=self.model.kind, changeset__state__in=states)
        deletes = ExpressionWrapper(Q(after__isnull=True), BooleanField())
        return changes.select_related("changeset__author").annotate(deletes=deletes)

    def _comparable(self, uid) -> list[Version]:
        """The versions of a document, the newest first, and before them what waits."""
        changes = self._shown_changes().filter(uid=uid).order_by("-pk")
        changes = changes.defer("before", "after")  # documents may be long; two of them are shown
        versions = [Version(change) for change in changes[:LISTED]]
        return sorted(versions, key=lambda version: not version.waits)

    def _no_version(self, request, row):
        ways = [(self._address("changelist"), _("All %(names)s") % {"names": self.opts.verbose_name_plural})]
        if row:
            history = self._address("history", row.pk)
            ways.insert(0, (history, _("The history of “%(name)s”") % {"name": row}))
        context = {
            "title": _("There is no such version"),
            "text": _(
                "The link may be incomplete, or the version belongs to something else. A change that was "
                "discarded, or whose words were revised, cannot be compared any more."
            ),
            "ways": ways,
        }
        context = self.admin_site.each_context(request) | context
        return render(request, "admin/not_found.html", context, status=404)

    def _context(self, request, row, versions, before, after) -> dict[str, Any]:
        kind = self.model.kind
        documents = [version and version.change.after for version in (before, after)]
        names = names_in((kind, document) for document in documents)
        only = request.GET.get("only") == "differences"
        both_exist = all(documents)
        parts = parts_of(kind, *documents, names)
        different = [part for part in parts if not part.is_same] if both_exist else []
        same = [part for part in parts if part.is_same] if both_exist else []
        for part in different:
            part.mark(only_different=only)
        newest = next((version for version in versions if not version.waits), None)
        gone = newest if row is None and newest and newest.deletes else None
        return {
            "title": _("Two versions as they are read"),
            "opts": self.opts,
            "object": row,
            "name": str(row or (before if after.deletes and before else after).change.label),
            "versions": _with(versions, before, after),
            "sides": [(before, "from"), (after, "to")],
            "after": after,
            "newest": newest,
            "gone": gone,
            "may_bring_back": gone and request.user.has_perm(REVIEW),
            "parts": different if only and both_exist else parts,
            "different": different,
            "says": _says(different, same) if both_exist else _says_one(before, after),
            "only": only,
            "links": _links(versions, before, after, only),
            "list_address": self._address("changelist"),
            "object_address": row and self._address("change", row.pk),
            "history_address": row and self._address("history", row.pk),
            "bring_back_address": gone and self._address("bring_back", gone.pk),
        }

    def _address(self, page, *args):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)


def _says(different: list[Part], same: list[Part]) -> str:
    """What differs and what does not, in a sentence each."""
    names, others = (", ".join(str(part.label) for part in parts) for parts in (different, same))
    if not different:
        return _("Both read the same.")
    text = ngettext("%(n)s part differs: %(names)s.", "%(n)s parts differ: %(names)s.", len(different))
    sentences = [text % {"n": len(different), "names": names}]
    if others:
        sentences.append(_("The same in both: %(names)s.") % {"names": others})
    return " ".join(sentences)


def _says_one(before: Version | None, after: Version) -> str:
    """What there is to read where one of the two versions does not exist."""
    if before is None:
        return _("This is the first version.")
    if after.deletes and before.deletes:
        return _("Neither has words: it was deleted in both.")
    return _("It was deleted in one of the two, so there is nothing to compare.")


def compare_address(row, **sides: int) -> str:
    """The page that compares versions of `row`: `from_` and `to` are changes."""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_compare", args=[row.pk])
    query = urlencode({side.rstrip("_"): pk for side, pk in sides.items()})
    return f"{address}?{query}" if query else address


def _pair(versions: list[Version], chosen: dict[str, Version]) -> tuple[Version | None, Version] | None:
    """The two versions to show; the first is None where there was nothing before. None without any."""
    made = [version for version in versions if not version.waits]
    after = chosen.get("to") or (made[0] if made else None)
    if after is None:
        return None
    return chosen.get("from") or _older(made, after), after


def _older(made: list[Version], than: Version) -> Version | None:
    """The version that was made before `than`; what is public, where that waits."""
    if than.waits:
        return made[0] if made else None
    return next((version for version in made if version.pk < than.pk), None)


def _newer(made: list[Version], than: Version) -> Version | None:
    return next((version for version in reversed(made) if version.pk > than.pk), None)


def _with(versions, *chosen):
    """The versions to choose from, with those that are chosen."""
    listed = {version.pk for version in versions}
    return [*versions, *(version for version in chosen if version and version.pk not in listed)]


def _links(versions, before, after, only) -> dict[str, str]:
    """The ways on from a comparison, as queries; those that lead nowhere are empty."""
    made = [version for version in versions if not version.waits]
    older = None if after.waits else _older(made, after)
    newer = None if after.waits else _newer(made, after)
    shown = {"only": "differences"} if only else {}
    pair = {"from": before.pk, "to": after.pk} if before else {"to": after.pk}
    return {
        "older": older and _query(_older(made, older), older, shown),
        "newer": newer and _query(after, newer, shown),
        "swap": before and _query(after, before, shown),
        "all": "?" + urlencode(pair),
        "only": "?" + urlencode(pair | {"only": "differences"}),
    }


def _query(before, after, shown):
    sides = {"from": before.pk} if before else {}
    return "?" + urlencode(sides | {"to": after.pk} | shown)
