"""The bank as a folder of files: `bank.yaml`, `questions/<slug>.md` and `roles/<slug>.md`.

`read()` returns documents, with the file and line that each part came from; `write()` makes the files
of documents, byte for byte the same for the same documents.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml
from django.db.models import CharField, TextField

from . import markdown
from . import text as texts
from .documents import (
    KINDS,
    DocumentDict,
    DocumentKey,
    Item,
    Schema,
    SectionError,
    slugs_of,
    with_slugs,
    with_uids,
)
from .fields import Cleaned, FollowUpsField, LinesField
from .likeness import renamed

Lines: TypeAlias = dict[str, int]  # the line of each key, and of the whole at the key ""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LISTS = {"categories": "category", "topics": "topic", "synonyms": "synonym"}
_OF_ENTRIES = ("slug", "name", "also", "former")  # the keys of their entries, as far as a kind has them
RENAMED = 0.7  # from which likeness on, a new document is taken for one that is gone
_FOLDERS = {"questions": "question", "roles": "role"}
_FILE = re.compile(
    r"(?P<before>(?:[ \t]*\n)*)---[ \t]*\n(?P<front>(?:.*\n)*?)---[ \t]*(?:\n(?P<body>(?s:.*)))?"
)
_LARGEST = 5_000_000  # bytes of a file
_COMMENT = re.compile(r"[ \t]+#")  # behind a value
_DEEPEST = 5  # lists and mappings in one another


class BankError(Exception):
    """Files that cannot be read as a bank: a line for each problem, with file, line and reason."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(problems))


class Source(NamedTuple):
    """The file that a document was read from, and the lines in it."""

    path: Path
    lines: Lines

    def at(self, key: str) -> str:
        """`path:line` of a key."""
        return f"{self.path}:{self.lines.get(key, self.lines.get('', 1))}"


class Written(NamedTuple):
    """The numbers of files that were written and removed."""

    written: int
    removed: int


@dataclass
class Bank:
    """What a folder holds, where each document was read from, and what is wrong with it."""

    items: list[Item] = field(default_factory=list)
    sources: dict[DocumentKey, Source] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, kind: str, uid: str, document: DocumentDict, path: Path, lines: Lines) -> None:
        source = Source(path, lines)
        if (kind, uid) in self.sources:
            first = self.sources[kind, uid].path
            self.problems.append(f"{source.at('id')}: the id “{uid}” is also that of {first}")
            return
        self.items.append(Item(kind, uid, document))
        self.sources[kind, uid] = source

    def normal_items(self) -> list[Item]:
        """The items with every key of their kind, and references as uids where they lead to another item."""
        items = [item._replace(document=KINDS[item.kind].normal(item.document)) for item in self.items]
        return with_uids(items, in_bank=False)

    def compare(self, loaded: dict[DocumentKey, DocumentDict]) -> tuple[list[str], list[DocumentKey]]:
        """What became of `loaded`, the documents of earlier loads of this folder.

        Returns a problem for each new item that looks like one which is gone, unless it names an `id`,
        and the keys of the others that are gone.
        """
        gone = {key: document for key, document in loaded.items() if key not in self.sources}
        problems = []
        for kind in KINDS:
            new = {
                item.uid: _words_of(item.document)
                for item in self.items
                if item.kind == kind and item.key not in loaded and "id" not in self.sources[item.key].lines
            }
            former = {
                uid: _words_of(document) for (of_kind, uid), document in gone.items() if of_kind == kind
            }
            for uid, old in renamed(new, former, RENAMED).items():
                problems.append(
                    f"{self.where(kind, uid, '')}: looks like {old} renamed: write “id: {old}”, "
                    f"or “id: {uid}” if it is another {kind}"
                )
                del gone[kind, old]
        return problems, list(gone)

    def where(self, kind: str, uid: str, key: str) -> str:
        """`path:line` of a document's key."""
        return self.sources[kind, uid].at(key)


def _words_of(document):
    return " ".join(filter(None, (document.get(key) for key in ("name", "question", "intro", "answer"))))


def read(folder: str | Path) -> Bank:
    """The `Bank` in `folder`. Raises BankError with every problem found."""
    folder, bank = Path(folder), Bank()
    if not (folder / "bank.yaml").is_file():
        raise BankError([f"{folder}: no bank.yaml here; is it the folder of a bank?"])
    with _problems_reported(bank, folder / "bank.yaml"):
        _read_lists(bank, folder / "bank.yaml")
    for name, kind in _FOLDERS.items():
        if not (folder / name).is_dir():
            bank.problems.append(f"{folder / name}: this folder is missing; make it, even if it stays empty")
        for path in _files(folder / name):
            with _problems_reported(bank, path):
                _refuse_misplaced(path, folder / name)
                _read_file(bank, kind, path)
    if bank.problems:
        raise BankError(bank.problems)
    return bank


def _files(folder):
    """All that a writer may have put there as a part of the bank."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if (not path.is_dir() or path.is_symlink())  # what a link leads to is not looked through
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.stem.lower() != "readme"
    ]


def _refuse_misplaced(path, folder):
    if path.suffix.lower() not in {".md", ".markdown"}:
        raise _Problem(1, f"only files “<address>.md” belong into {folder.name}/: move this one")
    if path.suffix != ".md" or path.parent != folder:
        raise _Problem(1, f"files here are named “<address>.md”: move this one to {folder / path.stem}.md")


@contextmanager
def _problems_reported(bank, path):
    """Add to the problems of `bank` what is wrong with the file at `path`."""
    try:
        yield
    except _Problem as problem:
        bank.problems.append(f"{path}:{problem.line}: {problem}")
    except OSError as error:
        bank.problems.append(f"{path}:1: it cannot be read ({error.strerror})")


def _text(path):
    """The text of a file, with `\n` line ends, whichever it has."""
    size = path.stat().st_size
    if size > _LARGEST:
        raise _Problem(
            1, f"{size / 1e6:.1f} MB are more than the {_LARGEST / 1e6:.0f} MB that a file may have"
        )
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        raise _Problem(
            before.count(b"\n") + 1,
            f"not UTF-8: byte {content[error.start]:#04x} cannot stand here; save the file as UTF-8",
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def digest(folder: str | Path) -> str:
    """A digest of the files of a bank: the same for the same names and bytes."""
    folder, total = Path(folder), sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(f"{path.relative_to(folder)}\0{sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


class _Problem(Exception):
    def __init__(self, line, reason):
        self.line = line
        super().__init__(reason)


def front_matter(schema: Schema) -> list[str]:
    """The keys of a file's front matter, in their order. The address is the name of the file."""
    outside = {"slug", schema.body, *(section.name for section in schema.sections if section.heading)}
    return ["id", *(key.name for key in schema.keys if key.name not in outside)]


def _read_lists(bank, path):
    lists, lines, of_entries = _mapping(_text(path), first_line=1)
    _refuse_unknown(lists, lines, _LISTS)
    for name, kind in _LISTS.items():
        entries = lists.get(name) or []
        if not isinstance(entries, list):
            raise _Problem(lines[name], f"“{name}” is a list")
        for position, (entry, line) in enumerate(
            zip(entries, of_entries.get(name, []), strict=True), start=1
        ):
            others = [key for key in _OF_ENTRIES[2:] if key in KINDS[kind].fields]
            if not isinstance(entry, dict) or not {"slug", "name"} <= set(entry) <= {
                *("id", "slug", "name"),
                *others,
            }:
                may_have = " and ".join(["an id", *others])
                raise _Problem(line, f"each of {name} has a slug and a name, and may have {may_have}")
            where = dict.fromkeys(["", *({"id"} & entry.keys())], line)
            of_lists = {key: [line] * len(entry.get(key) or []) for key in others}
            _check_values(KINDS[kind], entry, dict.fromkeys(entry, line), of_lists)
            uid = entry.pop("id", entry["slug"])
            if kind == "category":
                entry["position"] = position
            bank.add(kind, uid, entry, path, where)


def _read_file(bank, kind, path):
    schema = KINDS[kind]
    match = _FILE.fullmatch(_text(path))
    if not match:
        raise _Problem(1, "the file begins with “---”, front matter, and another line “---”")
    first_line = match["before"].count("\n") + 2
    document, lines, of_entries = _mapping(match["front"], first_line)
    _refuse_unknown(document, lines, front_matter(schema))
    document = {key: value for key, value in document.items() if value is not None}  # empty is missing
    _check_values(schema, document, lines, of_entries)
    slug = _name(path.stem)
    document["slug"] = slug
    uid = document.pop("id", slug)
    first_line += match["front"].count("\n") + 1
    body = match["body"] or ""
    if key := schema.body:
        document[key] = texts.block(body)
        lines[key] = first_line
    else:
        sections, at = _sections(schema, body, first_line)
        document |= sections
        lines |= at
    bank.add(kind, uid, document, path, lines)


def _check_values(schema, document, lines, of_entries):
    """Refuse texts, names and lists of them that are something else, and bring each into its usual form."""
    for key, value in document.items():
        if key in schema.references:
            _check_names(key, value, lines, is_list=key not in schema.fields)
            document[key] = [_name(each) for each in value] if isinstance(value, list) else _name(value)
            continue
        field = schema.field(key) if key in schema.fields else None
        if field is None or isinstance(field, CharField | TextField):  # the id is a text, too
            if not isinstance(value, str):
                raise _Problem(lines[key], f"“{key}” is a text; put it in quotes")
        elif isinstance(field, LinesField | FollowUpsField):
            _check_entries(key, value, lines, of_entries, may_have_parts=isinstance(field, FollowUpsField))
        document[key] = field.cleaned(value) if isinstance(field, Cleaned) else value
    if "id" in document:
        document["id"] = _name(document["id"])


def _check_names(key, value, lines, *, is_list):
    if not is_list:
        if not isinstance(value, str):
            raise _Problem(lines[key], f"“{key}” is a text; put it in quotes")
        return
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _Problem(lines[key], f"“{key}” is a list of addresses")
    if repeated := [name for name, count in Counter(value).items() if count > 1]:
        raise _Problem(lines[key], f"“{key}” names {repeated[0]} twice")


def _check_entries(key, entries, lines, of_entries, *, may_have_parts):
    if not isinstance(entries, list):
        raise _Problem(lines[key], f"“{key}” is a list: each line begins with “- ”")
    for entry, line in zip(entries, of_entries[key], strict=True):
        parts = entry.values() if may_have_parts and isinstance(entry, dict) else [entry]
        if not all(isinstance(part, str) for part in parts):
            raise _Problem(line, f"each of “{key}” is a text; put this one in quotes")
        if isinstance(entry, dict) and not entry.get("question"):
            raise _Problem(
                line, "a hint needs the question that it belongs to: “question: …” before “hint: …”"
            )


def _name(text):
    """An address or an id, which some file systems and keyboards decompose."""
    return unicodedata.normalize("NFC", text)


def _mapping(text, first_line):
    """The YAML mapping `text`; the line of each of its keys; and of each entry of those that are lists."""
    try:
        _refuse_unusual(text, first_line)
        loader = _LOADER(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _Problem(first_line, "“key: value” lines are needed here")
        values, lines, of_entries = {}, {}, {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + first_line
            if not isinstance(key, str):
                raise _Problem(line, "“key: value” lines are needed here")
            if key in lines:
                raise _Problem(line, f"“{key}” is here a second time")
            lines[key] = line
            if isinstance(value_node, yaml.SequenceNode):
                of_entries[key] = [entry.start_mark.line + first_line for entry in value_node.value]
            try:
                values[key] = _json(loader.construct_object(value_node, deep=True))
            except ValueError as error:  # such as the 30th of February
                raise _Problem(line, f"“{key}” cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, first_line) from error
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n") + first_line
        raise _Problem(line, f"not YAML: {error.reason} (U+{error.character:04X})") from error
    return values, lines, of_entries


def _refuse_unusual(text, first_line):
    """Refuse what no bank needs: words lost to a comment, an anchor or a tag, aliases, endless nesting."""
    depth = 0
    events: Iterable[Any] = yaml.parse(text, Loader=_LOADER)  # with marks, which the stubs call optional
    for event in events:
        start, end = event.start_mark, event.end_mark
        line = start.line + first_line
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:  # before they are built: thousands would end the process
            raise _Problem(line, "lists in lists in lists: a bank has none so deep")
        for sign, name in {"&": "anchor", "*": "anchor", "!": "tag"}.items():
            if getattr(event, name, None) and text.startswith(sign, start.index):
                raise _Problem(line, f"“{sign}” has a meaning of its own in YAML: put the text in quotes")
        if isinstance(event, yaml.ScalarEvent) and _COMMENT.match(text, end.index):
            line = end.line + first_line
            raise _Problem(
                line, "“ #” begins a comment: put the text in quotes, or the comment on its own line"
            )


def _not_yaml(error, first_line):
    """The _Problem that YAML has, at the line where the text begins that it cannot read."""
    mark = error.problem_mark
    if error.context_mark and "block" not in (error.context or ""):
        mark = error.context_mark
    line = mark.line if mark else 0
    return _Problem(line + first_line, f"not YAML: {error.problem}; if it is a text, put all of it in quotes")


def _json(value):
    if isinstance(value, list):
        return [_json(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _json(entry) for key, entry in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _refuse_unknown(mapping, lines, known):
    for key in mapping:
        if key not in known:
            raise _Problem(lines.get(key, 1), f"unknown key “{key}”: known are {', '.join(known)}")


def _sections(schema, body, first_line):
    """The sections of prose in the body of a file, from its `## Heading` lines."""
    by_heading = {section.heading: section for section in schema.sections if section.heading}
    lines = body.split("\n")
    # By its signs: a heading that a line of hyphens makes belongs to the words below.
    headings = [token for token in markdown.blocks(body) if token.type == "heading_open"]
    starts = [token.map[0] for token in headings if token.markup == "##"]
    if any(line.strip() for line in lines[: starts[0] if starts else None]):
        raise _Problem(first_line, f"text belongs under one of: {', '.join(f'## {h}' for h in by_heading)}")
    found, at = {}, {}
    for start, end in pairwise([*starts, len(lines)]):
        heading = lines[start].lstrip().removeprefix("##").strip()
        if heading not in by_heading:
            raise _Problem(
                first_line + start, f"unknown heading “{heading}”: known are {', '.join(by_heading)}"
            )
        section = by_heading[heading]
        try:
            found[section.name] = section.parse("\n".join(lines[start + 1 : end]))
        except SectionError as error:
            raise _Problem(first_line + start + 1 + error.line, str(error)) from error
        at[section.name] = first_line + start
    return found, at


def write(items: Iterable[Item], folder: str | Path) -> Written:
    """Write `items` as a bank into `folder`, and remove files of it that are no longer in the bank."""
    folder, items = Path(folder), list(items)
    files = {folder / name: text for name, text in files_of(with_slugs(items, slugs_of(items)))}
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    stale = [path for name in _FOLDERS for path in (folder / name).glob("*.md") if path not in files]
    for path, text in files.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in stale:
        path.unlink()
    return Written(len(files), len(stale))


def files_of(items: Iterable[Item]) -> Iterator[tuple[str, str]]:
    """The name and the text of each file of a bank of `items`, whose references are slugs.

    One at a time, so that a large bank needs little memory; `bank.yaml` is the last one.
    """
    lists: dict[str, list[DocumentDict]] = {name: [] for name in _LISTS}
    names = {kind: name for name, kind in (_LISTS | _FOLDERS).items()}
    for kind, uid, document in items:
        name = names[kind]
        if document and name in _FOLDERS:
            yield f"{name}/{document['slug']}.md", _file_text(kind, uid, document)
        elif document:
            entry = {key: document[key] for key in _OF_ENTRIES if document.get(key)}
            lists[name].append(_identity(uid, document) | entry)
    if not lists["synonyms"]:
        del lists["synonyms"]  # which a bank may do without
    yield "bank.yaml", _yaml(lists)


def _file_text(kind, uid, document):
    schema = KINDS[kind]
    values = _identity(uid, document) | document
    front = {key: values[key] for key in front_matter(schema) if values.get(key)}
    for key in front.keys() & {"reviewed_on", "corrected_on"}:
        front[key] = date.fromisoformat(front[key])
    body = document[schema.body] if schema.body else _sections_text(schema, document)
    return f"---\n{_yaml(front)}---\n" + (f"\n{body}\n" if body else "")


def _sections_text(schema, document):
    return "\n\n".join(
        f"## {section.heading}\n\n{section.format(document[section.name])}"
        for section in schema.sections
        if section.format and document[section.name]
    )


def _identity(uid, document):
    return {} if uid == document["slug"] else {"id": uid}


def _yaml(value):
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=float("inf"))
