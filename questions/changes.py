"""Change sets: every change of the bank, by any person or command and by whichever way.

A change set is one act on some documents, each as it was before and as it is after. It is planned
first: reading, rendering and validating happen outside any transaction. Applying it is one short
transaction, which compares versions again. What is written by the ORM directly is recorded as a
change set by `recording`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Count, F, Max, ProtectedError, Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from . import documents, writing
from .differences import Difference, Differences
from .documents import (
    BATCH,
    KINDS,
    DocumentDict,
    DocumentKey,
    Item,
    Label,
    Saved,
    former_slugs_after,
    in_batches,
)
from .refusals import Closed, Conflict, Incomplete, Invalid

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .recording import Recorder

REVIEW = "questions.review_changeset"  # the permission that makes an Editor
NOTE_LENGTH = 2_000  # characters of what author and reviewer write to each other
PLAN_LIFETIME = timedelta(days=1)  # then a planned set that nobody confirmed is removed

# Sent inside the transaction, with `changeset` and `changes`, when a change set has been applied and
# before the content version rises. An error of a receiver takes the act back.
changes_applied = Signal()

current_recorder: "ContextVar[Recorder | None]" = ContextVar("current_recorder", default=None)
is_web_request = ContextVar("is_web_request", default=False)


class ChangeSetQuerySet(models.QuerySet["ChangeSet"]):
    def applied(self) -> Self:
        return self.filter(state=ChangeSet.State.APPLIED)

    def proposals(self) -> Self:
        """Proposals that their authors can still revise: those that wait and those that came back."""
        return self.filter(state__in=ChangeSet.REVISABLE)

    def waiting(self) -> Self:
        """Proposals that wait for an Editor, the oldest first."""
        return self.filter(state=ChangeSet.State.PROPOSED).order_by("pk")

    def proposed_by(self, author: "User") -> Self:
        """The proposals of `author`: open, or decided on by an Editor; the newest first."""
        decided = Q(state__in=ChangeSet.OUTCOMES, reviewer__isnull=False)
        own = self.filter(Q(state__in=ChangeSet.REVISABLE) | decided, author=author)
        return own.exclude(subject="").select_related("reviewer").order_by("-pk")

    def plan(self, items: Iterable[Item], *, by_uid: bool = False, **fields: Any) -> "ChangeSet":
        """A planned set that would make the bank equal to `items`.

        References may be slugs, unless `by_uid`. Documents that are as they should be are left out, so
        the set may be empty. Raises Invalid.
        """
        return self.planned(Change.objects.towards(items, by_uid=by_uid), **fields)

    def planned(
        self, changes: "list[Change]", *, progress: Callable[[int], None] | None = None, **fields: Any
    ) -> "ChangeSet":
        """A planned set of `changes`, which are rendered and validated first. Raises Invalid.

        `progress` is called with the number of documents that are ready, after each.
        """
        changeset = ChangeSet(state=ChangeSet.State.PLANNED, **fields)
        changeset.prepare(changes, progress)
        with transaction.atomic():
            self._sweep()
            changeset.save()
            changeset.add(changes)
        return changeset

    def _sweep(self):
        abandoned = self.filter(state=ChangeSet.State.PLANNED, created__lt=timezone.now() - PLAN_LIFETIME)
        abandoned.delete()

    def propose(
        self, author: "User", uid: str, document: DocumentDict, *, note: str = ""
    ) -> "ChangeSet | None":
        """A proposed set: other words for a published question, for an Editor to apply.

        It takes the place of what the author proposed for the question before. None where the words
        are the public ones. Raises Invalid, and PermissionDenied for what may not be proposed.
        """
        changes = Change.objects.towards([Item("question", uid, document)], by_uid=True)
        if not changes:
            return None
        if not author.has_perm("questions.change_question") or not all(map(_is_proposable, changes)):
            raise PermissionDenied(gettext("An Editor has to do this."))
        proposal = ChangeSet(
            author=author,
            source=ChangeSet.Source.ADMIN,
            state=ChangeSet.State.PROPOSED,
            subject=uid,
            summary=_summary(changes),
            note=note,
        )
        proposal.prepare(changes)
        with transaction.atomic():
            KINDS["question"].read([uid], lock=True)  # one proposal at a time
            waiting = self.proposals().filter(author=author, subject=uid).first()
            if waiting and waiting.is_same_proposal(proposal, changes):
                return waiting
            if waiting:
                self.filter(pk=waiting.pk).update(state=ChangeSet.State.SUPERSEDED)
            proposal.save()
            proposal.add(changes)
            if waiting:
                self.filter(pk=waiting.pk).update(superseded_by=proposal)
        return proposal


class ChangeSet(models.Model):
    """One act of one person (or command) on some documents."""

    class Source(models.TextChoices):
        ADMIN = "admin", _("admin")
        IMPORT = "import", _("import")
        LOAD = "load", _("load of the shipped bank")
        COMMAND = "command", _("command")
        UNDO = "undo", _("undo")

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        PROPOSED = "proposed", _("proposed")
        RETURNED = "returned", _("returned")
        APPLIED = "applied", _("applied")
        DISCARDED = "discarded", _("discarded")
        SUPERSEDED = "superseded", _("superseded")

    REVISABLE: ClassVar = [State.PROPOSED, State.RETURNED]
    OPEN: ClassVar = [State.PLANNED, *REVISABLE]
    OUTCOMES: ClassVar[dict[str, Label]] = {
        State.APPLIED: _("published"),
        State.SUPERSEDED: _("changed and published"),
        State.DISCARDED: _("discarded"),
    }

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="changesets"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reviewed_changesets"
    )
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    subject = models.CharField(
        _("subject"), max_length=100, blank=True, help_text=_("The id of the question of a proposal.")
    )
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True, help_text=_("Why the author makes the change."))
    reply = models.TextField(_("reply"), blank=True, help_text=_("What the reviewer says to a proposal."))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )
    superseded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="supersedes",
        verbose_name=_("superseded by"),
    )

    objects = ChangeSetQuerySet.as_manager()

    differences: list[Difference]  # with `with_differences()`

    class Meta:
        verbose_name = _("change set")
        verbose_name_plural = _("change sets")
        ordering = ["-pk"]
        permissions = [("review_changeset", _("Can review, publish, retire and undo"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["admin", "import", "load", "command", "undo"]),
                name="changeset_source_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["planned", "proposed", "returned", "applied", "discarded", "superseded"]
                ),
                name="changeset_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False)
                | (~Q(state="applied") & Q(applied_at=None)),
                name="changeset_applied_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["author", "subject"],
                condition=Q(state__in=["proposed", "returned"]) & ~Q(subject=""),
                name="changeset_one_proposal_per_author_and_question",
            ),
        ]

    def __str__(self):
        return self.summary or gettext("Change set %(number)s") % {"number": self.pk}

    @property
    def is_open(self) -> bool:
        """Whether it can still be applied."""
        return self.state in self.OPEN

    # Planning

    def prepare(self, changes: "list[Change]", progress: Callable[[int], None] | None = None) -> None:
        """Render and validate `changes`, so that `apply()` only has to write. Raises Invalid."""
        prepared = writing.prepare(changes, progress)
        if prepared.errors:
            wrong = [change for change in changes if change.key in prepared.errors]
            raise Invalid([(change, ValidationError(prepared.errors[change.key])) for change in wrong])
        self._planned = changes, prepared

    @cached_property
    def _planned(self):
        """The changes and their rows, where another process planned them."""
        self.prepare(self.planned_changes())
        return self._planned

    def planned_changes(self) -> "list[Change]":
        """The changes of a set that waits, with the keys of today."""
        changes = list(self.changes.all())
        saved = documents.read(changes)
        for change in changes:
            # A key that an older release did not know stays as the bank has it.
            now = saved.get(change.key, Saved()).document
            planned = change.before, change.after
            change.before, change.after = (
                document and KINDS[change.kind].normal({**(now or {}), **document}) for document in planned
            )
            change.is_completed = planned != (change.before, change.after)
        return changes

    def add(self, changes: "Collection[Change]") -> None:
        """Keep `changes` as those of this set."""
        for change in changes:
            change.changeset = self
        Change.objects.bulk_create(changes, batch_size=BATCH)

    # Applying

    def apply(self, reviewer: "User | None" = None) -> None:
        """Make the planned changes, in the name of `reviewer`.

        Raises, with nothing written, Conflict if a document moved on, Invalid if one breaks a rule,
        Closed if the set has been applied or discarded, PermissionDenied if the reviewer is no Editor.
        """
        if current_recorder.get():
            raise RuntimeError("A change set is applied on its own, not inside record().")
        self.reviewer = reviewer
        changes, prepared = self._planned
        was = self.state, self.applied_at
        try:
            with transaction.atomic():
                self._lock()
                changes = self._needed(changes)
                self.check_rights(changes)
                self._write(changes, prepared)
                for change in changes:
                    if change.is_completed:
                        change.save(update_fields=["before", "after"])
                self.commit(changes)
        except BaseException:
            self.state, self.applied_at = was  # as the database has it again
            raise
        finally:
            del self._planned  # rows that have been written, or may be out of date

    @staticmethod
    def _write(changes, prepared):
        try:
            with transaction.atomic():
                writing.write(changes, prepared)
                refused = writing.remove(changes)
        except (IntegrityError, ProtectedError) as error:
            raise Conflict(changes) from error
        if refused:
            raise Conflict(refused)

    @contextmanager
    def removed_if_it_fails(self) -> Iterator[None]:
        """Let an act that nobody looks through first leave no plan behind, even if it is interrupted."""
        try:
            yield
        except BaseException:
            ChangeSet.objects.filter(pk=self.pk, state=self.State.PLANNED).delete()
            raise

    def _lock(self):
        """Hold the row until the transaction ends. Raises Closed if the set is not open any more."""
        now = ChangeSet.objects.select_for_update().get(pk=self.pk)
        if not now.is_open:
            raise Closed(
                gettext("This change set is %(state)s already.") % {"state": now.get_state_display()}
            )

    def _needed(self, changes):
        """Those of `changes` that the bank still needs, their documents locked. Raises Conflict."""
        versions = Change.objects.versions(changes, lock=True)
        doubtful = [change for change in changes if versions[change.key] != change.base]
        if not doubtful:
            return changes
        done, moved = _done_and_moved(doubtful)
        if moved:
            raise Conflict(moved)
        self.changes.filter(pk__in=[change.pk for change in done]).delete()
        done_keys = {change.key for change in done}
        for change in doubtful:
            if change.key not in done_keys:  # another version, but the same words
                change.base = versions[change.key]
                change.renew()
        return [change for change in changes if change.key not in done_keys]

    def moved_on(self) -> "list[Change]":
        """The changes whose documents have changed since they were planned."""
        _done, moved = _done_and_moved(self.changes.all())
        return moved

    @staticmethod
    def moved_among(changesets: "Iterable[ChangeSet]") -> "set[ChangeSet]":
        """Those of `changesets`, with their changes prefetched, whose documents have other versions now."""
        changesets = list(changesets)
        versions = Change.objects.versions([c for changeset in changesets for c in changeset.changes.all()])
        return {
            changeset
            for changeset in changesets
            if any(change.base != versions.get(change.key) for change in changeset.changes.all())
        }

    @property
    def outcome(self) -> Label:
        """What became of a proposal that is decided on."""
        return self.OUTCOMES[self.State(self.state)]

    def check_rights(self, changes: "Iterable[Change]") -> None:
        """Raise PermissionDenied if the author or the reviewer may not make `changes`."""
        actor = self.reviewer or self.author
        if actor is None:
            if is_web_request.get():
                raise PermissionDenied(gettext("A change from a web request needs an author."))
            return
        changes = list(changes)
        if not actor.has_perm(REVIEW) and len(own_drafts(changes, actor)) < len(changes):
            raise PermissionDenied(gettext("An Editor has to do this."))

    def commit(self, changes: "list[Change]", *, instead_of: "ChangeSet | None" = None) -> None:
        """Mark the set as applied, now that `changes` are written, and send `changes_applied`.

        `instead_of` is a proposal whose words this set changed and published.
        """
        self.state = self.State.APPLIED
        self.applied_at = timezone.now()
        self.summary = self.summary or _summary(changes)
        self.save()
        self.add([change for change in changes if change.pk is None])
        if instead_of:
            instead_of.supersede(self)
        for kind, schema in KINDS.items():
            schema.model.objects.stamp(self, [change for change in changes if change.kind == kind])
        writing.lock_what_follows()
        changes_applied.send(sender=ChangeSet, changeset=self, changes=changes)
        if any(change.is_public for change in changes):
            ContentVersion.advance()

    def counts(self) -> dict[str, int]:
        """How many documents it creates, changes and deletes."""
        return self.changes.aggregate(
            created=Count("pk", filter=Q(before__isnull=True)),
            changed=Count("pk", filter=Q(before__isnull=False, after__isnull=False)),
            deleted=Count("pk", filter=Q(after__isnull=True)),
        )

    # Proposals

    def is_same_proposal(self, other: "ChangeSet", changes: "Iterable[Change]") -> bool:
        """Whether this proposal waits with the words and the note of `other`, which has `changes`."""
        same = [change.after for change in self.changes.all()] == [change.after for change in changes]
        return same and self.state == self.State.PROPOSED and self.note == other.note

    def send_back(self, reviewer: "User", note: str) -> None:
        """Return a proposal to its author, with a note on what is missing."""
        if not note.strip():
            raise Incomplete(gettext("Say what is missing, so that the writer can add it."))
        self._close(self.State.RETURNED, reviewer, reply=note)

    def discard(self, user: "User | None", note: str = "") -> None:
        """Drop a proposal: an Editor's right, and its author's."""
        self._close(self.State.DISCARDED, user, reply=note)

    def supersede(self, changeset: "ChangeSet") -> None:
        """Close a proposal whose words an Editor changed and published as `changeset`."""
        self._close(self.State.SUPERSEDED, changeset.author, superseded_by=changeset)

    def changed_by_reviewer(self) -> list[Difference]:
        """The differences between the words of a proposal and those that were published in its place."""
        if self.superseded_by is None:
            return []
        proposed, published = (
            {change.key: change.after for change in changeset.changes.all()}
            for changeset in (self, self.superseded_by)
        )
        changes = [
            Change(kind=kind, uid=uid, before=after, after=published[kind, uid])
            for (kind, uid), after in proposed.items()
            if (kind, uid) in published
        ]
        return [part for _change, parts in Differences(changes) for part in parts]

    def _close(self, state, user, **values):
        if len(values.get("reply", "")) > NOTE_LENGTH:
            raise Incomplete(gettext("Keep the note to %(n)s characters.") % {"n": NOTE_LENGTH})
        is_withdrawal = state == self.State.DISCARDED and user == self.author
        if not is_withdrawal and not user.has_perm(REVIEW):
            raise PermissionDenied(gettext("An Editor has to do this."))
        with transaction.atomic():
            self._lock()
            values |= {"state": state, "reviewer": None if is_withdrawal else user}
            for name, value in values.items():
                setattr(self, name, value)
            self.save(update_fields=values)

    # Undoing

    def may_be_undone_by(self, user: "User") -> bool:
        """Whether `user` may undo it: a load is an operator's act, everything else an Editor's."""
        if self.undoes is not None:  # to redo an act is to do it
            return self.undoes.may_be_undone_by(user)
        if self.source == self.Source.LOAD:
            return user.is_superuser
        # A Writer's import made drafts of their own, which they may delete, too.
        is_own_import = self.source == self.Source.IMPORT and self.author == user
        return is_own_import or user.has_perm(REVIEW)

    def undoing(self) -> "list[Change]":
        """The changes, not saved, that swap before and after. Raises Closed and Conflict."""
        self._check_undoable()
        made = {change.key: change for change in self.changes.all()}
        items = [Item(change.kind, change.uid, change.before) for change in made.values()]
        changes = Change.objects.towards(items, by_uid=True)
        if moved := [c for c in changes if c.before != KINDS[c.kind].normal(made[c.key].after)]:
            raise Conflict(moved)
        changes = _without_deletions_of_what_stays_in_use(changes)
        if not changes:
            raise Closed(gettext("Nothing is left to undo: the bank says already what it said before."))
        return changes

    def undo(self, author: "User | None" = None, changes: "list[Change] | None" = None) -> "ChangeSet":
        """Make the changes of `undoing()`, or those that it gave, as another change set.

        Raises what `apply()` raises.
        """
        if author and not self.may_be_undone_by(author):
            raise PermissionDenied(gettext("Only an operator may undo a load, and only an Editor an act."))
        changes = self.undoing() if changes is None else changes
        undo = ChangeSet(
            author=author,
            source=self.Source.UNDO,
            state=self.State.PLANNED,
            undoes=self,
            summary=(gettext("Undo: %(summary)s") % {"summary": self})[:300],
        )
        undo.prepare(changes)
        with transaction.atomic():
            self._check_undoable(lock=True)
            undo.save()
            undo.add(changes)
            undo.apply(author)
        return undo

    def _check_undoable(self, *, lock=False):
        rows = ChangeSet.objects.select_for_update() if lock else ChangeSet.objects
        if rows.get(pk=self.pk).state != self.State.APPLIED or ChangeSet.objects.filter(undoes=self).exists():
            raise Closed(gettext("Only what has been applied, and is not undone yet, can be undone."))


class ChangeQuerySet(models.QuerySet["Change"]):
    def applied(self) -> Self:
        return self.filter(changeset__state=ChangeSet.State.APPLIED)

    def towards(self, items: Iterable[Item], *, by_uid: bool = False) -> "list[Change]":
        """The changes, not saved, that would make the bank equal to `items`. Raises Invalid.

        References in the items may be slugs, unless `by_uid`.
        """
        items = [Item(*item) for item in items]
        for item in items:
            item.check()
        items = items if by_uid else documents.with_uids(items)
        saved = documents.read(items)
        new = [Change(kind=item.kind, uid=item.uid) for item in items if item.key not in saved]
        next_versions = self.next_versions(new)
        only_retired = _deletions_that_retire(items)
        changes, errors = [], []
        for item in items:
            before = saved.get(item.key) or Saved(version=next_versions[item.key])
            change = Change(
                kind=item.kind,
                uid=item.uid,
                base=before.version,
                before=before.document,
                after=item.document,
                dated=before.dated,
            )
            if before.document and item.key in only_retired:
                change.after = before.document | {"status": "retired"}
            try:
                change.after = None if change.after is None else self._completed(change, before)
            except ValidationError as error:
                errors.append((change, error))
            else:
                changes += [change] if change.before != change.after else []
        if errors:
            raise Invalid(errors)
        release_slugs(changes)
        return [change for change in changes if change.before != change.after]

    def _completed(self, change, saved):
        """The document after `change`, with what follows from it and from what is `saved`."""
        document = change.after
        if "former" not in document and saved.document:
            document = document | {"former": saved.document["former"]}
        schema = KINDS[change.kind]
        document = schema.clean(document)
        if not document["slug"]:
            document["slug"] = schema.model.objects.free_slug(change.label)
        document["former"] = former_slugs_after(saved, document)
        return document

    def versions(self, changes: "Collection[Change]", *, lock: bool = False) -> dict[DocumentKey, int]:
        """`{(kind, uid): version}` of the documents of `changes`; the next one where there is none."""
        versions: dict[DocumentKey, int] = {}
        for kind, schema in KINDS.items():
            uids = sorted(change.uid for change in changes if change.kind == kind)
            for batch in in_batches(uids):
                rows = schema.model._base_manager.filter(uid__in=batch).order_by("uid")
                rows = rows.select_for_update(no_key=True) if lock else rows
                versions |= {(kind, uid): n for uid, n in rows.values_list("uid", "version")}
        return versions | self.next_versions([c for c in changes if c.key not in versions])

    def next_versions(self, changes: "Iterable[Change]") -> dict[DocumentKey, int]:
        """`{(kind, uid): version}` with which documents that do not exist would begin.

        One that was deleted goes on from there, so that a form from before its deletion stays stale.
        """
        versions = {change.key: 0 for change in changes}
        for batch in in_batches(list(versions)):
            kinds, uids = ({key[part] for key in batch} for part in (0, 1))
            past = self.model.objects.applied().filter(kind__in=kinds, uid__in=uids).order_by()
            for kind, uid, base in past.values_list("kind", "uid").annotate(newest=Max("base")):
                if (kind, uid) in versions:
                    versions[kind, uid] = base + 1
        return versions

    def document_at(self, kind: str, uid: str, version: int | None) -> DocumentDict:
        """The document at `version`; an empty one if history does not know it."""
        change = self.applied().filter(kind=kind, uid=uid, base__lt=version or 0).order_by("base").last()
        return (change and change.after) or {}

    def curated(self, changes: "Iterable[Change]") -> "list[Change]":
        """Those of `changes` whose documents were last changed by anything but a load."""
        curated: list[Change] = []
        for kind in KINDS:
            of_kind = [change for change in changes if change.kind == kind]
            for batch in in_batches(of_kind):
                rows = self.applied().filter(kind=kind, uid__in=[change.uid for change in batch])
                sources = dict(rows.order_by("pk").values_list("uid", "changeset__source"))
                load = ChangeSet.Source.LOAD
                curated += [change for change in batch if sources.get(change.uid, load) != load]
        return curated


class Change(models.Model):
    """What a change set does to one document."""

    changeset = models.ForeignKey(ChangeSet, models.CASCADE, related_name="changes")
    kind = models.CharField(_("kind"), max_length=20)
    uid = models.CharField(_("id"), max_length=100)
    base = models.PositiveIntegerField(
        _("base"), help_text=_("The version that it was made from; 0 where there was no document.")
    )
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    dated = models.DateTimeField(
        _("dated"), null=True, help_text=_("The public date of the words before, which an undo restores.")
    )

    is_completed = False  # with keys that it was planned without, in this process only

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["changeset", "kind", "uid"], name="change_once_per_document_and_set"
            )
        ]
        indexes = [
            models.Index(fields=["kind", "uid"], name="change_document"),
            # What a set deletes or makes, among the thousands of changes that it may have.
            models.Index(fields=["changeset"], condition=Q(after__isnull=True), name="change_deletes"),
            models.Index(fields=["changeset"], condition=Q(before__isnull=True), name="change_creates"),
        ]

    def __str__(self):
        return self.label

    def bring_back(self, author: "User | None") -> "ChangeSet | None":
        """Restore the document as it was after this change (before it, where it deleted the document).

        Returns the change set that does it, or None where the document is like that already. Raises what
        `ChangeSet.apply()` raises.
        """
        document = self.before if self.after is None else self.after
        # Words come back, but not their status: what is public stays public, what redirects redirects.
        now = KINDS[self.kind].read([self.uid]).get(self.uid, Saved()).document
        if now and document:
            stays = {key: now[key] for key in {"status", "former"} & now.keys()}
            document = now | document | stays
        changes = Change.objects.towards([Item(self.kind, self.uid, document)], by_uid=True)
        if not changes:
            return None
        summary = gettext("Brought back: %(document)s") % {"document": self.label}
        with transaction.atomic():
            changeset = ChangeSet.objects.planned(
                changes, author=author, source=ChangeSet.Source.ADMIN, summary=summary[:300]
            )
            changeset.apply(author)
            if not changeset.changes.exists():  # somebody else has done the same at this moment
                changeset.delete()
                return None
        return changeset

    def renew(self) -> None:
        """Save it as the newest row of its document: history reads the changes of one in their order."""
        Change.objects.filter(pk=self.pk).delete()
        self.pk = None
        self.save(force_insert=True)

    @property
    def key(self) -> DocumentKey:
        return self.kind, self.uid

    @property
    def kind_label(self) -> Label:
        """The kind of document in a person's words."""
        return KINDS[self.kind].model._meta.verbose_name or self.kind

    @property
    def label(self) -> str:
        """The document in a person's words."""
        document = self.after or self.before or {}
        return str(document.get("question") or document.get("name") or self.uid)

    @property
    def is_public(self) -> bool:
        """Whether readers see anything else after it."""
        return _public(self.before) != _public(self.after)

    @property
    def hides(self) -> bool:
        """Whether what was public is gone after it."""
        return bool(_public(self.before)) and not _public(self.after)

    @property
    def shows(self) -> bool:
        """Whether it makes public what was not."""
        return bool(_public(self.after)) and not _public(self.before)

    def differs_in(self, keys: Iterable[str]) -> bool:
        """Whether one of `keys` says something else after it, or nothing any more, or for the first time."""
        if self.before is None or self.after is None:
            return True
        return any(self.before.get(key) != self.after.get(key) for key in keys)

    @property
    def differs_in_words(self) -> bool:
        """Whether readers read other words after it: the public date moves with these."""
        if self.before is None or self.after is None:
            return False
        return any(self.before.get(key) != self.after[key] for key in KINDS[self.kind].words)


class ContentVersion(models.Model):
    """The number of times that public words have changed: exactly one row."""

    number = models.PositiveBigIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("content version")
        verbose_name_plural = _("content version")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="contentversion_one_row")]

    def __str__(self):
        return str(self.number)

    @classmethod
    def advance(cls) -> None:
        """Raise the number. Its row lock orders commits: call this last in a transaction."""
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.create(pk=1, number=1)


def _deletions_that_retire(items):
    """Keys of the documents that `items` delete, but that can only be retired."""
    keys: set[DocumentKey] = set()
    for kind, schema in KINDS.items():
        for batch in in_batches([i.uid for i in items if i.kind == kind and i.document is None]):
            rows = schema.model.objects.filter(uid__in=batch).undeletable()
            keys |= {(kind, uid) for uid in rows.values_list("uid", flat=True)}
    return keys


def _without_deletions_of_what_stays_in_use(changes):
    """`changes` but for deletions of documents to which others of them, which are only retired, refer."""
    in_use = {
        (refers, uid)
        for change in changes
        if change.after
        for key, refers in KINDS[change.kind].references.items()
        for uid in _as_list(change.after[key])
    }
    return [change for change in changes if change.after is not None or change.key not in in_use]


def _as_list(value):
    return value if isinstance(value, list) else [value] if value else []


def release_slugs(changes: Iterable[Change]) -> None:
    """Take a former slug from a document where another of the set has it as its slug from now on."""
    live = {(change.kind, change.after["slug"]) for change in changes if change.after}
    for change in changes:
        if change.after:
            former = change.after["former"]
            change.after["former"] = [slug for slug in former if (change.kind, slug) not in live]


def _done_and_moved(changes):
    """Those of `changes` that are made already, and those whose documents have become something else."""
    saved = documents.read(changes)
    done, moved = [], []
    for change in changes:
        normal = KINDS[change.kind].normal
        now = normal(saved.get(change.key, Saved()).document)
        if now == normal(change.after):
            done.append(change)
        elif now != normal(change.before):
            moved.append(change)
    return done, moved


def own_drafts(changes: "Iterable[Change]", user: "User") -> "list[Change]":
    """Those of `changes` that are of questions that the public has never seen, made by `user`."""
    changes = [change for change in changes if _is_draft(change)]
    public: set[str] = set()
    makers: dict[str, int | None] = {}
    for batch in in_batches([change.uid for change in changes]):
        past = Change.objects.applied().filter(kind="question", uid__in=batch)
        public.update(past.filter(after__status="published").order_by().values_list("uid", flat=True))
        made = past.filter(before__isnull=True).order_by("-pk")  # the first time comes last, and counts
        makers |= dict(made.values_list("uid", "changeset__author"))
    return [
        change
        for change in changes
        if change.uid not in public and makers.get(change.uid, None if change.before else user.pk) == user.pk
    ]


def _is_draft(change):
    documents = [document for document in (change.before, change.after) if document]
    return change.kind == "question" and all(each["status"] in {"draft", "review"} for each in documents)


def _is_proposable(change):
    """Other words for a published question."""
    return change.kind == "question" and all(
        document and document["status"] == "published" for document in (change.before, change.after)
    )


def _summary(changes):
    more = len(changes) - 1
    label = changes[0].label[:250] if changes else ""
    text = ngettext("%(label)s and %(more)s more", "%(label)s and %(more)s more", more)
    return text % {"label": label, "more": more} if more > 0 else label


def _public(document):
    """What a visitor may see of a document."""
    return document if document and document.get("status", "published") == "published" else None
