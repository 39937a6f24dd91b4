"""Anki's packages, old and new, and its text."""

import io
import json
import sqlite3
import zipfile

import pytest
import zstandard

from questions import readers
from questions.readers import UnreadableFile

pytestmark = pytest.mark.once


def collection(path, notes, *, fields=("Front", "Back"), deck="Rust", is_new=False):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, guid, mid, tags, flds)")
    database.execute("CREATE TABLE cards (id INTEGER PRIMARY KEY, nid, did)")
    if is_new:
        database.execute("CREATE TABLE fields (ntid INTEGER, ord INTEGER, name TEXT)")
        database.executemany("INSERT INTO fields VALUES (1, ?, ?)", enumerate(fields))
        database.execute("CREATE TABLE decks (id INTEGER PRIMARY KEY, name TEXT)")
        database.execute("INSERT INTO decks VALUES (5, ?)", [deck.replace("::", "\x1f")])
    else:
        models = {"1": {"flds": [{"name": name} for name in fields]}}
        database.execute("CREATE TABLE col (models, decks)")
        database.execute(
            "INSERT INTO col VALUES (?, ?)", [json.dumps(models), json.dumps({"5": {"name": deck}})]
        )
    for number, (values, tags) in enumerate(notes, start=1):
        row = [number, f"guid{number}", tags, "\x1f".join(values)]
        database.execute("INSERT INTO notes VALUES (?, ?, 1, ?, ?)", row)
        database.execute("INSERT INTO cards VALUES (?, ?, 5)", [number, number])
    database.commit()
    database.close()
    return path.read_bytes()


def package(data, name="collection.anki2", **others):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for other, content in others.items():
            archive.writestr(other, content)
        archive.writestr(name, data)
    return file.getvalue()


NOTES = [
    (["What does <code>?</code> do?", "It returns <b>early</b>.<br>Or goes on."], " errors rust::hard "),
    (["What is a trait?", "A set of methods&nbsp;that a type has.<ul><li>one</li></ul>"], ""),
]


@pytest.mark.parametrize("is_new", [False, True])
def test_a_package_of_either_format(tmp_path, is_new):
    data = collection(tmp_path / "c", NOTES, is_new=is_new)
    if is_new:
        old = collection(tmp_path / "old", [(["Please update to the latest Anki version", ""], "")])
        file = package(zstandard.compress(data), "collection.anki21b", **{"collection.anki2": old})
    else:
        file = package(data)
    reading = readers.read_bytes(file, "rust.apkg")
    assert reading.title == "Rust"
    one, other = reading.questions
    assert (one.text, one.difficulty, one.topics, one.uid) == (
        "What does `?` do?",
        "hard",
        ["errors"],
        "guid1",
    )
    assert one.answer == "It returns **early**.  \nOr goes on."
    assert other.answer == "A set of methods that a type has.\n\n- one"


def test_cloze_notes_show_what_was_hidden(tmp_path):
    notes = [(["{{c1::Ownership}} means one {{c2::owner::who?}} at a time.", "See the book."], "")]
    data = collection(tmp_path / "c", notes, fields=("Text", "Back Extra"))
    (question,) = readers.read_bytes(package(data)).questions
    assert question.text == "[…] means one [who?] at a time."
    assert question.answer == "**Ownership** means one **owner** at a time.\n\nSee the book."


def test_subdecks_are_topics_and_other_fields_stay(tmp_path):
    notes = [(["Why?", "So.", "a book"], "")]
    data = collection(tmp_path / "c", notes, fields=("Question", "Answer", "Source"), deck="Rust::Errors")
    (question,) = readers.read_bytes(package(data)).questions
    assert question.topics == ["Errors"]
    assert question.answer == "So.\n\n**Source:** a book"


def test_the_text_that_anki_exports():
    text = (
        "#separator:tab\n#html:true\n#guid column:1\n#tags column:4\n"
        'g1\tWhat is <b>a</b>?\t"one\nline, ""two"""\tx::easy net\n'
    )
    (question,) = readers.read_text(text).questions
    assert (question.uid, question.text, question.difficulty) == ("g1", "What is a?", "easy")
    assert (question.answer, question.topics, question.line) == ('one\nline, "two"', ["net"], 5)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no zip at all", "does not begin like one"),
        (package(b"no database"), "cannot be read"),
        (package(b"no zstd", "collection.anki21b"), "cannot be unpacked"),
        (package(zstandard.compress(b"\0" * 200_000_000), "collection.anki21b"), "more than 100 MB"),
    ],
)
def test_bad_packages_get_a_sentence(data, reason):
    with pytest.raises(UnreadableFile, match=reason):
        readers.read_bytes(data, "deck.apkg")


def test_a_line_of_the_text_that_holds_no_field_is_left_over():
    reading = readers.read_text("#separator:tab\n#guid column:1\ng1\tWhy?\tSo.\ng2\n")
    assert [question.text for question in reading.questions] == ["Why?"]
    assert (4, "g2") in reading.left_over


def test_a_collection_whose_notes_are_a_view_is_refused(tmp_path):
    database = sqlite3.connect(tmp_path / "c")
    database.execute("CREATE TABLE cards (id, nid, did)")
    database.execute(
        "CREATE VIEW notes AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
        "SELECT x AS id, x AS guid, 1 AS mid, '' AS tags, 'a' AS flds FROM n"
    )
    database.commit()
    database.close()
    with pytest.raises(UnreadableFile, match="no notes"):
        readers.read_bytes(package((tmp_path / "c").read_bytes()), "deck.apkg")


def test_words_that_look_like_tags_are_kept_as_they_are():
    note = "What is <code>&lt;b&gt;</code>, and &lt;i&gt;?\tWrite &lt;b&gt;x&lt;/b&gt;.\n"
    (question,) = readers.read_text("#separator:tab\n#html:true\n" + note).questions
    assert (question.text, question.answer) == ("What is `<b>`, and <i>?", "Write <b>x</b>.")


def test_a_text_that_is_no_html_is_kept_as_it_is():
    text = "#separator:tab\n#html:false\nWhat is <T>?\tA type, &amp; more\nA {{c1::view}} is stored.\t\n"
    found = [(question.text, question.answer) for question in readers.read_text(text).questions]
    assert found == [("What is <T>?", "A type, &amp; more"), ("A […] is stored.", "A **view** is stored.")]
