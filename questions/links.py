"""Links: what became of the addresses that the bank leads to, and which documents use them.

They are no documents: what looks found is no act of a curator. `manage.py checklinks` looks, and every
applied change set keeps the uses of known addresses equal to what its documents say.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .addresses import MAX_BYTES, addresses_of, replaced
from .changes import Change, ChangeSet, changes_applied
from .documents import KINDS, DocumentDict, DocumentKey, Item, in_batches, read
from .looks import Look, State
from .refusals import Closed, Conflict

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .models import Role


# Documents that use a link, each with the places in it: keys, or sections and fields.
Users: TypeAlias = dict[DocumentKey, list[str]]


class LinkQuerySet(models.QuerySet["Link"]):
    def used(self) -> Self:
        """Those that a document leads to now."""
        return self.filter(Exists(LinkUse.objects.filter(link=OuterRef("pk"))))

    def dead(self) -> Self:
        return self.used().filter(state=State.DEAD, accepted=False)

    def moved(self) -> Self:
        """Those whose host says that another address has taken their place for good."""
        return self.used().filter(state=State.MOVED, accepted=False)

    def doubtful(self) -> Self:
        """Those that answer, but perhaps not with what a visitor looks for."""
        return self.used().filter(state=State.DOUBTFUL, accepted=False)

    def listed(self) -> Self:
        """Those that a curator should look into."""
        return self.used().filter(state__in=Link.LISTED, accepted=False)

    def accepted(self) -> Self:
        """Those that would be listed, had not a person found them fine."""
        return self.used().filter(state__in=Link.LISTED, accepted=True)

    def counts(self) -> dict[str, int]:
        """`{state: number}` of those that are listed, and of those that are `accepted`; one query."""
        listed = {state: Count("pk", filter=Q(state=state, accepted=False)) for state in Link.LISTED}
        accepted = Count("pk", filter=Q(accepted=True))
        return self.used().filter(state__in=Link.LISTED).aggregate(**listed, accepted=accepted)

    def used_in_role(self, uid: str) -> Self:
        """Those that the role `uid` or one of its questions leads to."""
        from .models import Question  # which imports this

        questions = Question.objects.filter(placements__role__uid=uid)
        in_role = Q(kind="role", uid=uid) | Q(kind="question", uid__in=questions.values("uid"))
        return self.filter(Exists(LinkUse.objects.filter(in_role, link=OuterRef("pk"))))

    def users(self) -> dict[int, Users]:
        """`{pk: the documents that use it}`, one query."""
        uses = LinkUse.objects.filter(link__in=self.order_by().values("pk")).order_by("pk")
        users: dict[int, Users] = {}
        for link, kind, uid, place in uses.values_list("link", "kind", "uid", "place"):
            users.setdefault(link, {}).setdefault((kind, uid), []).append(place)
        return users

    def roles(self, users: dict[int, Users], roles: "Iterable[Role]") -> "dict[int, set[Role]]":
        """`{pk: those of roles}` that their `users()` are, or whose questions they are; one query."""
        from .models import Placement  # which imports this

        by_pk = {role.pk: role for role in roles}
        by_document = {("role", role.uid): {role} for role in roles}
        uses = LinkUse.objects.filter(link__in=self.order_by().values("pk"), kind="question")
        placed = Placement.objects.filter(question__uid__in=uses.order_by().values("uid")).order_by()
        for uid, role in placed.values_list("question__uid", "role"):
            if role in by_pk:  # and not made a moment ago
                by_document.setdefault(("question", uid), set()).add(by_pk[role])
        return {pk: {role for key in keys for role in by_document.get(key, ())} for pk, keys in users.items()}


class Link(models.Model):
    """An address that documents lead to, and what the last looks found there."""

    LISTED: ClassVar = [State.DEAD, State.DOUBTFUL, State.MOVED]  # in the order of the page

    address = models.CharField(_("address"), max_length=MAX_BYTES, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.UNKNOWN)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    reason = models.CharField(_("what happened"), max_length=300, blank=True)
    new_address = models.CharField(_("new address"), max_length=MAX_BYTES, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    failed_looks = models.PositiveIntegerField(_("failed looks in a row"), default=0)
    looked_at = models.DateTimeField(_("last look"), null=True, blank=True)
    accepted = models.BooleanField(
        _("found fine by a person"), default=False, help_text=_("Until a look finds another state.")
    )

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["address", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="link_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.MOVED) ^ Q(new_address=""), name="link_moved_has_a_new_address"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "accepted"], name="link_state_accepted"),
            models.Index(fields=["looked_at"], name="link_looked_at"),
        ]

    def __str__(self):
        return self.address

    def save_look(self, look: Look, at: datetime | None = None) -> None:
        """Keep what a look found. No answer once may be chance; twice in a row, the address is dead."""
        at = at or timezone.now()
        was = self.state
        state, reason, new_address = look.state, look.reason, look.new_address
        if state == State.UNKNOWN and was in (State.UNKNOWN, State.DEAD) and self.failed_looks:
            state = State.DEAD
        if len(new_address.encode()) > MAX_BYTES:
            state, reason, new_address = State.FINE, gettext("leads to a very long address"), ""
        has_failed = state not in (State.FINE, State.MOVED)
        self.failing_since = (self.failing_since or at) if has_failed else None
        self.failed_looks = self.failed_looks + 1 if has_failed else 0
        self.accepted = self.accepted and state == was
        self.state, self.status, self.looked_at = state, look.status, at
        self.reason, self.new_address = reason[:300], new_address
        # By key: a look takes its time, and the row may be gone by now.
        names = [field.name for field in self._meta.fields if field.name not in ("id", "address")]
        Link.objects.filter(pk=self.pk).update(**{name: getattr(self, name) for name in names})

    def documents(self) -> dict[DocumentKey, DocumentDict]:
        """`{(kind, uid): document}` of those that lead here now."""
        items = [Item(kind, uid, None) for kind, uid in self.users()]
        documents = {key: saved.document for key, saved in read(items).items()}
        return {
            key: document
            for key, document in documents.items()
            if document and self.address in {address for address, _place in addresses_of(key[0], document)}
        }

    def users(self) -> Users:
        """The documents that are known to lead here."""
        return Link.objects.filter(pk=self.pk).users().get(self.pk, {})

    def changes_of_new_address(self) -> list[Change]:
        """The changes, not saved, that lead all documents to the new address.

        Raises Closed where there is nothing to do, and Conflict where a document moves on meanwhile.
        """
        if not self.new_address:
            raise Closed(gettext("%(address)s leads nowhere else any more.") % {"address": self})
        documents = self.documents()
        items = [
            Item(kind, uid, replaced(kind, document, self.address, self.new_address))
            for (kind, uid), document in documents.items()
        ]
        changes = Change.objects.towards(items, by_uid=True)
        if not documents:
            raise Closed(gettext("No document leads to %(address)s any more.") % {"address": self})
        if not changes:
            text = gettext("Write the new address by hand: it does not fit where %(address)s stands.")
            raise Closed(text % {"address": self})
        if moved := [change for change in changes if change.before != documents[change.key]]:
            raise Conflict(moved)
        return changes

    def take_new_address(self, author: "User", changes: list[Change] | None = None) -> ChangeSet:
        """Make the changes of `changes_of_new_address()`, or those that it gave, as one change set.

        Raises what it and `ChangeSet.apply()` raise.
        """
        changes = self.changes_of_new_address() if changes is None else changes
        text = ngettext(
            "New address in %(n)s document: %(address)s",
            "New address in %(n)s documents: %(address)s",
            len(changes),
        )
        summary = text % {"n": len(changes), "address": self.new_address}
        with transaction.atomic():
            # Known, and looked at by the look that led there, so that its uses are kept from now on.
            found = {"state": State.FINE, "status": self.status, "looked_at": self.looked_at}
            Link.objects.get_or_create(address=self.new_address, defaults=found)
            changeset = ChangeSet.objects.planned(
                changes, author=author, source=ChangeSet.Source.ADMIN, summary=summary[:300]
            )
            changeset.apply(author)
        return changeset


class LinkUseQuerySet(models.QuerySet["LinkUse"]):
    def refresh(self) -> None:
        """Make links and uses equal to what the whole bank says."""
        for kind, schema in KINDS.items():
            rows = schema.model._base_manager.order_by("pk")
            self.filter(kind=kind).exclude(uid__in=rows.order_by().values("uid")).delete()
            for uids in in_batches(list(rows.values_list("uid", flat=True))):
                self._refresh_batch(kind, uids)
        Link.objects.filter(uses=None).delete()

    def _refresh_batch(self, kind, uids):
        saved = KINDS[kind].read(uids)
        found = _found(kind, {uid: each.document for uid, each in saved.items()})
        rows = KINDS[kind].model._base_manager.filter(uid__in=uids).order_by("uid")
        with transaction.atomic():
            versions = dict(rows.select_for_update(no_key=True).values_list("uid", "version"))
            # What was saved since has been followed since.
            same = {uid for uid, each in saved.items() if versions.get(uid) == each.version}
            self._write(kind, same, {use for use in found if use[1] in same}, new=True)

    def follow(self, changes: Iterable[Change]) -> None:
        """Make the uses of known addresses equal to what documents say after `changes`."""
        by_kind: dict[str, dict[str, DocumentDict | None]] = {}
        for change in changes:
            by_kind.setdefault(change.kind, {})[change.uid] = change.after
        for kind, documents in by_kind.items():
            for uids in in_batches(list(documents)):
                self._write(kind, uids, _found(kind, {uid: documents[uid] for uid in uids}), new=False)

    def _write(self, kind, uids, found, *, new):
        """Make the uses by the documents `uids` equal to `found`; with `new`, of unknown addresses, too."""
        links = _links_of({address for address, _uid, _place in found}, new)
        wanted = {(links[address], uid, place) for address, uid, place in found if address in links}
        rows = self.filter(kind=kind, uid__in=uids).values_list("pk", "link", "uid", "place")
        known = {(link, uid, place): pk for pk, link, uid, place in rows}
        for pks in in_batches([known[use] for use in known.keys() - wanted]):
            self.filter(pk__in=pks).delete()
        new_uses = [
            LinkUse(link_id=link, kind=kind, uid=uid, place=place)
            for link, uid, place in sorted(wanted - known.keys())
        ]
        LinkUse.objects.bulk_create(new_uses, batch_size=500, ignore_conflicts=True)


def _found(kind: str, documents: Mapping[str, DocumentDict | None]) -> set[tuple[str, str, str]]:
    """`{(address, uid, place)}` of all in `documents`, `{uid: document}`."""
    return {
        (address, uid, place)
        for uid, document in documents.items()
        for address, place in (addresses_of(kind, KINDS[kind].normal(document) or {}) if document else ())
    }


def _links_of(addresses: Collection[str], new: bool) -> dict[str, int]:
    """`{address: pk}` of `addresses` that are known; with `new`, of all."""
    found: dict[str, int] = {}
    for batch in in_batches(sorted(addresses)):
        found |= dict(Link.objects.filter(address__in=batch).values_list("address", "pk"))
        if new and (unknown := [address for address in batch if address not in found]):
            Link.objects.bulk_create([Link(address=address) for address in unknown], ignore_conflicts=True)
            found |= dict(Link.objects.filter(address__in=unknown).values_list("address", "pk"))
    return found


class LinkUse(models.Model):
    """A document that leads to an address, and the place in it: a key, or a section and a field."""

    link = models.ForeignKey(Link, models.CASCADE, related_name="uses")
    kind = models.CharField(_("kind"), max_length=20)
    uid = models.CharField(_("id"), max_length=100)
    place = models.CharField(_("place"), max_length=60)

    objects = LinkUseQuerySet.as_manager()

    class Meta:
        verbose_name = _("use of a link")
        verbose_name_plural = _("uses of links")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "uid", "link", "place"], name="linkuse_once_per_place")
        ]

    def __str__(self):
        return f"{self.kind} {self.uid}: {self.place}"


@receiver(changes_applied)
def follow_links(changeset: ChangeSet, changes: Sequence[Change], **kwargs: Any) -> None:
    """Keep the uses of known addresses, so that what was mended leaves the list at once."""
    if Link.objects.exists():
        LinkUse.objects.follow(changes)
