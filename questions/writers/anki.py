"""Anki packages, in the format that every release of Anki reads.

A note is known by the uid of its question: importing a newer package into Anki changes cards, and keeps
what was learnt. Anki takes what is newer by the date of the note, which is that of the question's last
change in history. Not genanki: it puts the clock into the file, and has had no release since 2023.
"""

import json
import re
import sqlite3
from contextlib import closing
from hashlib import sha1, sha256
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe

from .. import markdown
from ..models import Difficulty
from .archive import archive
from .export import Entry, Export
from .prose import CODE

# These stay as they are: by them Anki knows what it has already.
NOTE_TYPE = "Interview Prep"
NOTE_TYPE_ID = 1_764_288_000_000
NOTE_TYPE_CHANGED = 1_764_288_000  # in seconds; raised with the templates, the style or the fields
FIRST_ID = 1_600_000_000_000  # of notes and cards, which are numbered from it

FIELDS = (
    *("Question", "Difficulty", "Short answer", "Answer", "Key points", "Weak answer", "Follow-ups"),
    *("Sources", "Page"),
)
_NOTE = Path(__file__).with_name("anki_note")
_SPECIAL = re.compile(r"\[(?=sound:|anki:|latex\]|\$\$?\])")  # what Anki would play, or give to LaTeX

_SCHEMA = """
CREATE TABLE col (
    id integer PRIMARY KEY, crt integer NOT NULL, mod integer NOT NULL, scm integer NOT NULL,
    ver integer NOT NULL, dty integer NOT NULL, usn integer NOT NULL, ls integer NOT NULL, conf text NOT NULL,
    models text NOT NULL, decks text NOT NULL, dconf text NOT NULL, tags text NOT NULL);
CREATE TABLE notes (
    id integer PRIMARY KEY, guid text NOT NULL, mid integer NOT NULL, mod integer NOT NULL,
    usn integer NOT NULL, tags text NOT NULL, flds text NOT NULL, sfld integer NOT NULL,
    csum integer NOT NULL, flags integer NOT NULL, data text NOT NULL);
CREATE TABLE cards (
    id integer PRIMARY KEY, nid integer NOT NULL, did integer NOT NULL, ord integer NOT NULL,
    mod integer NOT NULL, usn integer NOT NULL, type integer NOT NULL, queue integer NOT NULL,
    due integer NOT NULL, ivl integer NOT NULL, factor integer NOT NULL, reps integer NOT NULL,
    lapses integer NOT NULL, left integer NOT NULL, odue integer NOT NULL, odid integer NOT NULL,
    flags integer NOT NULL, data text NOT NULL);
CREATE TABLE revlog (
    id integer PRIMARY KEY, cid integer NOT NULL, usn integer NOT NULL, ease integer NOT NULL,
    ivl integer NOT NULL, lastIvl integer NOT NULL, factor integer NOT NULL, time integer NOT NULL,
    type integer NOT NULL);
CREATE TABLE graves (usn integer NOT NULL, oid integer NOT NULL, type integer NOT NULL);
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_notes_csum ON notes (csum);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_revlog_cid ON revlog (cid);
"""


def write(export: Export, file: BinaryIO) -> None:
    with TemporaryDirectory() as folder, archive(file) as made:
        path = Path(folder, "collection.anki2")
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            _fill(database, export)
        with path.open("rb") as source, made.open("collection.anki2") as target:
            copyfileobj(source, target)
        made.add("media", "{}")


def _fill(database, export):
    database.execute("PRAGMA journal_mode=OFF")  # it is thrown away if this fails
    database.execute("PRAGMA synchronous=OFF")
    database.executescript(_SCHEMA)
    deck = deck_id(export)
    database.execute("BEGIN")
    database.execute(
        "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, 0, 0, ?, ?, ?, ?, '{}')",
        [
            NOTE_TYPE_CHANGED,
            NOTE_TYPE_CHANGED * 1000,
            NOTE_TYPE_CHANGED * 1000,
            json.dumps({"nextPos": 1, "curDeck": 1, "activeDecks": [1]}),
            json.dumps({str(NOTE_TYPE_ID): _note_type(deck)}, ensure_ascii=False),
            json.dumps(
                {"1": _deck(1, "Default"), str(deck): _deck(deck, name_of(export))}, ensure_ascii=False
            ),
            json.dumps({"1": _OPTIONS}),
        ],
    )
    for number, entry in enumerate(export.entries(), start=1):
        pk, changed = FIRST_ID + number, int(entry.changed_at.timestamp())
        fields = fields_of(entry)
        front = markdown.text_of(fields[0])
        database.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, -1, ?, ?, ?, ?, 0, '')",
            [
                pk,
                guid_of(entry),
                NOTE_TYPE_ID,
                changed,
                tags_of(entry),
                "\x1f".join(fields),
                front,
                _sum(front),
            ],
        )
        database.execute(
            "INSERT INTO cards VALUES (?, ?, ?, 0, ?, -1, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '')",
            [pk, pk, deck, changed, number],
        )
    database.execute("COMMIT")


def guid_of(entry: Entry) -> str:
    """What Anki knows the note by."""
    return sha256(entry.question.uid.encode()).hexdigest()[:20]


def deck_id(export: Export) -> int:
    """The same for the same role, and far from the ids that Anki gives itself."""
    return (1 << 30) + int(sha256(f"deck {export.uid}".encode()).hexdigest()[:7], 16)


def name_of(export: Export) -> str:
    """The name of the deck; two colons would put it into another one."""
    return export.title.replace("::", ":")


def tags_of(entry: Entry) -> str:
    """Its difficulty, topics and roles. A tag has no spaces."""
    tags = [f"difficulty::{entry.question.difficulty}"] if entry.question.difficulty else []
    tags += [f"topic::{_tag(name)}" for name in entry.topics]
    tags += [f"role::{_tag(name)}" for name in entry.roles]
    return f" {' '.join(tags)} "


def _tag(name):
    return "_".join(name.replace("::", ":").split())


def _sum(front):
    """By this Anki finds notes with the same front."""
    return int(sha1(front.encode(), usedforsecurity=False).hexdigest()[:8], 16)


# The HTML of a note


def fields_of(entry: Entry) -> list[str]:
    """The fields of its note, in the order of `FIELDS`."""
    question = entry.question
    follow_ups = [
        format_html("{}{}", line(each["question"]), _hint(each["hint"]))
        for each in question.follow_ups_with_hints
    ]
    html = [question.short_answer_html, question.answer_html, question.weak_answer_html]
    short, answer, weak = (markdown.with_absolute_links(each, entry.address) for each in html)
    fields = [
        line(question.text),
        str(Difficulty(question.difficulty).label) if question.difficulty else "",
        short,
        answer,
        _list(map(line, question.key_points)),
        weak,
        _list(follow_ups),
        _list(_link(source["title"], source.get("url")) for source in question.sources),
        entry.address,
    ]
    return [_SPECIAL.sub("&#91;", field) for field in fields]


def line(words: str) -> str:
    """One line as HTML, with its quotation marks as they were typed: a reader takes them back."""
    parts, last = [], 0
    for code in CODE.finditer(words):
        inside = code[0].strip("`")
        inside = (
            inside[1:-1] if inside.startswith(" ") and inside.endswith(" ") and inside.strip() else inside
        )
        parts += [escape(words[last : code.start()]), format_html("<code>{}</code>", inside)]
        last = code.end()
    return mark_safe("".join([*parts, escape(words[last:])]))  # each part is escaped


def _hint(words):
    return format_html(" <i>{}</i>", line(words)) if words else ""


def _list(lines):
    items = format_html_join("", "<li>{}</li>", ([each] for each in lines))
    return format_html("<ul>{}</ul>", items) if items else ""


def _link(title, url):
    return format_html('<a href="{}">{}</a>', url, line(title)) if url else line(title)


# What Anki keeps of decks and note types


def _note_type(deck):
    return {
        "id": NOTE_TYPE_ID,
        "name": NOTE_TYPE,
        "type": 0,
        "mod": NOTE_TYPE_CHANGED,
        "usn": -1,
        "sortf": 0,
        "did": deck,
        "tags": [],
        "vers": [],
        "latexPre": "",
        "latexPost": "",
        "css": _part("style.css"),
        "flds": [
            {
                **{"name": name, "ord": number, "sticky": False, "rtl": False, "font": "Arial", "size": 20},
                **{"media": [], "collapsed": False},
            }
            for number, name in enumerate(FIELDS)
        ],
        "tmpls": [
            {
                **{"name": "Question", "ord": 0, "qfmt": _part("front.html"), "afmt": _part("back.html")},
                **{"did": None, "bqfmt": "", "bafmt": ""},
            }
        ],
        "req": [[0, "any", [0]]],
    }


def _part(name):
    return (_NOTE / name).read_text(encoding="utf-8")


def _deck(pk, name):
    return {
        **{"id": pk, "name": name, "mod": NOTE_TYPE_CHANGED, "usn": -1, "desc": "", "dyn": 0, "conf": 1},
        **{"collapsed": False, "browserCollapsed": False, "extendNew": 0, "extendRev": 0},
        **{"newToday": [0, 0], "revToday": [0, 0], "lrnToday": [0, 0], "timeToday": [0, 0]},
    }


_OPTIONS = {
    **{"id": 1, "name": "Default", "mod": 0, "usn": 0, "maxTaken": 60, "autoplay": True, "timer": 0},
    **{"replayq": True, "dyn": False},
    "new": {
        **{"delays": [1, 10], "ints": [1, 4, 0], "initialFactor": 2500, "order": 1, "perDay": 20},
        "bury": False,
    },
    "rev": {
        **{"perDay": 200, "ease4": 1.3, "fuzz": 0.05, "ivlFct": 1, "maxIvl": 36500, "bury": False},
        "hardFactor": 1.2,
    },
    "lapse": {"delays": [10], "mult": 0, "minInt": 1, "leechFails": 8, "leechAction": 1},
}
