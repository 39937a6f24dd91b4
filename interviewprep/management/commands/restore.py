import sys
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from interviewprep import backups


class Command(BaseCommand):
    help = (
        "Replace the database with that of a backup, while the site serves or not. The present state is "
        "kept in a backup first. An older backup is migrated."
    )
    requires_system_checks = []  # they may miss what this brings back

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_false",
            dest="interactive",
            help="replace a database without asking",
        )
        parser.add_argument(
            "--keep-in",
            type=Path,
            metavar="FOLDER",
            help="where the present state is kept (default: backups/ beside the file of SQLite, or else in "
            "the project's folder)",
        )

    def handle(self, *, file, interactive, keep_in, **options):
        try:
            restored = backups.restore(file, keep_in, self.ask if interactive else lambda manifest: True)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.report(restored, file)

    def ask(self, manifest):
        """Whether the operator wants the backup in place of the present database."""
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed: there is a database. Add --no-input to replace it.")
        answer = input(
            f"Replace the database with the backup of {when(manifest)}, made by {manifest.release}?\n"
            "The present state is kept in a backup first. Type “yes” to go on: "
        )
        return answer.strip() == "yes"

    def report(self, restored, file):
        made = when(restored.manifest)
        self.stdout.write(self.style.SUCCESS(f"Restored the database of {made} from {file}."))
        if restored.migrated:
            self.stdout.write(
                f"Applied {restored.migrated} migrations, which it lacked. “manage.py prepare” does the rest."
            )
        if restored.kept:
            self.stdout.write(f"The state before is in {restored.kept}.")
            if restored.kept.suffix == ".zip":
                self.stdout.write(f"To go back: manage.py restore {restored.kept}")
        if not restored.is_seen:
            self.stdout.write("The database is in a new file now: restart the site, if it runs.")


def when(manifest):
    return f"{datetime.fromisoformat(manifest.made):%Y-%m-%d %H:%M} UTC"
