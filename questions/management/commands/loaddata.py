from collections.abc import Sequence

from django.core.management.commands import loaddata

from questions.recording import record


class Command(loaddata.Command):
    help = f"{loaddata.Command.help} What it writes to the bank is one change set."

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        with record(summary=f"Fixture {', '.join(fixture_labels)}"[:300]):
            super().loaddata(fixture_labels)
