from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practice import checking


class Command(BaseCommand):
    help = (
        "Replay the reviews of all learners, and name the cards that are not what they give. Writes nothing, "
        "unless --repair makes those cards again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="make wrong cards again from their reviews")

    def handle(self, *, repair: bool, **options: Any) -> None:
        found = list(checking.differences())
        if repair:
            checking.repair(found)
            self.stdout.write(self.style.SUCCESS(f"Made {len(found)} cards again."))
            return
        for learner, question in found:
            self.stdout.write(f"learner {learner}: {question}")
        if found:
            raise CommandError(
                f"{len(found)} cards are not what their reviews give. --repair makes them again."
            )
        self.stdout.write(self.style.SUCCESS("Every card is what its reviews give."))
