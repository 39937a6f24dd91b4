"""Reads questions from files of other kinds."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions import readers


class Command(BaseCommand):
    help = (
        "Read questions from Markdown, HTML, plain text, CSV, XLSX, JSON, YAML, Anki or bank files, and "
        "print what is in them. Nothing is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of bank files"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help="print all that is read: one JSON object a file",
        )

    def handle(self, *, files: list[Path], as_json: bool, **options: Any) -> None:
        unreadable = [path for path in files if not self.show(path, as_json=as_json)]
        if unreadable:
            raise CommandError(f"{len(unreadable)} of {len(files)} cannot be read.")
        if not as_json:
            self.stdout.write("Nothing was written: --json shows what was read.")

    def show(self, path: Path, *, as_json: bool) -> bool:
        """Print what the file at `path` holds; whether it can be read."""
        try:
            reading = readers.read(path)
        except readers.UnreadableFile as error:
            self.stderr.write(f"{path}: {error}")
            return False
        if as_json:
            self.stdout.write(json.dumps({"file": str(path)} | reading.as_json(), ensure_ascii=False))
        else:
            self.stdout.write(f"{path}: {summary(reading)}")
        return True


def summary(reading: readers.Reading) -> str:
    """What a reading holds, in numbers."""
    unsure = sum(not question.sure for question in reading.questions)
    return (
        f"{len(reading.questions)} questions, {unsure} of them not sure, {len(reading.steps)} steps, "
        f"{len(reading.tips)} tips; {len(reading.left_over)} lines left over, "
        f"{len(reading.warnings)} warnings"
    )
