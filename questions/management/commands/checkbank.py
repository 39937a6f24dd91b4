from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from questions import bankfiles, quality


class Command(BaseCommand):
    help = (
        "Say what falls short in a folder of bank files (default: the shipped one): structure, lengths, the "
        "mix of difficulties, missing key points, near-duplicates, dead links, unknown topics, spelling."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="?", default=settings.BASE_DIR / "content")

    def handle(self, *, folder, **options):
        try:
            bank = bankfiles.read(folder)
        except bankfiles.BankError as error:
            raise CommandError(str(error)) from error
        found = list(quality.problems(bank.normal_items()))
        for kind, uid, key, text in found:
            self.stdout.write(f"{bank.where(kind, uid, key)}: {key}: {text}")
        if found:
            raise CommandError(f"{len(found)} things to mend in {len(bank.items)} documents.")
        self.stdout.write(self.style.SUCCESS(f"{len(bank.items)} documents, nothing to mend."))
