from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from questions.search import index


class Command(BaseCommand):
    help = (
        "Make the search index again from the bank, in one transaction. It follows every change by itself: "
        "this is for what was written by raw SQL."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only compare, as checksearch does")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        if dry_run:
            self.stdout.write(f"{len(index.differences())} entries and words are not as the bank says.")
        else:
            self.stdout.write(self.style.SUCCESS(f"Indexed {index.rebuild()} questions, roles and topics."))
