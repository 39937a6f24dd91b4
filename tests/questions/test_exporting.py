"""Exports: each kind of file, back in by the import, and the same bytes for the same bank."""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from zipfile import ZipFile

import openpyxl
import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from questions import documents, own_tables, readers
from questions.importing import source_of
from questions.importing.working import read_through
from questions.models import Question, Role
from questions.recording import record
from questions.writers import FORMATS, BankExport, Unfit
from tests.factories import (
    empty_the_bank,
    make_category,
    make_question,
    make_role,
    make_step,
    make_tip,
    make_topic,
)

pytestmark = pytest.mark.django_db

HOSTILE = [
    '=HYPERLINK("https://evil.example","x")',
    "'=1+1",
    "''quoted",
    "@SUM(A1)",
    "+1 or -1",
    "-1 or +1",
    "＝1",
    "<script>alert(1)</script> & <b>",
    "`<div>` and ``a ` b``",
    '| a | b |; c, "d"',
    "_x0041_ [sound:a.mp3] {{c1::x}}",
    "# 1. *Not* a _heading_ ~~at~~ $all$ \\(x\\)",
    "日本語 ‏עברית‏ 🧑‍🚀",
    "back\\slash \\* and \\",
]
WORDS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.sampled_from("ab c\"'`=+-@<>&*_#|;,\\[](){}$~!.0é日"), min_size=1, max_size=30),
).map(lambda words: f"{words.strip()} x".strip())
ANSWERS = st.lists(
    st.one_of(
        WORDS,
        st.sampled_from(
            [
                "- one\n- two\n  1. three",
                "```sql\nSELECT '<b>' -- =1\n```",
                "| a | b |\n| - | - |\n| 1 | `x` |",
                "> said\n\n### Then",
                "$$\nx^2\n$$",
                "Code:\n\n    indented",
                "=1+1\n\n***",
            ]
        ),
    ),
    min_size=1,
    max_size=3,
).map("\n\n".join)


@st.composite
def questions(draw):
    return {
        "text": draw(WORDS),
        "answer": draw(ANSWERS),
        "short_answer": draw(st.one_of(st.just(""), st.just("In `short`: *this*."))),
        "weak_answer": draw(st.sampled_from(["", "“That” — and why."])),
        "label": draw(st.sampled_from(["", "A label"])),
        "difficulty": draw(st.sampled_from(["easy", "medium", "hard"])),
        "key_points": draw(st.lists(WORDS, max_size=2, unique=True)),
        "follow_ups": draw(st.sampled_from([[], ["And?"], [{"question": "And?", "hint": "Think."}]])),
        "sources": draw(
            st.sampled_from([[], [{"title": "A | b"}, {"title": "C", "url": "https://c.example/(d)"}]])
        ),
        "status": draw(st.sampled_from(["draft", "published", "retired"])),
        "corrected_on": draw(st.sampled_from([None, "2026-11-21"])),
    }


def make_bank(each_question):
    empty_the_bank()
    with record():
        role = make_role(
            category=make_category(name="Field", position=1), name="Tester", intro="What *it* is."
        )
        make_category(name="Empty", position=2)
        make_role(name="Draft", status="draft")
        topics = [make_topic(name="SQL, and more"), make_topic(name="C++ | C#")]
        for number, values in enumerate(each_question):
            make_question(roles=[role], topics=topics[: number % 3], **values)
        make_step(role=role, resources=[{"title": "A course", "url": "https://b.example"}])
        make_tip(role=role, text="=1 is a tip")
    question = Question.objects.order_by("pk").first()
    with record():
        question.slug = f"{question.slug}-now"
        question.save()


def exported(name, export=None):
    file = io.BytesIO()
    FORMATS[name].write(export or BankExport.of_bank(), file)
    return file.getvalue()


def imported(data, name):
    return read_through([source_of(name, readers.read_bytes(data, name))], None)


BANKS = given(st.lists(questions(), min_size=1, max_size=4, unique_by=lambda values: values["text"]))
FEW = examples(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.generate],
)  # shrinking would write banks for minutes


@FEW
@BANKS
def test_what_holds_everything_comes_back_as_it_was(bank):
    make_bank(bank)
    before = documents.everything()
    for name in ("bank", "json"):
        data = exported(name)
        reading = readers.read_bytes(data, f"all.{FORMATS[name].ending}")
        items = documents.with_uids(reading.items, in_bank=False)
        cleaned = {item.key: documents.KINDS[item.kind].clean(item.document) for item in items}
        assert cleaned == {item.key: item.document for item in before}
        assert {item["verdict"] for item in imported(data, f"all.{FORMATS[name].ending}").items} == {"same"}


@FEW
@BANKS
def test_other_formats_bring_back_each_question_as_far_as_they_hold_it(bank):
    make_bank(bank)
    rows = Question.objects.order_by("slug").prefetch_related("topics")
    for name in ("csv", "exact-csv", "xlsx", "anki"):
        data, file = exported(name), f"all.{FORMATS[name].ending}"
        found = readers.read_bytes(data, file).questions
        same = ticks_aside if name == "anki" else str  # HTML does not tell how many backticks there were
        for each, row in zip(found, rows, strict=True):
            assert [*map(same, [each.text, *each.key_points])] == [*map(same, [row.text, *row.key_points])], (
                name
            )
            assert each.difficulty == row.difficulty
            assert sorted(each.topics) == sorted(topic.name for topic in row.topics.all())
        if name != "anki":
            answers = ["\n\n".join(filter(None, [row.short_answer, row.answer])) for row in rows]
            assert [each.answer for each in found] == answers, name
            assert {item["verdict"] for item in imported(data, file).items} == {"same"}, name


def ticks_aside(line):
    return re.sub("`+ ?| ?`+", "`", line)


@pytest.fixture
def bank():
    make_bank(
        [{"text": "What is *recall*, really?", "key_points": ["One"]}, {"text": "=1+1?", "status": "draft"}]
    )


def test_markdown_is_read_and_printed_as_it_was_meant(bank):
    for text in ("How do <div> and `<b>` differ?", "When is 1 * 2 * 3 evaluated?"):
        make_question(
            text=text,
            short_answer="A <script> is *shown*.",
            sources=[{"title": "A [b]", "url": "https://a.example"}],
        )
    text = exported("markdown").decode()
    assert text.startswith(
        "# Interview Prep\n\n## 1. =1+1?\n\n*Difficulty: medium · Topics: SQL, and more*\n\nIt is *this*.\n"
    )
    assert r"How do \<div\> and `<b>` differ?" in text
    assert r"A \<script> is *shown*." in text
    assert r"- [A \[b\]](<https://a.example>)" in text
    found = readers.read_text(text).questions
    assert {each.text for each in found} == set(Question.objects.values_list("text", flat=True))
    assert {each.difficulty for each in found} == {"medium"}


def test_cells_that_spreadsheets_would_run_are_marked_in_csv_and_text_in_xlsx(bank):
    rows = list(csv.DictReader(io.StringIO(exported("csv").decode("utf-8-sig"))))
    assert rows[0]["Question"] == "'=1+1?"
    exact = csv.DictReader(io.StringIO(exported("exact-csv").decode()))
    assert next(exact)["question"] == "=1+1?"
    sheet = openpyxl.load_workbook(io.BytesIO(exported("xlsx"))).active
    assert (sheet["C2"].value, sheet["C2"].data_type, sheet["C2"].quotePrefix) == ("=1+1?", "s", True)


def test_what_a_cell_of_xlsx_cannot_hold_is_refused(bank):
    make_question(text="Long?", answer=f"{'long ' * 7000}x")
    with pytest.raises(Unfit, match="take another format"):
        exported("xlsx")


def test_a_package_names_cards_by_their_questions_and_dates_them_by_their_changes(bank, tmp_path):
    notes = notes_of(exported("anki"), tmp_path)
    question = Question.objects.get(text__startswith="What")
    question.answer = "It is *that*."
    with time_machine.travel(timezone.now() + timedelta(days=1)), record():
        question.save()
    again = notes_of(exported("anki"), tmp_path)
    assert [(guid, pk) for guid, pk, *_ in notes] == [(guid, pk) for guid, pk, *_ in again]
    (_, _, before, _), (_, _, after, fields) = (each[1] for each in (notes, again))
    assert after > before
    assert "<em>that</em>" in fields
    assert notes[0] == again[0]


def notes_of(data, folder):
    (folder / "c").write_bytes(ZipFile(io.BytesIO(data)).read("collection.anki2"))
    with closing(sqlite3.connect(folder / "c")) as database:
        return database.execute("SELECT guid, id, mod, flds FROM notes ORDER BY id").fetchall()


def test_every_file_is_the_same_whenever_it_is_made(bank):
    first = {name: exported(name) for name in FORMATS}
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        assert {name: exported(name) for name in FORMATS} == first


def test_bank_files_are_those_of_a_dump(bank, tmp_path):
    call_command("dumpbank", tmp_path)
    dumped = {
        str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()
    }
    with ZipFile(io.BytesIO(exported("bank"))) as made:
        assert {name: made.read(name) for name in made.namelist()} == dumped


def test_a_part_of_a_bank_can_be_imported_elsewhere(bank):
    role = Role.objects.get(slug="tester")
    make_question(roles=[make_role(name="Other")], topics=[make_topic(name="Elsewhere")], text="Other?")
    part = exported("json", BankExport.of_roles(Role.objects.filter(pk=role.pk)))
    few = exported("bank", BankExport(Question.objects.filter(text="Other?")))
    empty_the_bank()
    assert {item["verdict"] for item in imported(part, "part.json").items} == {"new"}
    assert {item["name"] for item in imported(few, "few.zip").items} == {"Other?", "Elsewhere"}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["all.csv"], {"What is *recall*, really?", "=1+1?"}),
        (["all.csv", "--exact"], {"What is *recall*, really?", "=1+1?"}),
        (["one.apkg", "--status", "draft"], {"=1+1?"}),
        (["role.xlsx", "--role", "tester"], {"What is *recall*, really?", "=1+1?"}),
        (["one.zip", "--question", "11"], {"=1+1?"}),
        (["of_role.json", "--role", "draft"], set()),
    ],
)
def test_the_command_writes_what_is_asked_for(bank, tmp_path, arguments, found):
    call_command("exportbank", tmp_path / arguments[0], *arguments[1:])
    assert {each.text for each in readers.read(tmp_path / arguments[0]).questions} == found
    assert [path.name for path in tmp_path.iterdir()] == [arguments[0]]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["all"], "Say which --format"),
        (["all.json", "--exact"], "--exact is for CSV"),
        (["all.csv", "--role", "nobody"], "There is no role “nobody”"),
        (["all.csv", "--role", "tester", "--question", "11"], "and not both"),
        (["no/such/folder.csv"], "Cannot write there"),
        (["long.xlsx"], "Nothing was written"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(bank, tmp_path, arguments, reason):
    make_question(text="Long?", answer=f"{'long ' * 7000}x")
    with pytest.raises(CommandError, match=reason):
        call_command("exportbank", tmp_path / arguments[0], *arguments[1:])
    assert not list(tmp_path.iterdir())


def test_the_formats_are_documented():
    text = (settings.BASE_DIR / "docs" / "formats.md").read_text()
    for key, heading in own_tables.COLUMNS.items():
        assert f"| `{key}` | {heading} |" in text
    example = re.search("```json\n(.*?)```", text, re.DOTALL)[1]
    [question] = readers.read_text(example).questions
    assert (question.uid, question.topics) == ("sre-1", ["Reliability"])


def test_the_command_prints_to_standard_output(bank, capfdbinary):
    call_command("exportbank", "-", format="json")
    assert json.loads(capfdbinary.readouterr().out)["$schema"] == "http://127.0.0.1:8000/schema.json"
