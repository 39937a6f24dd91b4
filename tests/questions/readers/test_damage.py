"""Damaged files of every kind: each is read, or refused with a sentence."""

import io
import json
import random
import sqlite3
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
import zstandard

from questions import readers
from questions.readers import UnreadableFile

pytestmark = pytest.mark.once

PAGES = Path(__file__).parent / "collections"


def workbook(tmp_path):
    book = openpyxl.Workbook()
    for row in (["question", "answer"], *([f"Why {number}?", "So."] for number in range(9))):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def collection(tmp_path):
    database = sqlite3.connect(tmp_path / "collection")
    database.execute("CREATE TABLE notes (id, guid, mid, tags, flds)")
    database.execute("CREATE TABLE cards (id, nid, did)")
    database.execute("CREATE TABLE fields (ntid, ord, name)")
    database.execute("CREATE TABLE decks (id, name)")
    database.execute("INSERT INTO notes VALUES (1, 'a', 1, 'x', 'Why?' || char(31) || 'So.')")
    database.execute("INSERT INTO cards VALUES (1, 1, 1)")
    database.commit()
    database.close()
    return (tmp_path / "collection").read_bytes()


def package(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("collection.anki21b", zstandard.compress(collection(tmp_path)))
    return data.getvalue()


def bank(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("bank.yaml", "categories:\n- slug: ai\n  name: AI\ntopics: []\n")
        archive.writestr("questions/why.md", "---\nquestion: Why?\ndifficulty: easy\n---\n\nSo.\n")
    return data.getvalue()


def page(name):
    return lambda tmp_path: (PAGES / name).read_bytes()


KINDS = {
    "a.xlsx": workbook,
    "a.apkg": package,
    "collection.anki2": collection,
    "a.zip": bank,
    "a.json": lambda tmp_path: json.dumps({"questions": [{"text": "Why?", "answer": "So."}] * 5}).encode(),
    "a.yaml": lambda tmp_path: b"questions:\n- question: Why?\n  answer: |\n    So.\n" * 3,
    "a.csv": lambda tmp_path: b'question,a,b,c,answer\n"Why, so?",x,y,z,B\n' * 5,
    "a.txt": lambda tmp_path: b"#separator:tab\n#html:true\n#tags column:3\nWhy?\t<b>So</b>\tx\n",
    "a.html": page("page-with-path.html"),
    "a.md": page("numbered-headings-in-a-list.md"),
    "b.md": page("details-under-headings.md"),
}


def damaged(data, chance):
    """`data` with bytes changed, taken out, put in and repeated."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20, 100])):
        at, length = chance.randrange(len(data) or 1), chance.randrange(1, 60)
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = chance.randbytes(length)
            case 3:
                data[at:at] = data[at // 2 : at // 2 + length]
            case 4 if chance.random() < 0.1:
                del data[at:]
    return bytes(data)


@pytest.mark.parametrize("name", KINDS)
def test_damaged_files_are_read_or_refused(name, tmp_path):
    whole, chance = KINDS[name](tmp_path), random.Random(name)
    assert readers.read_bytes(whole, name).questions
    for _ in range(140):
        data = damaged(whole, chance)
        try:
            readers.read_bytes(data, name).as_json()
        except UnreadableFile as error:
            assert len(str(error)) > 10, data  # noqa: PT017 (both ends are right)


def test_a_member_that_is_longer_than_it_says_is_not_unpacked():
    file, length = io.BytesIO(), 60_000_000
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bank.yaml", "categories: []\n")
        archive.writestr("questions/why.md", bytes(length))
    data = file.getvalue().replace(length.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile, match="cannot be unpacked"):
            readers.read_bytes(data, "bank.zip")
        assert tracemalloc.get_traced_memory()[1] < length / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "name", "sentence"),
    [
        ("questions:\n- question: a\x04b?\n", "a.yaml", "Not YAML: a control character, at line 2."),
        ('[{"question": "a\x04b?"}]', "a.json", "Not JSON: Invalid control character, at line 1, column 17."),
    ],
)
def test_control_characters_get_a_sentence(text, name, sentence):
    with pytest.raises(UnreadableFile) as caught:
        readers.read_bytes(text.encode(), name)
    assert str(caught.value) == sentence
