from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from questions.changes import ContentVersion
from questions.listing import TopicListing
from questions.models import Placement
from questions.writing import lock_what_follows


class Command(BaseCommand):
    help = "Make the lists of roles and topics again where raw SQL has changed their questions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        with transaction.atomic():
            lock_what_follows()
            uids, placements = TopicListing.objects.outdated(), Placement.objects.outdated()
            count = len(uids) + placements.count()
            if count and not dry_run:
                TopicListing.objects.keep(uids)
                Placement.objects.keep_ranks()
                ContentVersion.advance()
        verb = "Would make" if dry_run else "Made"
        self.stdout.write(self.style.SUCCESS(f"{verb} {count} entries of lists again."))
