from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from questions import bankfiles
from questions.changes import ChangeSet, Invalid


class Command(BaseCommand):
    help = (
        "Load a bank from a folder of files (default: the shipped one). Safe to repeat: what a curator "
        "has changed, retired or deleted since the last load is left alone and listed."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", default=settings.BASE_DIR / "content")
        parser.add_argument("--force", action="store_true", help="overwrite what curators changed, too")
        parser.add_argument("--dry-run", action="store_true", help="say what would change; write nothing")
        parser.add_argument(
            "--if-changed", action="store_true", help="do nothing if these very files were loaded last"
        )

    def handle(self, *, folder, force, dry_run, if_changed, **options):
        digest = bankfiles.digest(folder)
        if if_changed and digest == self.loaded_last():
            return
        try:
            bank = bankfiles.read(folder)
        except bankfiles.BankError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        with transaction.atomic():
            changeset = ChangeSet.objects.plan(
                bank.items, source=ChangeSet.Source.LOAD, summary=f"Load of {folder}"[:300], note=digest
            )
            left = [] if force else changeset.leave_what_others_changed()
            counts = changeset.counts()
            if not any(counts.values()) and digest == self.loaded_last():
                changeset.delete()
            else:
                self.apply(changeset, bank)
            if dry_run:
                transaction.set_rollback(True)
        self.report(counts, left, bank, dry_run)

    def loaded_last(self):
        """The digest of the files that were loaded last: each load keeps it as its note."""
        loads = ChangeSet.objects.applied().filter(source=ChangeSet.Source.LOAD)
        return loads.values_list("note", flat=True).first()

    def apply(self, changeset, bank):
        try:
            changeset.apply()
        except Invalid as invalid:
            lines = [
                f"{bank.where(change.kind, change.uid, key)}: {key}: {' '.join(messages)}"
                for change, error in invalid.errors.items()
                for key, messages in error.message_dict.items()
            ]
            raise CommandError("Nothing was loaded.\n" + "\n".join(lines)) from invalid

    def report(self, counts, left, bank, dry_run):
        for change in left:
            state = "deleted" if change.before is None else "changed"
            self.stdout.write(f"Left alone, a curator {state} it: {change.kind} {change.uid}")
        verb = "Would load" if dry_run else "Loaded"
        self.stdout.write(
            self.style.SUCCESS(
                f"{verb} {len(bank.items)} documents: {counts['created']} new, {counts['changed']} changed, "
                f"{len(bank.items) - sum(counts.values()) - len(left)} as they were, {len(left)} left alone."
            )
        )
