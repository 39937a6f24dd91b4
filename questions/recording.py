"""Recording: what the ORM writes to the bank becomes a change set, by whichever way it comes.

Rows of the bank (`recorded`) are written inside `record()`: a `save()`, a `delete()`, an `update()`,
a manager of related rows or a fixture opens one if there is none. The outermost one opens a
transaction, remembers each document before its first change, and at its end records those that
differ. Raw SQL and migrations lie outside of it: `manage.py checkhistory` finds what they changed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from . import documents
from .changes import Change, ChangeSet, current_recorder, is_web_request, release_slugs
from .documents import KINDS, DocumentKey, Item, Saved
from .refusals import Conflict
from .writing import unrecorded


@contextmanager
def record(**fields: Any) -> "Iterator[Recorder]":
    """All that is written to the bank inside becomes one change set, in one transaction.

    `fields` (author, source, summary, note) are those of the set. Without an author it is a command's;
    a web request has to name one. Inside another `record()` this joins it, and the outer one names the
    author. What the author may not do raises PermissionDenied, with nothing written.
    """
    if outer := current_recorder.get():
        yield outer
        return
    recorder = Recorder(ChangeSet(**{"source": ChangeSet.Source.COMMAND, **fields}))
    with transaction.atomic():
        token = current_recorder.set(recorder)
        try:
            yield recorder
        finally:
            current_recorder.reset(token)
        # What a receiver of the signal or a hook of the commit writes becomes another change set.
        recorder.finish()


def mark_web_requests(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: what is written to the bank while it answers needs an author.

    The body of a streaming response is made after that: what it writes counts as a command's.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        token = is_web_request.set(True)
        try:
            return get_response(request)
        finally:
            is_web_request.reset(token)

    return middleware


def recorder() -> "Recorder":
    """The recorder of the `record()` around the caller. Raises RuntimeError outside of one."""
    if inner := current_recorder.get():
        return inner
    raise RuntimeError("Write to the bank inside `with record():`, or nobody could undo it.")


class Recorder:
    """Remembers documents before their first change, and compares at the end."""

    def __init__(self, changeset: ChangeSet):
        self.changeset = changeset
        # A proposal whose words this act changes and publishes.
        self.instead_of: ChangeSet | None = None
        self._before: dict[DocumentKey, Saved] = {}

    def touch(self, kind: str, uids: Iterable[str]) -> None:
        """Lock and remember the documents `uids` of `kind`, which are about to change."""
        new = sorted({uid for uid in uids if (kind, uid) not in self._before})
        saved = KINDS[kind].read(new, lock=True)
        absent = [Change(kind=kind, uid=uid) for uid in new if uid not in saved]
        self._before |= {(kind, uid): state for uid, state in saved.items()}
        versions = Change.objects.next_versions(absent)
        self._before |= {key: Saved(version=version) for key, version in versions.items()}

    def touch_all(self, uids: Mapping[str, Iterable[str]]) -> None:
        """`touch()` for every kind in `{kind: uids}`."""
        for kind, of_kind in uids.items():
            self.touch(kind, of_kind)

    def saved(self, kind: str, uid: str) -> Saved:
        """What the database held of a touched document before."""
        return self._before[kind, uid]

    def finish(self) -> None:
        """Record what differs."""
        changes = self._changes()
        if not changes:
            if self.instead_of:  # the public words were put back in place of those proposed
                self.instead_of.discard(self.changeset.author)
            return
        self._release_slugs(changes)
        self.changeset.check_rights(changes)
        self.changeset.commit(changes, instead_of=self.instead_of)

    def _release_slugs(self, changes):
        """Take former slugs from documents where others have them as their slugs by now."""
        formers = {change.key: change.after["former"] for change in changes if change.after}
        release_slugs(changes)
        for change in changes:
            if change.after and change.after["former"] != formers[change.key]:
                rows = unrecorded(KINDS[change.kind].model).filter(uid=change.uid)
                rows.update(former_slugs=change.after["former"])

    def _changes(self):
        now = documents.read([Item(kind, uid, None) for kind, uid in self._before])
        changes = [
            Change(
                kind=kind,
                uid=uid,
                base=before.version,
                before=before.document,
                after=after.document,
                dated=before.dated,
            )
            for (kind, uid), before in self._before.items()
            if before.document != (after := now.get((kind, uid), Saved())).document
        ]
        # A savepoint that was rolled back has let go of locks: somebody else may have saved since.
        if moved := [c for c in changes if c.after and now[c.key].version != c.base]:
            raise Conflict(moved)
        return changes
