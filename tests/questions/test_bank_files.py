import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from questions.models import ChangeSet, ContentVersion, Question, Role
from questions.writing import unrecorded
from tests.factories import empty_the_bank, make_question

pytestmark = pytest.mark.django_db

CONTENT = Path(__file__).parents[2] / "content"

QUESTION = """---
question: What is RAG?
difficulty: medium
status: published
reviewed_on: 2026-11-24
topics:
- rag
---

It looks things up.
"""
ROLE = """---
name: AI Engineer
category: ai
status: published
intro: Builds things.
questions:
- what-is-rag
---

## Learning path

### Learn to count

Count.

#### Resources

- [A (free) book](https://example.org/a_(b))

## Interview tips

- Bring a number.
"""
LISTS = "categories:\n- slug: ai\n  name: AI\ntopics:\n- slug: rag\n  name: RAG\n"


@pytest.fixture
def bank(tmp_path):
    """A small bank on disk."""
    folder = tmp_path / "bank"
    for name in ("questions", "roles"):
        (folder / name).mkdir(parents=True)
    (folder / "bank.yaml").write_text(LISTS)
    (folder / "questions" / "what-is-rag.md").write_text(QUESTION)
    (folder / "roles" / "ai-engineer.md").write_text(ROLE)
    return folder


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def load(folder, capsys, **options):
    call_command("loadbank", folder, **options)
    return capsys.readouterr().out


def test_shipped_bank_has_the_ai_engineer_page(client, capsys):
    load(CONTENT, capsys)
    page = client.get("/interview-questions/ai-engineer/")
    assert page.status_code == 200
    role = Role.objects.get(slug="ai-engineer")
    assert (role.steps.count(), role.tips.count()) == (8, 4)


def test_files_database_files_are_the_same_bytes(tmp_path, capsys):
    load(CONTENT, capsys)
    call_command("dumpbank", tmp_path / "dump")
    assert files(tmp_path / "dump") == files(CONTENT)


def test_dump_keeps_what_a_curator_did_to_identities(bank, tmp_path, capsys):
    load(bank, capsys)
    question, role = Question.objects.get(), Role.objects.get()
    question.slug = "rag"
    question.save()
    step, tip = role.steps.get(), role.tips.get()
    step.title, tip.text = "Learn to count well", "Bring a number {#1}"
    step.save()
    tip.save()
    call_command("dumpbank", tmp_path / "one")
    text = (tmp_path / "one" / "roles" / "ai-engineer.md").read_text()
    assert "### Learn to count well {#learn-to-count}" in text
    assert "- rag\n" in text
    assert "id: what-is-rag" in (tmp_path / "one" / "questions" / "rag.md").read_text()
    empty_the_bank()
    load(tmp_path / "one", capsys)
    call_command("dumpbank", tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_dump_removes_files_of_what_is_gone(bank, tmp_path, capsys):
    load(bank, capsys)
    shutil.copy(bank / "questions" / "what-is-rag.md", bank / "questions" / "stale.md")
    call_command("dumpbank", bank)
    assert not (bank / "questions" / "stale.md").exists()


def test_second_load_changes_nothing(bank, capsys):
    load(bank, capsys)
    before = ChangeSet.objects.count(), ContentVersion.objects.get().number
    assert "0 new, 0 changed, 4 as they were" in load(bank, capsys)
    assert (ChangeSet.objects.count(), ContentVersion.objects.get().number) == before


def test_files_that_were_loaded_last_are_left_unread_if_asked(bank, capsys):
    load(bank, capsys)
    assert load(bank, capsys, if_changed=True) == ""
    (bank / "questions" / "what-is-rag.md").write_text(QUESTION.replace("looks", "digs"))
    assert "1 changed" in load(bank, capsys, if_changed=True)


def test_changed_file_is_loaded_and_can_be_undone(bank, capsys):
    load(bank, capsys)
    (bank / "questions" / "what-is-rag.md").write_text(QUESTION.replace("looks", "digs"))
    assert "1 changed" in load(bank, capsys)
    assert "digs" in Question.objects.get().answer_html
    ChangeSet.objects.first().undo()
    assert "looks" in Question.objects.get().answer_html
    assert "a curator changed it: question what-is-rag" in load(bank, capsys)


def test_what_a_curator_changed_retired_or_deleted_is_left_alone_and_listed(bank, capsys):
    for name in ("one", "two"):
        (bank / "questions" / f"{name}.md").write_text(QUESTION.replace("published", "draft"))
    load(bank, capsys)
    changed = Question.objects.get(slug="what-is-rag")
    changed.answer = "A curator's words."
    changed.save()
    Question.objects.get(slug="one").delete()
    Question.objects.filter(slug="two").update(status="retired")
    output = load(bank, capsys)
    assert "changed it: question what-is-rag" in output
    assert "deleted it: question one" in output
    assert "changed it: question two" in output
    changed.refresh_from_db()
    assert changed.answer == "A curator's words."
    assert not Question.objects.filter(slug="one").exists()
    load(bank, capsys, force=True)
    changed.refresh_from_db()
    assert changed.answer == "It looks things up."
    assert Question.objects.get(slug="one")


def test_dry_run_writes_nothing(bank, capsys):
    assert "Would load 4 documents: 4 new" in load(bank, capsys, dry_run=True)
    assert not Question.objects.exists()
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("questions/what-is-rag.md", "medium", "impossible", "what-is-rag.md:3: difficulty"),
        ("questions/what-is-rag.md", "- rag", "- rga", "what-is-rag.md:6: topics: There is no topic “rga”"),
        ("questions/what-is-rag.md", "difficulty", "difficlty", ":3: unknown key “difficlty”"),
        (
            "questions/what-is-rag.md",
            "status: published",
            "difficulty: easy",
            ":4: “difficulty” is here a",
        ),
        ("questions/what-is-rag.md", "What is RAG?", "[", "what-is-rag.md:2: not YAML"),
        ("questions/what-is-rag.md", "What is RAG?", "42", ":2: “question” is a text; put it in quotes"),
        ("questions/what-is-rag.md", "2026-11-24", "2026-13-45", "what-is-rag.md:"),
        ("questions/what-is-rag.md", "---\n\nIt looks", "\n\nIt looks", "what-is-rag.md:1: the file begins"),
        ("questions/what-is-rag.md", "It looks things up.", "", "what-is-rag.md:9: answer"),
        ("roles/ai-engineer.md", "- what-is-rag", "- what-is-rug", ":6: questions: There is no question"),
        ("roles/ai-engineer.md", "category: ai", "category: ia", ":3: category: There is no category “ia”"),
        ("roles/ai-engineer.md", "## Learning path", "## Learning paths", ":10: unknown heading"),
        ("roles/ai-engineer.md", "- Bring", "Bring", ":22: each tip is one line"),
        (
            "roles/ai-engineer.md",
            "https://example.org/a_(b)",
            "ftp://example.org",
            ":10: steps: learn-to-count",
        ),
        ("questions/what-is-rag.md", "topics:\n- rag", "topics: 5", ":6: “topics” is a list of addresses"),
        ("questions/what-is-rag.md", "- rag", "- {a: b}", ":6: “topics” is a list of addresses"),
        ("questions/what-is-rag.md", "- rag", "- rag\n- rag", ":6: “topics” names rag twice"),
        ("questions/what-is-rag.md", "question:", "id: [a]\nquestion:", ":2: “id” is a text"),
        ("roles/ai-engineer.md", "- what-is-rag", "- what-is-rag\n- what-is-rag", "names what-is-rag twice"),
        ("roles/ai-engineer.md", "category: ai", "category: [ai]", ":3: “category” is a text"),
        (
            "roles/ai-engineer.md",
            "Count.\n",
            "```\nCount.\n",
            "steps: learn-to-count: A block of code is not closed",
        ),
        ("bank.yaml", "- slug: rag\n  name: RAG", "  5", "bank.yaml:"),
        ("bank.yaml", "  name: RAG", "", "bank.yaml:5: each of topics has a slug and a name"),
        ("bank.yaml", "slug: rag", "slug: r a g", "bank.yaml:5: slug"),
    ],
)
def test_bad_file_is_reported_with_line_and_reason_and_nothing_is_written(bank, file, old, new, message):
    path = bank / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(CommandError) as error:
        call_command("loadbank", bank)
    assert message in str(error.value)
    assert not Question.objects.exists()
    assert not ChangeSet.objects.exists()


def test_an_empty_key_is_a_missing_one(bank, capsys):
    path = bank / "questions" / "what-is-rag.md"
    path.write_text(QUESTION.replace("topics:\n- rag", "topics:\nkey_points:"))
    load(bank, capsys)
    assert Question.objects.get().key_points == []


def test_folder_that_is_no_bank_is_reported(tmp_path):
    with pytest.raises(CommandError, match=r"no bank\.yaml here"):
        call_command("loadbank", tmp_path)


def test_old_rendering_is_made_anew_by_a_command(capsys):
    question = make_question(answer="*Now*")
    unrecorded(Question).filter(pk=question.pk).update(rendered_by=0, answer_html="old")
    call_command("rerender", dry_run=True)
    assert "Would render 1 texts" in capsys.readouterr().out
    call_command("rerender")
    question.refresh_from_db()
    assert question.answer_html == '<p dir="auto"><em>Now</em></p>\n'
