from typing import Any

from django.core.management.base import BaseCommand, CommandError

from questions.search import index


class Command(BaseCommand):
    help = "Compare the search index with the bank, and name what differs. Writes nothing."

    def handle(self, **options: Any) -> None:
        found = index.differences()
        for line in found:
            self.stdout.write(line)
        if found:
            raise CommandError(f"{len(found)} differences. `manage.py rebuildsearch` makes the index again.")
        self.stdout.write(self.style.SUCCESS("The search index is as the bank says."))
