from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questions import history


class Command(BaseCommand):
    help = (
        "Compare the newest version of every document in history with the rows of the bank, and name what "
        "differs: something that was written by raw SQL, say. Writes nothing."
    )

    def handle(self, **options: Any) -> None:
        found, lists = list(history.differences()), list(history.outdated_lists())
        for line in [*found, *lists]:
            self.stdout.write(line)
        if found:
            raise CommandError(
                f"{len(found)} documents differ from history. Save each once more to record it."
            )
        if lists:
            raise CommandError(
                f"{len(lists)} entries of lists are not as their questions: relist makes them."
            )
        self.stdout.write(self.style.SUCCESS("History knows every document as it is."))
