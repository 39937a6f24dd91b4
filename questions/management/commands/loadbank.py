from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from questions import bankfiles
from questions.changes import Change, ChangeSet
from questions.documents import KINDS, DocumentDict, DocumentKey
from questions.management.progress import rendering
from questions.refusals import Conflict, Invalid


class Command(BaseCommand):
    help = (
        "Load a bank from a folder of files (default: the shipped one). Safe to repeat: what a curator "
        "has changed, retired or deleted since the last load is left alone and listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", default=settings.BASE_DIR / "content")
        parser.add_argument("--force", action="store_true", help="overwrite what curators changed, too")
        parser.add_argument("--dry-run", action="store_true", help="report what would change; write nothing")
        parser.add_argument(
            "--if-changed", action="store_true", help="do nothing if these very files were loaded last"
        )

    def handle(
        self, *, folder: str | Path, force: bool, dry_run: bool, if_changed: bool, **options: Any
    ) -> None:
        started = monotonic()
        digest = bankfiles.digest(folder)
        if if_changed and digest == self.loaded_last():
            return
        try:
            bank = bankfiles.read(folder)
        except bankfiles.BankError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        try:
            renamed, gone = bank.compare(loaded_documents(folder))
            if renamed:
                raise CommandError("Nothing was loaded.\n" + "\n".join(renamed))
            changes = Change.objects.towards(bank.items)
            left = [] if force else Change.objects.curated(changes)
            changes = without(changes, left)
            if dry_run:
                ChangeSet().prepare(changes, self.progress(changes))
            elif changes or digest != self.loaded_last():
                self.load(changes, source=ChangeSet.Source.LOAD, summary=load_summary(folder), note=digest)
        except Invalid as invalid:
            raise CommandError("Nothing was loaded.\n" + "\n".join(problems(invalid, bank))) from invalid
        except Conflict as conflict:
            raise CommandError(f"Nothing was loaded: load it again. {conflict}") from conflict
        for kind, uid in gone:
            self.stdout.write(f"No longer in the folder, and left as it is: {kind} {uid}")
        self.report(changes, left, bank, dry_run, monotonic() - started)

    def load(self, changes: list[Change], **fields: Any) -> None:
        changeset = ChangeSet.objects.planned(changes, progress=self.progress(changes), **fields)
        with changeset.removed_if_it_fails():
            changeset.apply()

    def progress(self, changes: list[Change]) -> Callable[[int], None] | None:
        """A function that shows on a terminal how many of `changes` are rendered."""
        show = rendering(self.stdout)
        return show and (lambda done: show(done, len(changes)))

    def loaded_last(self) -> str | None:
        """The digest of the files that were loaded last: each load keeps it as its note."""
        loads = ChangeSet.objects.applied().filter(source=ChangeSet.Source.LOAD)
        return loads.values_list("note", flat=True).first()

    def report(
        self, changes: list[Change], left: list[Change], bank: bankfiles.Bank, dry_run: bool, seconds: float
    ) -> None:
        for change in left:
            state = "deleted" if change.before is None else "changed"
            self.stdout.write(f"Left alone, a curator {state} it: {change.kind} {change.uid}")
        verb = "Would load" if dry_run else "Loaded"
        new = sum(change.before is None for change in changes)
        same = len(bank.items) - len(changes) - len(left)
        self.stdout.write(
            self.style.SUCCESS(
                f"{verb} {len(bank.items)} documents: {new} new, {len(changes) - new} changed, "
                f"{same} as they were, {len(left)} left alone. It took {seconds:.1f} s."
            )
        )


def loaded_documents(folder: str | Path) -> dict[DocumentKey, DocumentDict]:
    """`{(kind, uid): document}` of what loads of this folder made, and is still in use."""
    changes = Change.objects.applied().filter(
        changeset__source=ChangeSet.Source.LOAD, changeset__summary=load_summary(folder), after__isnull=False
    )
    values = changes.order_by("pk").values_list("kind", "uid", "after")
    loaded = {(kind, uid): after for kind, uid, after in values if after is not None}
    for kind, schema in KINDS.items():
        rows: QuerySet[Any] = schema.model.objects.all()
        rows = rows.exclude(status="retired") if "status" in schema.fields else rows
        uids = set(rows.values_list("uid", flat=True))
        loaded = {key: document for key, document in loaded.items() if key[0] != kind or key[1] in uids}
    return loaded


def load_summary(folder: str | Path) -> str:
    return f"Load of {folder}"[:300]


def without(changes: Iterable[Change], others: Iterable[Change]) -> list[Change]:
    keys = {change.key for change in others}
    return [change for change in changes if change.key not in keys]


def problems(invalid: Invalid, bank: bankfiles.Bank) -> Iterator[str]:
    """A line for each thing that is wrong, with file, line and reason."""
    for change, error in invalid.errors:
        for key, messages in error.message_dict.items():
            yield f"{bank.where(change.kind, change.uid, key)}: {key}: {' '.join(messages)}"
