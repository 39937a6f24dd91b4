"""The project's own bank files, as a folder or in a zip."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from .. import bankfiles
from ..documents import Item
from . import files
from .reading import FoundQuestion, FoundStep, Reading, UnreadableFile

_FOLDERS = ("questions", "roles")


def is_bank(names: list[str]) -> bool:
    return any(PurePosixPath(name).name == "bank.yaml" for name in names)


def read_zip(archive: ZipFile) -> Reading:
    """The bank in a zip, from wherever its `bank.yaml` stands."""
    names = archive.namelist()
    root = min(
        (PurePosixPath(name).parent for name in names if PurePosixPath(name).name == "bank.yaml"), key=str
    )
    with TemporaryDirectory() as folder:
        for name in names:
            path = PurePosixPath(name)
            if not name.endswith("/") and path.is_relative_to(root) and _is_part(path.relative_to(root)):
                target = Path(folder, path.relative_to(root))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(files.member(archive, name))
        for name in _FOLDERS:
            Path(folder, name).mkdir(exist_ok=True)
        return read_folder(Path(folder))


def _is_part(path):
    return str(path) == "bank.yaml" or (len(path.parts) == 2 and path.parts[0] in _FOLDERS)


def read_folder(folder: Path) -> Reading:
    """The bank in a folder. Its documents are in `items` whole; the rest of the reading shows them."""
    try:
        bank = bankfiles.read(folder)
    except bankfiles.BankError as error:
        raise UnreadableFile(_sentence(error.problems, folder)) from error
    return reading_of(bank.items, lambda item: bank.sources[item.key].lines.get("question", 1))


def reading_of(items: list[Item], line_of: Callable[[Item], int]) -> Reading:
    """Whole documents as a reading, with their questions for people to look through."""
    reading = Reading(items=items)
    names = {
        item.uid: (item.document or {}).get("name", item.uid)
        for item in items
        if item.kind in {"topic", "category"}
    }
    for item in items:
        document = item.document or {}
        if item.kind == "question":
            short, answer = document.get("short_answer", ""), document.get("answer", "")
            reading.questions.append(
                FoundQuestion(
                    text=document.get("question", ""),
                    difficulty=document.get("difficulty", ""),
                    answer="\n\n".join(filter(None, [short, answer])),
                    key_points=document.get("key_points", []),
                    topics=[names.get(uid, uid) for uid in document.get("topics", [])],
                    line=line_of(item),
                    uid=item.uid,
                )
            )
    roles = [item.document for item in items if item.kind == "role" and item.document]
    if len(roles) == 1:
        _take_role(reading, roles[0], names)
    return reading.finish()


def _take_role(reading, role, names):
    reading.title = role.get("name", "")
    reading.category = names.get(role.get("category"), role.get("category") or "")
    reading.intro = role.get("intro", "")
    reading.steps = [FoundStep(step["title"], step.get("body", "")) for step in role.get("steps", [])]
    reading.tips = [tip["text"] for tip in role.get("tips", [])]


def _sentence(problems, folder):
    first = problems[0].replace(f"{folder}/", "")
    more = f" ({len(problems) - 1} more problems like this)" if len(problems) > 1 else ""
    return f"These bank files cannot be read: {first}{more}."
