from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from practice.models import Learner


class Command(BaseCommand):
    help = (
        "Delete what learners kept whose browsers have not come back for two years and who made no recovery "
        "code: their cookies have ended, so nobody can open it any more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        learners = Learner.objects.out_of_reach()
        count = learners.count() if dry_run else learners.sweep()
        self.stdout.write(self.style.SUCCESS(f"{'Would delete' if dry_run else 'Deleted'} {count} learners."))
