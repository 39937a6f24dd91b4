from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from interviewprep import backups


class Command(BaseCommand):
    help = (
        "Back up the database into one file, while the site serves. It is read again before it appears. "
        "“manage.py restore” takes it back."
    )
    requires_system_checks = []  # a backup is wanted even then

    def add_arguments(self, parser):
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("file", nargs="?", type=Path)
        where.add_argument(
            "--into",
            type=Path,
            metavar="FOLDER",
            help="write a file named by date and time into FOLDER, and keep of those the newest of each of "
            "the last 7 days and 4 weeks; other files are left alone",
        )
        parser.add_argument("--force", action="store_true", help="replace FILE if it exists")

    def handle(self, *, file, into, force, **options):
        try:
            if into:
                path, removed = backups.create_into(into)
            else:
                path, removed = file, []
                backups.create(file, replace=force)
        except backups.BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Backed up the database to {path} ({path.stat().st_size / 1e6:.1f} MB).")
        if removed:
            self.stdout.write(f"Removed {len(removed)} older backups.")
