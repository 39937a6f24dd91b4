from django.core.management.base import CommandParser
from django.core.management.commands import dumpdata

DERIVED = "questions.TopicListing"


class Command(dumpdata.Command):
    help = f"{dumpdata.Command.help} What follows from documents is left out: a load makes it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(exclude=[DERIVED])
