"""Writes questions as files of other kinds, and whole banks."""

import os
import sys
from pathlib import Path
from shutil import copyfileobj
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions.models import Question, Role, Status
from questions.writers import FORMATS, BankExport, Unfit


class Command(BaseCommand):
    help = (
        "Export the bank, the questions of roles, or single questions: as bank files (zip), JSON, CSV, XLSX, "
        "Markdown or an Anki package. The same bank gives the same bytes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="where to write to; - is standard output")
        parser.add_argument(
            "--format", choices=FORMATS, help="by default what the ending of FILE says: a zip is bank files"
        )
        parser.add_argument(
            "--exact",
            action="store_true",
            help="CSV to the letter: without the mark before what a spreadsheet takes for a formula",
        )
        parser.add_argument(
            "--role", action="append", default=[], metavar="SLUG", help="only this role; may be repeated"
        )
        parser.add_argument(
            "--question",
            action="append",
            default=[],
            metavar="SLUG",
            help="only this question; may be repeated",
        )
        parser.add_argument(
            "--status",
            action="append",
            default=[],
            choices=Status.values,
            help="only questions of this status; may be repeated",
        )

    def handle(self, *, file: str, **options: Any) -> None:
        kind = FORMATS[self.format(file, options["format"], exact=options["exact"])]
        export = self.export(**options)
        try:
            if file == "-":
                self.print(kind, export)
            else:
                self.save(kind, export, Path(file))
        except Unfit as error:
            raise CommandError(f"Nothing was written. {error}") from error
        except OSError as error:
            raise CommandError(f"Cannot write there: {error}") from error
        for role in export.left_roles:
            self.stderr.write(f"Without the page of {role.name}: not all of its questions are exported.")
        count = len(export.question_uids)
        self.stderr.write(self.style.SUCCESS(f"Exported {count} question{'s' if count != 1 else ''}."))

    def format(self, file: str, name: str | None, *, exact: bool) -> str:
        endings = {each.ending: key for key, each in reversed(FORMATS.items())}
        name = name or endings.get(Path(file).suffix.lower().removeprefix("."))
        if name is None:
            raise CommandError(f"Say which --format: {', '.join(FORMATS)}.")
        if exact and name not in {"csv", "exact-csv"}:
            raise CommandError("--exact is for CSV; other formats are exact anyway.")
        return "exact-csv" if exact else name

    def export(
        self, *, role: list[str], question: list[str], status: list[str], **options: Any
    ) -> BankExport:
        if role and question:
            raise CommandError("Name roles or questions, and not both.")
        if role:
            export = BankExport.of_roles(self.named(Role, role))
        elif question:
            export = BankExport(self.named(Question, question).order_by("slug"))
        else:
            export = BankExport.of_bank()
        return export.with_status(status) if status else export

    def named(self, model: Any, slugs: list[str]) -> Any:
        found = model.objects.filter(slug__in=slugs)
        if missing := sorted(set(slugs) - set(found.values_list("slug", flat=True))):
            raise CommandError(f"There is no {model.kind} “{missing[0]}”.")
        return found

    def print(self, kind, export):
        with TemporaryFile() as made:
            kind.write(export, made)
            made.seek(0)
            copyfileobj(made, getattr(self.stdout, "buffer", None) or sys.stdout.buffer)

    def save(self, kind, export, path):
        """Write beside `path` and move it there, so that a file that is there is whole, old or new."""
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as made:
            try:
                kind.write(export, made)
            except BaseException:
                Path(made.name).unlink()
                raise
        Path(made.name).chmod(0o666 & ~_umask())
        Path(made.name).replace(path)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
