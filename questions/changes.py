"""Change sets: every change of the bank, whoever makes it and through whichever door.

Whatever writes to the bank does so inside `record()`. The outermost `record()` opens a transaction,
remembers each document before its first change, and at its end writes one `ChangeSet` with the
documents that differ, raises their versions, and raises the content version if public words differ.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .documents import KINDS, with_uids

_recorder = ContextVar("recorder", default=None)
REVIEW = "questions.review_changeset"  # the permission that makes an Editor
_BATCH = 500  # rows written at once


class Conflict(Exception):
    """Documents have moved on since a change set was made from them; `changes` lists which."""

    def __init__(self, changes):
        self.changes = changes
        names = ", ".join(change.label for change in changes)
        super().__init__(gettext("Changed in the meantime: %(names)s") % {"names": names})


class Closed(Exception):
    """A change set has been applied or discarded, or is undone already."""


class Invalid(Exception):
    """Documents of a change set break rules; `errors` is `{change: ValidationError by key}`."""

    def __init__(self, errors):
        self.errors = errors
        told = (f"{change.label}: {' '.join(error.messages)}" for change, error in errors.items())
        super().__init__("; ".join(told))


class ChangeSetQuerySet(models.QuerySet):
    def applied(self):
        return self.filter(state=ChangeSet.State.APPLIED)

    def plan(self, items, *, by_uid=False, **fields):
        """A planned set that would make the bank equal to `items`: (kind, uid, document or None).

        References may be slugs, unless `by_uid`. Documents that are as they should be are left out, so
        the set may be empty.
        """
        changeset = self.create(state=ChangeSet.State.PLANNED, **fields)
        items = list(items) if by_uid else with_uids(items)
        now = {}
        for kind in KINDS:
            now |= _read(kind, [uid for name, uid, _after in items if name == kind])
        changes = [
            Change(changeset=changeset, kind=kind, uid=uid, base=version, before=before, after=after)
            for kind, uid, document in items
            for after in [KINDS[kind].normal(document)]
            for before, version in [now.get((kind, uid), (None, 0))]
            if before != after
        ]
        Change.objects.bulk_create(changes)
        return changeset


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

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="changesets"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="reviewed_changesets"
    )
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("undoes")
    )

    objects = ChangeSetQuerySet.as_manager()

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
                condition=Q(state__in=["planned", "proposed", "returned", "applied", "discarded"]),
                name="changeset_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="applied", applied_at__isnull=False)
                | (~Q(state="applied") & Q(applied_at=None)),
                name="changeset_applied_has_a_time",
            ),
        ]

    def __str__(self):
        return self.summary or gettext("Change set %(number)s") % {"number": self.pk}

    @property
    def is_open(self):
        """Whether it can still be applied."""
        return self.state in {self.State.PLANNED, self.State.PROPOSED, self.State.RETURNED}

    def apply(self, reviewer=None):
        """Make the planned changes, in the name of `reviewer`.

        Raises, with nothing written, Conflict if a document moved on, Invalid if one breaks a rule,
        Closed if the set has been applied or discarded, PermissionDenied if the reviewer is no Editor.
        """
        self.reviewer = reviewer
        with record(self) as recorder:
            self._lock()
            changes = sorted(self.changes.all(), key=lambda change: list(KINDS).index(change.kind))
            for kind in KINDS:
                recorder.touch(kind, [change.uid for change in changes if change.kind == kind])
            if moved := [change for change in changes if not recorder.is_still(change.before, change)]:
                raise Conflict(moved)
            for kind in KINDS:
                self._write([change for change in changes if change.kind == kind and change.after])
            for change in reversed(changes):
                if change.after is None:
                    self._remove(change, mine={(each.kind, each.uid) for each in changes})

    def counts(self):
        """How many documents it creates, changes and deletes."""
        return self.changes.aggregate(
            created=Count("pk", filter=Q(before__isnull=True)),
            changed=Count("pk", filter=Q(before__isnull=False, after__isnull=False)),
            deleted=Count("pk", filter=Q(after__isnull=True)),
        )

    @staticmethod
    def _remove(change, mine):
        """Delete what a change deletes, unless documents that are not `mine` refer to it by now."""
        rows = KINDS[change.kind].model.objects.filter(uid=change.uid)
        others = {(kind, uid) for kind, uids in rows.deleting().items() for uid in uids} - mine
        if others:
            raise Conflict([change])
        try:
            rows.get().remove()
        except models.ProtectedError as error:
            raise Conflict([change]) from error

    def moved_on(self):
        """The changes whose documents say something else by now than when they were planned."""
        moved = []
        for name, kind in KINDS.items():
            of_kind = [change for change in self.changes.all() if change.kind == name]
            now = kind.read([change.uid for change in of_kind])
            moved += [
                change
                for change in of_kind
                if kind.normal(now.get(change.uid, (None, 0))[0]) != kind.normal(change.before)
            ]
        return moved

    def send_back(self, reviewer, note):
        """Return a proposal to its author, with a note on what is missing."""
        self._close(self.State.RETURNED, reviewer, note)

    def discard(self, user):
        """Drop a proposal: an Editor's right, and its author's."""
        self._close(self.State.DISCARDED, user, self.note)

    def _close(self, state, user, note):
        own = state == self.State.DISCARDED and user == self.author
        if not own and not user.has_perm(REVIEW):
            raise PermissionDenied(gettext("An Editor has to do this."))
        with transaction.atomic():
            self._lock()
            self.state, self.note, self.reviewer = state, note, None if own else user
            self.save(update_fields=["state", "note", "reviewer"])

    def _lock(self):
        """Hold the row until the transaction ends. Raises Closed if the set is not open any more."""
        now = ChangeSet.objects.select_for_update().get(pk=self.pk)
        if not now.is_open:
            raise Closed(
                gettext("This change set is %(state)s already.") % {"state": now.get_state_display()}
            )

    @staticmethod
    def _write(changes):
        errors = {}
        for change in changes:
            try:
                with transaction.atomic():
                    KINDS[change.kind].write(change.uid, change.after)
            except ValidationError as error:
                errors[change] = error
        if errors:
            raise Invalid(errors)

    def leave_what_others_changed(self):
        """Take out of a planned load whatever was last changed by anything else; gives those changes."""
        left = []
        for kind in KINDS:
            changes = list(self.changes.filter(kind=kind))
            newest = Change.objects.newest_source(kind, [change.uid for change in changes])
            left += [
                change for change in changes if newest.get(change.uid, self.Source.LOAD) != self.Source.LOAD
            ]
        self.changes.filter(pk__in=[change.pk for change in left]).delete()
        return left

    def undo(self, author=None):
        """Swap before and after, as a change set of its own. Raises what `apply()` raises."""
        with transaction.atomic():
            now = ChangeSet.objects.select_for_update().get(pk=self.pk)
            if now.state != self.State.APPLIED or ChangeSet.objects.filter(undoes=self).exists():
                raise Closed(gettext("Only what has been applied, and is not undone yet, can be undone."))
            undo = ChangeSet.objects.create(
                author=author,
                source=self.Source.UNDO,
                state=self.State.PLANNED,
                undoes=self,
                summary=(gettext("Undo: %(summary)s") % {"summary": self})[:300],
            )
            Change.objects.bulk_create(
                Change(
                    changeset=undo,
                    kind=change.kind,
                    uid=change.uid,
                    base=change.base + 1,
                    before=change.after,
                    after=change.before,
                )
                for change in self.changes.all()
            )
            undo.apply(author)
        return undo


class ChangeQuerySet(models.QuerySet):
    def applied(self):
        return self.filter(changeset__state=ChangeSet.State.APPLIED)

    def document_at(self, kind, uid, version):
        """What the document said at `version`; an empty one if history does not know."""
        change = self.applied().filter(kind=kind, uid=uid, base__lt=version or 0).order_by("base").last()
        return (change and change.after) or {}

    def newest_source(self, kind, uids):
        """`{uid: source}` of the newest applied change of each of these documents of `kind`."""
        rows = self.applied().filter(kind=kind, uid__in=uids).order_by("changeset__applied_at", "pk")
        return dict(rows.values_list("uid", "changeset__source"))


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
        indexes = [models.Index(fields=["kind", "uid"], name="change_document")]

    def __str__(self):
        return self.label

    def bring_back(self, author):
        """Make the document say what it said after this change (before it, where it deleted the document).

        Gives the change set that does it; raises what `ChangeSet.apply()` raises.
        """
        document = self.before if self.after is None else self.after
        # Words come back, not where they stood: what is public stays public.
        if now := KINDS[self.kind].read([self.uid]).get(self.uid):
            document = document | {key: now[0][key] for key in {"status"} & now[0].keys()}
        summary = gettext("Brought back: %(document)s") % {"document": self.label}
        with transaction.atomic():
            changeset = ChangeSet.objects.plan(
                [(self.kind, self.uid, document)],
                by_uid=True,  # as history has them
                author=author,
                source=ChangeSet.Source.ADMIN,
                summary=summary[:300],
            )
            changeset.apply(author)
        return changeset

    @property
    def kind_label(self):
        """The kind of document in a person's words."""
        return KINDS[self.kind].model._meta.verbose_name

    @property
    def label(self):
        """The document in a person's words."""
        document = self.after or self.before or {}
        return str(document.get("question") or document.get("name") or self.uid)


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
    def advance(cls):
        """Raise the number. Its row lock orders commits: call this last in a transaction."""
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.create(pk=1, number=1)


def unrecorded(model):
    """Rows of `model` whose `update()` passes by history: for what no document says."""
    return models.QuerySet(model)


@contextmanager
def record(changeset=None, **fields):
    """All that is written to the bank inside becomes one change set, in one transaction.

    `changeset` is a planned set to apply, `fields` (author, source, summary, note) are those of a new
    one. Inside another `record()` this joins it, and the outer one says who acts. What its author may
    only propose is taken back and kept as a proposed set; what they may not even propose raises
    PermissionDenied, with nothing written.
    """
    if outer := _recorder.get():
        if changeset is not None:
            raise RuntimeError("A change set is applied on its own, not inside another record().")
        yield outer
        return
    inner = Recorder(changeset or ChangeSet(**{"source": ChangeSet.Source.COMMAND, **fields}))
    token = _recorder.set(inner)
    try:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    yield inner
                    inner.finish()
            except _OnlyProposed as proposed:
                inner.propose(proposed.changes)
    finally:
        _recorder.reset(token)


class _OnlyProposed(Exception):
    """Leaves the inner transaction of `record()`, so that what it wrote is taken back."""

    def __init__(self, changes):
        self.changes = changes


def recorder():
    """The recorder of the `record()` around the caller. Raises RuntimeError outside of one."""
    if inner := _recorder.get():
        return inner
    raise RuntimeError("Write to the bank inside `with record():`, or nobody could undo it.")


class Recorder:
    """Remembers documents before their first change, and compares at the end."""

    def __init__(self, changeset):
        self.changeset = changeset
        self.before = {}

    def touch(self, kind, uids):
        """Say that the documents `uids` of `kind` are about to change."""
        new = sorted({uid for uid in uids if (kind, uid) not in self.before})
        self.before |= {(kind, uid): (None, 0) for uid in new} | _read(kind, new, lock=True)

    def touch_all(self, uids):
        """`touch()` for every kind in `{kind: uids}`."""
        for kind, of_kind in uids.items():
            self.touch(kind, of_kind)

    def version(self, kind, uid):
        """The version that a touched document had before; 0 if it did not exist."""
        return self.before[kind, uid][1]

    def document(self, kind, uid):
        """What a touched document said before; None if it did not exist."""
        return self.before[kind, uid][0]

    def is_still(self, document, change):
        """Whether the touched document of `change` says what `document` says."""
        normal = KINDS[change.kind].normal
        return normal(self.before[change.kind, change.uid][0]) == normal(document)

    def finish(self):
        changes = self._changes()
        if not changes and not self.changeset.pk:
            return
        self._check_rights(changes)
        self.changeset.state = ChangeSet.State.APPLIED
        self.changeset.applied_at = timezone.now()
        self._save(changes)
        self._raise_versions(changes)
        if any(_public(change.before) != _public(change.after) for change in changes):
            ContentVersion.advance()

    def propose(self, changes):
        """Keep `changes`, which have been taken back, for an Editor to apply."""
        # The newest words of an author are the ones to review.
        same = ChangeSet.objects.filter(
            author=self.changeset.author, state__in=[ChangeSet.State.PROPOSED, ChangeSet.State.RETURNED]
        )
        uids = [change.uid for change in changes]
        same = same.filter(changes__kind="question", changes__uid__in=uids).values_list("pk", flat=True)
        ChangeSet.objects.filter(pk__in=list(same)).update(state=ChangeSet.State.DISCARDED)
        self.changeset.state = ChangeSet.State.PROPOSED
        self.changeset.pk = None
        for change in changes:
            change.pk = None
        self._save(changes)

    def _check_rights(self, changes):
        actor = self.changeset.reviewer or self.changeset.author
        if actor is None or actor.has_perm(REVIEW) or all(_is_own_draft(change, actor) for change in changes):
            return
        may_write = actor.has_perm("questions.change_question")
        if may_write and not self.changeset.reviewer and all(map(_is_proposable, changes)):
            raise _OnlyProposed(changes)
        raise PermissionDenied(gettext("An Editor has to do this."))

    def _save(self, changes):
        self.changeset.summary = self.changeset.summary or _summary(changes)
        self.changeset.save()
        self.changeset.changes.all().delete()
        for change in changes:
            change.changeset = self.changeset
        Change.objects.bulk_create(changes, batch_size=_BATCH)

    def _changes(self):
        after = {}
        for kind in KINDS:
            after |= _read(kind, [uid for name, uid in self.before if name == kind])
        return [
            Change(
                changeset=self.changeset,
                kind=kind,
                uid=uid,
                base=version,
                before=before,
                after=now,
            )
            for (kind, uid), (before, version) in self.before.items()
            for now in [after.get((kind, uid), (None, 0))[0]]
            if before != now
        ]

    def _raise_versions(self, changes):
        for kind in KINDS:
            rows = unrecorded(KINDS[kind].model)
            of_kind = [change for change in changes if change.kind == kind and change.after is not None]
            for start in range(0, len(of_kind), _BATCH):
                uids = [change.uid for change in of_kind[start : start + _BATCH]]
                rows.filter(uid__in=uids).update(version=F("version") + 1, **KINDS[kind].stamps())
            # A restored document goes on from the version at which it was deleted, so that a form
            # from before its deletion stays stale.
            restored = [change.uid for change in of_kind if change.before is None]
            past = Change.objects.applied().filter(kind=kind, uid__in=restored, base__gt=0)
            for uid, base in past.values_list("uid").annotate(Max("base")).order_by("uid"):
                rows.filter(uid=uid).update(version=base + 2)


def _read(kind, uids, **options):
    """`{(kind, uid): (document, version)}` of those that exist."""
    return {(kind, uid): state for uid, state in KINDS[kind].read(uids, **options).items()}


def _is_own_draft(change, author):
    """A question that the public has never seen, made by `author`."""
    documents = [document for document in (change.before, change.after) if document]
    if change.kind != "question" or any(
        document["status"] not in {"draft", "review"} for document in documents
    ):
        return False
    past = Change.objects.applied().filter(kind=change.kind, uid=change.uid)
    if past.filter(after__status="published").exists():
        return False
    return change.before is None or past.filter(before__isnull=True, changeset__author=author).exists()


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
