import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from questions import readers
from questions.importing import Choices, Source, source_of
from questions.importing.assembling import role_to_start_with
from questions.importing.planning import NEAR, SAME, WRONG
from questions.importing.working import Result, import_at_once, role_of, weigh
from questions.management.progress import rendering
from questions.models import Role, Status
from questions.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Import questions from Markdown, HTML, plain text, CSV, XLSX, JSON, YAML, Anki or bank files, as "
        "drafts unless told otherwise. Safe to repeat: a second import of the same file updates what the "
        "first one made. What a curator has changed since, and what is nearly a question of the bank, is "
        "left out and listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FILE", help="a file, or a folder of bank files"
        )
        parser.add_argument("--dry-run", action="store_true", help="report what would be done; write nothing")
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help="print all that is read, with the verdicts: one JSON object a file",
        )
        parser.add_argument(
            "--publish", action="store_true", help="publish what is whole; what lacks an answer stays a draft"
        )
        parser.add_argument("--yes", action="store_true", help="do it without being asked")
        parser.add_argument("--role", metavar="SLUG", help="place the questions at the end of this role")

    def handle(
        self,
        *,
        files: list[Path],
        dry_run: bool,
        as_json: bool,
        publish: bool,
        yes: bool,
        role: str | None,
        **options: Any,
    ) -> None:
        sources = [source for path in files if (source := self.read(path))]
        unreadable = len(files) - len(sources)
        choices = self.choices(sources, publish, role)
        try:
            result = weigh(sources, choices)
        except Refusal as refusal:
            raise CommandError(f"Nothing was written. {refusal}") from refusal
        for source in sources:
            self.show(source, result, as_json=as_json)
        if unreadable:
            raise CommandError(f"{unreadable} of {len(files)} cannot be read. Nothing was written.")
        if dry_run or not result.changes:
            self.say(as_json, "Nothing was written." if dry_run else "Nothing to do.")
        elif yes or self.is_confirmed(result, as_json):
            self.write(sources, result, choices, as_json)

    def read(self, path: Path) -> Source | None:
        """The file at `path`; None, with a line that says why, where it cannot be read."""
        try:
            return source_of(str(path), readers.read(path))
        except readers.UnreadableFile as error:
            self.stderr.write(f"{path}: {error}")
            return None

    def choices(self, sources: list[Source], publish: bool, role: str | None) -> Choices:
        status = Status.PUBLISHED if publish else Status.DRAFT
        if role:
            found = Role.objects.filter(slug=role).first()
            if found is None:
                raise CommandError(f"There is no role “{role}”. Nothing was written.")
            return Choices(status, found.uid)
        return Choices(status, role_to_start_with(role_of(sources)))

    def show(self, source: Source, result: Result, *, as_json: bool) -> None:
        """Print what a file holds."""
        if as_json:
            self.stdout.write(json.dumps(as_object(source, result), ensure_ascii=False))
            return
        self.stdout.write(f"{source.name}: {summary(source, result)}")
        for item in result.items:
            is_plain = item["verdict"] == SAME or (item["taken"] and item["verdict"] != NEAR)
            if item["file"] == source.name and not is_plain:
                place = f"{source.name}:{item['line']}" if item["line"] else source.name
                self.stdout.write(f"  {place}: {item['verdict']}: {item['name']} {reason_of(item)}".rstrip())
        for left in source.reading.left_over:
            self.stdout.write(f"  {source.name}:{left.line}: left over: {left.text[:200]}")

    def is_confirmed(self, result: Result, as_json: bool) -> bool:
        """Whether a person at a terminal says yes."""
        if as_json or not sys.stdin.isatty():
            self.say(as_json, "Nothing was written: --yes writes it.")
            return False
        answer = input(f"Import {result.outcome.total} questions? [y/N] ")
        if answer.strip().casefold() in {"y", "yes"}:
            return True
        self.stdout.write("Nothing was written.")
        return False

    def write(self, sources: list[Source], result: Result, choices: Choices, as_json: bool) -> None:
        try:
            import_at_once(sources, result, choices, None if as_json else rendering(self.stdout))
        except Refusal as refusal:
            raise CommandError(f"Nothing was imported: import it again. {refusal}") from refusal
        self.say(as_json, self.style.SUCCESS(str(result.outcome)))

    def say(self, as_json: bool, text: str) -> None:
        """Print `text`, beside the JSON where there is any."""
        (self.stderr if as_json else self.stdout).write(text)


def as_object(source: Source, result: Result) -> dict[str, Any]:
    """A file as `--json` prints it: what was read, with the verdict on each question."""
    items = [item for item in result.items if item["file"] == source.name and item["kind"] == "question"]
    verdicts = {(item["line"], item["name"]): item for item in items}
    printed = {"file": source.name} | source.reading.as_json()
    for question in printed["questions"]:
        item = verdicts.get((question["line"], question["text"]))
        question["verdict"] = item["verdict"] if item else SAME
    return printed


def summary(source: Source, result: Result) -> str:
    """What a file holds, in numbers."""
    items = [item for item in result.items if item["file"] == source.name]
    numbers: dict[str, int] = {}
    for item in items:
        numbers[item["verdict"]] = numbers.get(item["verdict"], 0) + 1
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in numbers.items()) or "no questions"
    reading = source.reading
    unsure = sum(not item["sure"] for item in items)
    bare = sum(not item["answered"] for item in items)
    return (
        f"{len(reading.questions)} questions: {verdicts}; {unsure} not sure, {bare} without an answer; "
        f"{len(reading.steps)} steps, {len(reading.tips)} tips; {len(reading.left_over)} lines left over"
    )


def reason_of(item: dict[str, Any]) -> str:
    """Why an item is left out, or what it is like."""
    like = f"of “{item['like_name']}”" if item.get("like") and item["verdict"] != WRONG else ""
    taken = "taken as new" if item["taken"] else ""
    return " ".join(f"({part})" for part in (like, item["reason"], taken) if part)
