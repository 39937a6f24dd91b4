"""Anki: packages of all formats, and the text that it exports."""

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import zstandard

from .. import text as texts
from . import files, html, levels, own_notes
from .columns import best_roles
from .prose import titles
from .reading import MAX_QUESTIONS, FoundQuestion, Reading, UnreadableFile, distinct

_COLLECTIONS = ["collection.anki21b", "collection.anki21", "collection.anki2"]  # the newest first
_MAX_STEPS = 50  # of a million of SQLite's instructions: what a sound collection needs is less than one
_CLOZE = re.compile(
    r"\{\{c\d+::(?P<hidden>(?:(?!\{\{c\d|\}\}).)*?)(?:::(?P<hint>(?:(?!\}\}|::).)*))?\}\}", re.DOTALL
)
_SOUND = re.compile(r"\[(?:sound:[^\]]*|anki:[^\]]*)\]")
_HEADER = re.compile(
    r"#(?P<key>separator|html|tags|columns|deck|notetype|(?:tags|notetype|deck|guid) column|if matches):"
    r"(?P<value>.*)",
    re.IGNORECASE,
)
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
_OWN_TAGS = {"leech", "marked", "missing", "duplicate"}


class _Note(NamedTuple):
    guid: str
    names: list[str]  # of its fields
    fields: list[str]
    tags: list[str]
    deck: str
    line: int
    is_html: bool = True


def is_package(names: list[str]) -> bool:
    return any(name in names for name in _COLLECTIONS)


def is_text_export(text: str) -> bool:
    return bool(
        re.match(r"#(?:separator|html|notetype|deck|columns|tags|guid)\b[^\n]*:", text, re.IGNORECASE)
    )


# Packages


def read_package(archive: zipfile.ZipFile) -> Reading:
    """The notes of a package as questions."""
    name = next(name for name in _COLLECTIONS if name in archive.namelist())
    data = files.member(archive, name)
    if name.endswith("b"):
        data = _unpacked(data)
    return read_collection(data)


def _unpacked(data):
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(io.BytesIO(data)) as stream:
            unpacked = stream.read(files.MAX_UNPACKED + 1)
    except zstandard.ZstdError as error:
        raise UnreadableFile("The package is damaged: its collection cannot be unpacked.") from error
    if len(unpacked) > files.MAX_UNPACKED:
        raise UnreadableFile(
            f"Its collection has more than {files.MAX_UNPACKED / 1e6:.0f} MB: export a part of it."
        )
    return unpacked


def read_collection(data: bytes) -> Reading:
    """The notes of a collection, which is a database of SQLite."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "collection")
        path.write_bytes(data)
        try:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
                return _reading(list(_notes(_bounded(database))))
        except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise UnreadableFile("The package is damaged: its collection cannot be read.") from error


def _bounded(database):
    """A connection that runs no code of the file's own, and not for long."""
    steps = iter(range(_MAX_STEPS))
    database.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
    database.text_factory = lambda text: text.decode(errors="replace")
    database.execute("PRAGMA trusted_schema=OFF")
    database.execute("PRAGMA cell_size_check=ON")
    database.create_collation(
        "unicase",
        lambda one, other: (one.casefold() > other.casefold()) - (one.casefold() < other.casefold()),
    )
    return database


def _notes(database):
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master"))
    if kinds.get("notes") != "table" or kinds.get("cards") != "table":
        raise UnreadableFile("This is no collection of Anki: it has no notes.")
    names = _names_of_fields(database, kinds)
    decks = _decks(database, kinds)
    of_note = dict(database.execute("SELECT nid, min(did) FROM cards GROUP BY nid"))
    rows = database.execute(
        "SELECT id, guid, mid, tags, flds FROM notes ORDER BY id LIMIT ?", [MAX_QUESTIONS + 1]
    )
    for line, (note, guid, model, tags, fields) in enumerate(rows, start=1):
        values = str(fields).split("\x1f")
        own = names.get(model) or ["Front", "Back"]
        yield _Note(str(guid), own, values, str(tags).split(), decks.get(of_note.get(note), ""), line)


def _names_of_fields(database, kinds):
    """`{id of a note type: names of its fields}`."""
    if kinds.get("fields") == "table":
        found = defaultdict(list)
        for model, name in database.execute("SELECT ntid, name FROM fields ORDER BY ntid, ord"):
            found[model].append(str(name))
        return dict(found)
    models = json.loads(next(database.execute("SELECT models FROM col"))[0])
    return {int(key): [str(each["name"]) for each in model["flds"]] for key, model in models.items()}


def _decks(database, kinds):
    if kinds.get("decks") == "table":
        return {
            key: str(name).replace("\x1f", "::")
            for key, name in database.execute("SELECT id, name FROM decks")
        }
    decks = json.loads(next(database.execute("SELECT decks FROM col"))[0])
    return {int(key): str(deck["name"]) for key, deck in decks.items()}


# Text


def read_text(text: str) -> Reading:
    """The notes of a text that Anki exported."""
    lines = texts.fit(text.replace("\r\n", "\n")).split("\n")
    header, first = {}, 0
    while first < len(lines) and (match := _HEADER.match(lines[first])):
        header[match["key"].casefold()] = match["value"].strip("\r\n")
        first += 1
    separator = header.get("separator", "tab")
    separator = _SEPARATORS.get(separator.casefold(), separator[:1] or "\t")
    reader = csv.reader(io.StringIO("\n".join(lines[first:])), delimiter=separator)
    try:
        notes = list(_notes_of_rows(reader, header, separator, first))
        torn = [note for note in notes if not note.fields]
    except csv.Error as error:
        raise UnreadableFile(f"The text cannot be read: {error}.") from error
    reading = _reading([note for note in notes if note.fields])
    for note in torn:
        reading.leave(note.line, lines[note.line - 1])
    for number, line in enumerate(lines[:first], start=1):
        reading.leave(number, line)
    return reading


def _notes_of_rows(reader, header, separator, first):
    columns = {
        key: int(header[f"{key} column"]) - 1
        for key in ("tags", "deck", "notetype", "guid")
        if header.get(f"{key} column", "").isdigit()
    }
    names = header["columns"].split(separator) if "columns" in header else []
    line = first + 1
    for row in reader:
        own = {key: row[at] for key, at in columns.items() if at < len(row)}
        places = [at for at in range(len(row)) if at not in columns.values()]
        if any(cell.strip() for cell in row):
            yield _Note(
                own.get("guid", ""),
                [
                    names[at] if at < len(names) else ("Front", "Back", "Extra")[min(place, 2)]
                    for place, at in enumerate(places)
                ],
                [row[at] for at in places],
                own.get("tags", "").split() + header.get("tags", "").split(),
                own.get("deck", header.get("deck", "")),
                line,
                header.get("html", "").strip().casefold() != "false",
            )
        line = first + reader.line_num + 1


# Notes


def _reading(notes):
    reading = Reading()
    if len(notes) > MAX_QUESTIONS:
        raise UnreadableFile(f"More than {MAX_QUESTIONS:,} notes: export a part of the deck.")
    decks = {note.deck for note in notes}
    top = {deck.split("::")[0] for deck in decks}
    if len(top) == 1:
        reading.title = texts.line(next(iter(top)))
    for note in notes:
        question = _question(note)
        if not question.text:
            reading.leave(note.line, " | ".join(filter(None, map(_markdown, note.fields))))
            continue
        is_own = own_notes.are(note.names)
        subjects = [] if is_own else [part for part in note.deck.split("::")[len(top) == 1 :] if part]
        question.topics = distinct([*map(texts.line, subjects), *question.topics])
        reading.questions.append(question)
    return reading.finish()


def _question(note):
    if own_notes.are(note.names):
        return own_notes.question_of(note, _markdown)
    roles = best_roles(note.names)
    if "question" not in roles:
        roles[0] = "question"
    if "answer" not in roles and len(roles) > 1:
        roles[next(at for at in range(len(roles)) if at != roles.index("question"))] = "answer"
    markdown = _markdown if note.is_html else _plain
    by_role: dict[str, str] = {}
    others = []
    for name, role, value in zip(note.names, roles, note.fields, strict=False):
        value = _SOUND.sub("", value)
        if role in {"question", "answer", "difficulty"}:
            by_role[role] = value
        elif role not in {"uid", "number"} and markdown(value):
            label = (
                ""
                if role in {"explanation", "key_points"} or name.casefold() in {"extra", "back extra"}
                else name
            )
            others.append((label, markdown(value)))
    front, answer = by_role.get("question", ""), markdown(by_role.get("answer", ""))
    is_cloze = bool(_CLOZE.search(front))
    shown = markdown(_with_cloze(front, _hint) if is_cloze else front, is_title=True)
    text, _break, _rest = shown.partition("\n")
    rest = markdown(front).partition("\n")[2]
    bold = _bold if note.is_html else _bold_in_words
    parts = [markdown(_with_cloze(front, bold)) if is_cloze else rest.strip(), answer]
    parts += [f"**{label}:** {value}" if label else value for label, value in others]
    level = levels.of_value(markdown(by_role.get("difficulty", "")))
    topics = []
    for tag in note.tags:
        found = levels.of_words(tag.rpartition("::")[2].replace("_", " "))
        level = level or found
        if not found and tag.casefold() not in _OWN_TAGS:
            topics.append(texts.line(tag.rpartition("::")[2].replace("_", " ")))
    title, marked = levels.split(titles.plain(texts.line(text).strip("#* ")).text, levels.Signs())
    return FoundQuestion(
        title, marked or level, "\n\n".join(filter(None, parts)), topics=topics, line=note.line, uid=note.guid
    )


def _with_cloze(text, shown):
    """A cloze text with each hidden part replaced; one may stand in another."""
    for _ in range(5):
        replaced = _CLOZE.sub(shown, text)
        if replaced == text:
            break
        text = replaced
    return text


def _hint(match):
    return f"[{match['hint'] or '…'}]"


def _bold(match):
    return f"<b>{match['hidden']}</b>"


def _bold_in_words(match):
    return f"**{match['hidden']}**"


def _plain(value, *, is_title=False):
    """A field of words alone; of a title those that look like tags are escaped, as in HTML."""
    return texts.block(re.sub(r"<(?=[A-Za-z/!?])", r"\<", value) if is_title else value)


def _markdown(value, *, is_title=False):
    value = value.replace("&nbsp;", " ").replace("\xa0", " ").strip()  # its editor writes them for spaces
    if "<" in value or "&" in value:
        return html.to_markdown(value, is_title=is_title)
    return texts.block(value)
