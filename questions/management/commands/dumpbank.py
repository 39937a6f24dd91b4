from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions import bankfiles, documents


class Command(BaseCommand):
    help = "Write the whole bank as files into a folder, the same bytes for the same bank."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder")

    def handle(self, *, folder: str, **options: Any) -> None:
        try:
            written, removed = bankfiles.write(documents.everything(), folder)
        except OSError as error:
            raise CommandError(f"Cannot write there: {error}") from error
        self.stdout.write(self.style.SUCCESS(f"Wrote {written} files, removed {removed} that were stale."))
