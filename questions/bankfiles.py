"""The bank as a folder of files: `bank.yaml`, `questions/<slug>.md` and `roles/<slug>.md`.

`read()` gives documents, with the file and line that each part came from; `write()` makes the files
of documents, byte for byte the same for the same documents.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

import yaml

from . import markdown
from .documents import KINDS, SectionError, with_slugs, with_uids

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LISTS = {"categories": "category", "topics": "topic"}
_FOLDERS = {"questions": "question", "roles": "role"}
_FILE = re.compile(r"---\n(?P<front>.*?\n)---\n(?P<body>.*)", re.DOTALL)


class BankError(Exception):
    """Files that cannot be read as a bank: a line for each problem, with file, line and reason."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass
class Bank:
    """What a folder holds: (kind, uid, document) items, and where each part of them stands."""

    items: list = field(default_factory=list)
    places: dict = field(default_factory=dict)  # (kind, uid) -> (path, {key: line})
    problems: list = field(default_factory=list)

    def add(self, kind, uid, document, path, lines):
        if (kind, uid) in self.places:
            first = self.places[kind, uid][0]
            self.problems.append(f"{path}:{lines.get('id', 1)}: the id “{uid}” is also that of {first}")
            return
        self.items.append((kind, uid, document))
        self.places[kind, uid] = path, lines

    def normal_items(self):
        """The items with every key of their kind, and references as uids where they lead to another item."""
        items = [(kind, uid, KINDS[kind].normal(document)) for kind, uid, document in self.items]
        return with_uids(items, in_bank=False)

    def where(self, kind, uid, key):
        """`path:line` of a document's key."""
        path, lines = self.places[kind, uid]
        return f"{path}:{lines.get(key, lines.get('', 1))}"


def read(folder):
    """The `Bank` in `folder`. Raises BankError with every problem found."""
    folder, bank = Path(folder), Bank()
    if not (folder / "bank.yaml").is_file():
        raise BankError([f"{folder}: no bank.yaml here; is it the folder of a bank?"])
    _read_lists(bank, folder / "bank.yaml")
    for name, kind in _FOLDERS.items():
        for path in sorted((folder / name).glob("*.md")):
            try:
                _read_file(bank, kind, path)
            except (_Problem, UnicodeDecodeError) as problem:
                bank.problems.append(f"{path}:{getattr(problem, 'line', 1)}: {problem}")
    if bank.problems:
        raise BankError(bank.problems)
    return bank


def digest(folder):
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


def _front_matter(kind):
    """The keys of a file's front matter, in their order. The address is the name of the file."""
    apart = {"slug", kind.body, *(section.name for section in kind.sections if section.heading)}
    return ["id", *(key.name for key in kind.keys if key.name not in apart)]


def _read_lists(bank, path):
    try:
        text = path.read_text(encoding="utf-8")
        lists, lines = _mapping(text, first_line=1)
        _refuse_unknown(lists, lines, _LISTS)
        for name, kind in _LISTS.items():
            entries = lists.get(name) or []
            if not isinstance(entries, list):
                raise _Problem(lines[name], f"“{name}” is a list")
            for position, entry in enumerate(entries, start=1):
                where = {"": _line_of_entry(text, name, position) or lines[name]}
                if not isinstance(entry, dict) or not {"slug", "name"} <= set(entry) <= {
                    "id",
                    "slug",
                    "name",
                }:
                    raise _Problem(where[""], f"each of {name} has a slug and a name, and may have an id")
                uid = entry.pop("id", entry["slug"])
                if kind == "category":
                    entry["position"] = position
                bank.add(kind, uid, entry, path, where)
    except (_Problem, UnicodeDecodeError) as problem:
        bank.problems.append(f"{path}:{getattr(problem, 'line', 1)}: {problem}")


def _read_file(bank, kind, path):
    match = _FILE.fullmatch(path.read_text(encoding="utf-8").replace("\r\n", "\n"))
    if not match:
        raise _Problem(1, "the file begins with “---”, front matter, and another line “---”")
    document, lines = _mapping(match["front"], first_line=2)
    _refuse_unknown(document, lines, _front_matter(KINDS[kind]))
    document = {key: value for key, value in document.items() if value is not None}  # empty is missing
    _check_references(document, lines)
    document["slug"] = path.stem
    uid = document.pop("id", path.stem)
    first_line = 1 + match["front"].count("\n") + 2
    if body := KINDS[kind].body:
        document[body] = match["body"].strip()
        lines[body] = first_line
    else:
        sections, at = _sections(KINDS[kind], match["body"], first_line)
        document |= sections
        lines |= at
    bank.add(kind, uid, document, path, lines)


def _check_references(document, lines):
    """Refuse names and lists of names that are something else: they are read before any rule is."""
    for key in {"id", "category"} & document.keys():
        if not isinstance(document[key], str):
            raise _Problem(lines[key], f"“{key}” is a text; put it in quotes")
    for key in {"topics", "questions"} & document.keys():
        names = document[key]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise _Problem(lines[key], f"“{key}” is a list of addresses")
        if repeated := [name for name in names if names.count(name) > 1]:
            raise _Problem(lines[key], f"“{key}” names {repeated[0]} twice")


def _mapping(text, first_line):
    """The YAML mapping `text`, and the line of each of its keys in the file."""
    try:
        loader = _LOADER(text)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise _Problem(first_line, "“key: value” lines are needed here")
        lines = {}
        for key, _value in node.value:
            line = key.start_mark.line + first_line
            if key.value in lines:
                raise _Problem(line, f"“{key.value}” stands here a second time")
            lines[key.value] = line
        values = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark or error.problem_mark
        raise _Problem((mark.line if mark else 0) + first_line, f"not YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise _Problem(first_line, f"not YAML: {error}") from error
    return {key: _json(value) for key, value in values.items()}, lines


def _json(value):
    return value.isoformat() if isinstance(value, date) else value


def _refuse_unknown(mapping, lines, known):
    for key in mapping:
        if key not in known:
            raise _Problem(lines.get(key, 1), f"unknown key “{key}”: known are {', '.join(known)}")


def _line_of_entry(text, name, position):
    """The line of an entry of a list in bank.yaml, for messages."""
    for key, value in yaml.compose(text, Loader=_LOADER).value:
        if key.value == name and isinstance(value, yaml.SequenceNode) and len(value.value) >= position:
            return value.value[position - 1].start_mark.line + 1
    return None


def _sections(kind, body, first_line):
    """The sections of prose in the body of a file, from its `## Heading` lines."""
    by_heading = {section.heading: section for section in kind.sections if section.heading}
    lines = body.splitlines()
    starts = [
        token.map[0] for token in markdown.blocks(body) if token.type == "heading_open" and token.tag == "h2"
    ]
    if any(line.strip() for line in lines[: starts[0] if starts else None]):
        raise _Problem(first_line, f"text belongs under one of: {', '.join(f'## {h}' for h in by_heading)}")
    found, at = {}, {}
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        heading = lines[start].removeprefix("##").strip()
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


def write(items, folder):
    """Write `items` as a bank into `folder`, and remove files of it that are no longer in the bank.

    Gives the number of files written and removed.
    """
    folder, items = Path(folder), with_slugs(items)
    files = {folder / "bank.yaml": _lists_text(items)}
    for name, kind in _FOLDERS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for of_kind, uid, document in items:
            if of_kind == kind:
                files[folder / name / f"{document['slug']}.md"] = _file_text(kind, uid, document)
    stale = [path for name in _FOLDERS for path in (folder / name).glob("*.md") if path not in files]
    for path, text in files.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in stale:
        path.unlink()
    return len(files), len(stale)


def _lists_text(items):
    return _yaml(
        {
            name: [
                _identity(uid, document) | {"slug": document["slug"], "name": document["name"]}
                for of_kind, uid, document in items
                if of_kind == kind
            ]
            for name, kind in _LISTS.items()
        }
    )


def _file_text(kind, uid, document):
    values = _identity(uid, document) | document
    front = {key: values[key] for key in _front_matter(KINDS[kind]) if values.get(key)}
    if "reviewed_on" in front:
        front["reviewed_on"] = date.fromisoformat(front["reviewed_on"])
    body = document[KINDS[kind].body] if KINDS[kind].body else _sections_text(kind, document)
    return f"---\n{_yaml(front)}---\n" + (f"\n{body}\n" if body else "")


def _sections_text(kind, document):
    return "\n\n".join(
        f"## {section.heading}\n\n{section.format(document[section.name])}"
        for section in KINDS[kind].sections
        if section.heading and document[section.name]
    )


def _identity(uid, document):
    return {} if uid == document["slug"] else {"id": uid}


def _yaml(value):
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=float("inf"))
