from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions import bankfiles, quality


class Command(BaseCommand):
    help = (
        "Report what falls short in a folder of bank files (default: the shipped one), a line each with "
        f"file, line and reason. The checks are: {'; '.join(f'{n}, {t}' for n, t in quality.CHECKS.items())}."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", default=settings.BASE_DIR / "content")
        names = sorted(quality.CHECKS)
        parser.add_argument("--only", nargs="+", choices=names, metavar="CHECK", help="these checks")
        parser.add_argument(
            "--except", nargs="+", choices=names, default=[], metavar="CHECK", help="all checks but these"
        )

    def handle(self, *, folder: str, only: list[str] | None, **options: Any) -> None:
        wanted = set(only or quality.CHECKS) - set(options["except"])
        try:
            bank = bankfiles.read(folder)
        except bankfiles.BankError as error:
            raise CommandError(str(error)) from error
        found = [each for each in quality.problems(bank.normal_items()) if each[2].check in wanted]
        for kind, uid, (check, key, text) in found:
            self.stdout.write(f"{bank.where(kind, uid, key)}: {key}: {text} [{check}]")
        if found:
            counts = Counter(finding.check for _kind, _uid, finding in found)
            by_check = ", ".join(f"{check} {number}" for check, number in counts.most_common())
            raise CommandError(f"{len(found)} findings in {len(bank.items)} documents: {by_check}.")
        self.stdout.write(self.style.SUCCESS(f"{len(bank.items)} documents, no findings."))
