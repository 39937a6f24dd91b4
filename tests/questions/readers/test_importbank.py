"""The command that prints what is in a file."""

import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from questions import readers
from questions.readers import UnreadableFile

KEYS = ["title", "category", "intro", "questions", "steps", "tips", "left_over", "warnings"]


@pytest.mark.django_db
def test_a_file_is_printed_as_json(tmp_path, capsys):
    path = tmp_path / "questions.txt"
    path.write_text("Q1. Warum “so”? (hard)\n\nDarum.\n\nQ2. What is it?\n")
    call_command("importbank", path, "--json")
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["file", *KEYS]
    assert printed["questions"][0] == {
        "text": "Warum “so”?",
        "difficulty": "hard",
        "answer": "Darum.",
        "key_points": [],
        "topics": [],
        "line": 1,
        "sure": True,
        "verdict": "new",
    }
    assert printed["warnings"] == [{"line": 5, "message": "no answer here"}]


@pytest.mark.django_db
def test_several_files_are_an_object_a_line_and_one_that_cannot_be_read_is_told(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("question,answer\nWhy?,So.\n")
    (tmp_path / "b.md").write_text("## Why?\n\nSo.\n")
    (tmp_path / "c.xlsx").write_bytes(b"damaged")
    with pytest.raises(CommandError, match="1 of 3 cannot be read"):
        call_command("importbank", tmp_path / "a.csv", tmp_path / "b.md", tmp_path / "c.xlsx", "--json")
    printed = capsys.readouterr()
    assert [len(json.loads(line)["questions"]) for line in printed.out.splitlines()] == [1, 1]
    assert "c.xlsx: This is no .xlsx file" in printed.err


@pytest.mark.django_db
def test_without_json_the_numbers_are_printed(tmp_path, capsys):
    (tmp_path / "a.md").write_text("## Why?\n\nSo.\n\n## License\n\nMIT\n")
    call_command("importbank", tmp_path / "a.md")
    assert "1 questions: 1 new; 0 not sure, 0 without an answer" in capsys.readouterr().out


# Bank files, and what is no file of questions

BANK = {
    "bank.yaml": "categories:\n- slug: ai\n  name: AI\ntopics:\n- slug: rag\n  name: RAG\n",
    "questions/what-is-rag.md": (
        "---\nquestion: What is RAG?\ndifficulty: medium\nstatus: published\nreviewed_on: 2026-11-24\n"
        "topics:\n- rag\nshort_answer: It looks things up.\nkey_points:\n- look up\n---\n\nThen it answers.\n"
    ),
    "roles/ai-engineer.md": (
        "---\nname: AI Engineer\ncategory: ai\nstatus: published\nintro: Builds things.\n"
        "questions:\n- what-is-rag\n---\n\n## Learning path\n\n### Python {#python}\n\nAll of it.\n\n"
        "## Interview tips\n\n- Ask. {#ask}\n"
    ),
}


def bank_zip(path, files, below=""):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(below + name, content)
    return path


@pytest.mark.parametrize("below", ["", "a bank/"])
def test_bank_files_in_a_zip_and_in_a_folder(tmp_path, below):
    path = bank_zip(tmp_path / "bank.zip", BANK, below)
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "out")
    for reading in (readers.read(path), readers.read(tmp_path / "out" / below)):
        (question,) = reading.questions
        assert (question.text, question.difficulty, question.uid) == ("What is RAG?", "medium", "what-is-rag")
        assert question.answer == "It looks things up.\n\nThen it answers."
        assert (question.topics, question.key_points) == (["RAG"], ["look up"])
        assert (reading.title, reading.category, reading.intro) == ("AI Engineer", "AI", "Builds things.")
        assert (reading.steps, reading.tips) == ([("Python", "All of it.")], ["Ask."])
        assert {item.kind for item in reading.items} == {"category", "topic", "question", "role"}


def test_a_name_that_leaves_the_zip_is_refused(tmp_path):
    path = bank_zip(tmp_path / "bank.zip", BANK | {"b/../../etc": "x"})
    with pytest.raises(
        UnreadableFile, match=r"“b/../../etc” is a name that leaves the zip. Nothing was read."
    ):
        readers.read(path)


def test_a_problem_in_bank_files_is_told_with_its_place(tmp_path):
    path = bank_zip(tmp_path / "bank.zip", BANK | {"questions/x.md": "no front matter"})
    with pytest.raises(UnreadableFile, match=r"questions/x.md:1: the file begins with"):
        readers.read(path)


def test_a_zip_bomb_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bank.yaml", b"\0" * 150_000_000)
    with pytest.raises(UnreadableFile, match="150 MB, more than the 100 MB"):
        readers.read(tmp_path / "bomb.zip")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(UnreadableFile, match="200 MB are more than the 20 MB"):
        readers.read(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Office"),
        (b"\x7fELF" + b"\0" * 600, "no text"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'ha'>]><a>&b;</a>", "XML"),
        (b"\xff\xfe\x00", "damaged"),
    ],
)
def test_files_of_other_kinds_get_a_sentence(data, reason):
    with pytest.raises(UnreadableFile, match=reason):
        readers.read_bytes(data, "file")


def test_control_characters_get_lost_on_the_way():
    reading = readers.read_bytes("## What\x01 is it?\r\n\r\nA\x07 thing\x0b.\ufffe\r\n".encode())
    assert reading.questions[0].text == "What is it?"
    assert reading.questions[0].answer == "A thing\n."


def test_script_in_an_answer_is_no_more_than_words():
    reading = readers.read_text("<html><body><h2>Why?</h2><p>So.<script>alert(1)</script></p></body></html>")
    assert reading.questions[0].answer == "So."
    assert (1, "alert(1)") in reading.left_over
