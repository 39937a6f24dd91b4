"""Bank files as people's editors, keyboards and file systems leave them."""

import unicodedata

import pytest

from learningpath.documents import format_steps, parse_steps
from questions import bankfiles
from questions.bankfiles import Bank, BankError
from questions.likeness import renamed

pytestmark = pytest.mark.once

QUESTION = """---
question: What is RAG?
difficulty: medium
reviewed_on: 2026-11-24
topics:
- rag
key_points:
- Looks things up
---

It looks things up.
"""


@pytest.fixture
def bank(tmp_path):
    """A small bank on disk."""
    for name in ("questions", "roles"):
        (tmp_path / name).mkdir()
    (tmp_path / "bank.yaml").write_text("topics:\n- slug: rag\n  name: RAG\n")
    (tmp_path / "questions" / "rag.md").write_text(QUESTION)
    return tmp_path


def question(folder):
    """The one question of a folder."""
    (document,) = [document for kind, _uid, document in bankfiles.read(folder).items if kind == "question"]
    return document


def problems(folder):
    with pytest.raises(BankError) as error:
        bankfiles.read(folder)
    return [problem.removeprefix(f"{folder}/") for problem in error.value.problems]


# What editors do to a file


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + QUESTION,
        "\n  \n" + QUESTION,
        QUESTION.replace("---\n", "---  \n"),
        QUESTION.replace("\n", "\r\n"),
        QUESTION.replace("\n", "\r"),
        "\ufeff\r\n" + QUESTION.replace("---\n", "--- \n").replace("\n", "\r\n"),
        QUESTION.rstrip(),
    ],
)
def test_what_nobody_sees_makes_no_difference(bank, text):
    expected = question(bank)
    (bank / "questions" / "rag.md").write_bytes(text.encode())
    assert question(bank) == expected


def test_blank_lines_before_the_front_matter_count_as_lines(bank):
    (bank / "questions" / "rag.md").write_text("\n\n" + QUESTION.replace("2026-11-24", "2026-02-30"))
    assert problems(bank) == [
        "questions/rag.md:6: “reviewed_on” cannot be read: day is out of range for month"
    ]


def test_a_file_may_end_with_its_front_matter(bank):
    (bank / "questions" / "rag.md").write_text(QUESTION.partition("\n\n")[0])
    assert question(bank)["answer"] == ""


def test_an_answer_may_follow_its_front_matter_at_once(bank):
    (bank / "questions" / "rag.md").write_text(QUESTION.replace("\n\nIt looks", "\nIt looks\n\nand") + "\n\n")
    assert question(bank)["answer"] == "It looks\n\nand things up."


def test_an_answer_may_begin_with_indented_code(bank):
    (bank / "questions" / "rag.md").write_text(QUESTION.replace("It looks", " \n    It looks"))
    assert question(bank)["answer"] == "    It looks things up."


# Values that YAML reads otherwise than their writer


@pytest.mark.parametrize(
    "value",
    [
        "What is C #5 about?",
        "#5?",
        "HTTP: what?",
        "`x` or `y`?",
        "*Why*?",
        "@decorator?",
        "%s or %d?",
        "- or +?",
        "&mut or &?",
        "!important or not?",
        "! x",
        "[x] or [y]?",
        "{x} or {y}?",
        "{x",
        "[x",
        "{x}",
        "[x]",
        "> or <?",
        "| or ||?",
        "? or !",
        '"What" is it?',
        "yes",
        "42",
        "1.5",
    ],
)
def test_a_text_that_yaml_takes_for_something_else_is_reported_to_be_quoted(bank, value):
    text = QUESTION.replace("What is RAG?", value)
    (bank / "questions" / "rag.md").write_text(text)
    (problem,) = problems(bank)
    assert problem.startswith("questions/rag.md:2: ")
    assert "in quotes" in problem
    (bank / "questions" / "rag.md").write_text(text.replace(value, "'" + value.replace("'", "''") + "'"))
    assert question(bank)["question"] == value


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "- Looks things up",
            "- Looks: things up",
            ":8: each of “key_points” is a text; put this one in quotes",
        ),
        ("- Looks things up", "- Looks things up #1", ":8: “ #” begins a comment: put the text in quotes"),
        ("- Looks things up", "- éè😀 #1", ":8: “ #” begins a comment"),
        ("difficulty: medium", "difficulty: medium # or so", ":3: “ #” begins a comment"),
        ("2026-11-24", "2026-02-30", ":4: “reviewed_on” cannot be read: day is out of range for month"),
        ("difficulty: medium", "a: &a [x]\nb: *a", ":3: “&” has a meaning of its own"),
        ("difficulty: medium", "difficulty: *a", ":3: “*” has a meaning of its own"),
        ("difficulty: medium", "? [a]\n: b", ":3: “key: value” lines are needed here"),
        ("difficulty: medium", "x: " + "[" * 100_000, ":3: lists in lists in lists"),
        ("question: What is RAG?", "\tquestion: x", ":2: not YAML"),
        (
            "difficulty: medium",
            "difficulty: é\x08",
            ":3: not YAML: control characters are not allowed (U+0008)",
        ),
        ("- Looks things up", "  5", ":7: “key_points” is a list"),
        ("- Looks things up", "- 2026", ":8: each of “key_points” is a text"),
        ("question: What is RAG?\n", "", "?"),
    ],
)
def test_other_slips_are_reported_at_their_line(bank, old, new, message):
    (bank / "questions" / "rag.md").write_text(QUESTION.replace(old, new, 1))
    if message == "?":
        assert "question" not in question(bank)  # for the rules of its kind to refuse
    else:
        assert message in problems(bank)[0]


def test_a_comment_on_a_line_of_its_own_is_one(bank):
    (bank / "questions" / "rag.md").write_text(QUESTION.replace("topics:", "# as agreed\ntopics: # two\n"))
    assert question(bank)["topics"] == ["rag"]


@pytest.mark.parametrize("block", ["|\n  What\n  is RAG?", ">\n  What\n\n  is RAG?", "What\n  is RAG?"])
def test_a_question_is_one_line(bank, block):
    (bank / "questions" / "rag.md").write_text(QUESTION.replace("What is RAG?", block))
    assert question(bank)["question"] == "What is RAG?"


def test_lists_of_aliases_do_not_grow(bank):
    lines = [f"- &x{n} [{','.join([f'*x{n - 1}'] * 9) if n else 'x'}]" for n in range(30)]
    (bank / "bank.yaml").write_text("topics:\n" + "\n".join(lines))
    assert problems(bank)[0].startswith("bank.yaml:2: “&”")


def test_a_long_list_is_read_at_once(bank):
    entries = "".join(f"- slug: topic-{number}\n  name: Topic {number}\n" for number in range(5000))
    (bank / "bank.yaml").write_text(f"topics:\n{entries}- slug: 5\n  name: Five\n")
    assert problems(bank) == ["bank.yaml:10002: “slug” is a text; put it in quotes"]


# Files that are none


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("questions/a.markdown", "files here are named “<address>.md”: move this one to {}/questions/a.md"),
        ("questions/b.MD", "files here are named “<address>.md”: move this one to {}/questions/b.md"),
        ("questions/sub/c.md", "files here are named “<address>.md”: move this one to {}/questions/c.md"),
        ("roles/picture.png", "only files “<address>.md” belong into roles/: move this one"),
        ("roles/sub/noext", "only files “<address>.md” belong into roles/: move this one"),
        ("questions/rag.md~", "only files “<address>.md” belong into questions/: move this one"),
    ],
)
def test_a_file_that_would_be_passed_over_is_reported(bank, name, message):
    (bank / name).parent.mkdir(exist_ok=True)
    (bank / name).write_text(QUESTION)
    assert problems(bank) == [f"{name}:1: {message.format(bank)}"]


@pytest.mark.parametrize("name", ["README.md", "readme.txt", ".DS_Store", ".git/x.md", "sub/README"])
def test_notes_and_hidden_files_are_nobodys_business(bank, name):
    path = bank / "questions" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    assert question(bank)


def test_a_link_to_another_folder_is_reported(bank):
    (bank / "questions" / "more").symlink_to(bank / "roles")
    assert problems(bank)[0].startswith("questions/more:1: only files")


def test_the_second_of_two_names_is_reported_where_it_stands(bank):
    (bank / "bank.yaml").write_text("topics:\n- slug: rag\n  name: RAG\n- slug: rag\n  name: Rag\n")
    assert problems(bank) == [f"bank.yaml:4: the id “rag” is also that of {bank / 'bank.yaml'}"]


def test_a_file_that_cannot_be_read_is_reported(bank):
    (bank / "questions" / "gone.md").symlink_to(bank / "nowhere")
    assert problems(bank) == ["questions/gone.md:1: it cannot be read (No such file or directory)"]


def test_a_file_of_another_encoding_is_reported_with_byte_and_line(bank):
    (bank / "questions" / "rag.md").write_bytes(QUESTION.replace("looks", "löoks").encode("latin-1"))
    message = "not UTF-8: byte 0xf6 cannot stand here; save the file as UTF-8"
    assert problems(bank) == [f"questions/rag.md:11: {message}"]
    (bank / "bank.yaml").write_bytes("topics: []\r\n".encode("utf-16"))
    assert problems(bank)[0].startswith("bank.yaml:1: not UTF-8: byte 0xff")


@pytest.mark.parametrize("name", ["bank.yaml", "questions/rag.md"])
def test_a_file_that_is_far_too_large_is_reported_with_its_size(bank, name):
    (bank / name).write_bytes(b"x" * 5_100_000)
    assert problems(bank) == [f"{name}:1: 5.1 MB are more than the 5 MB that a file may have"]


def test_a_folder_that_is_missing_is_reported(bank):
    (bank / "roles").rmdir()
    assert problems(bank) == ["roles: this folder is missing; make it, even if it stays empty"]


def test_names_are_read_as_composed_letters(bank):
    name = "résumé"
    decomposed = unicodedata.normalize("NFD", name)
    (bank / "questions" / "rag.md").rename(bank / "questions" / f"{decomposed}.md")
    (bank / "bank.yaml").write_text(f"topics:\n- slug: {decomposed}\n  name: RAG\n")
    text = QUESTION.replace("- rag", f"- {decomposed}")
    (bank / "questions" / f"{decomposed}.md").write_text(text)
    read = bankfiles.read(bank)
    assert [uid for _kind, uid, _document in read.items] == [name, name]
    assert read.items[1][2]["slug"] == name
    assert read.items[1][2]["topics"] == [name]


# Steps


def test_headings_in_code_are_code():
    steps = [
        {
            "key": "read",
            "title": "Read",
            "body": "So:\n\n```\n#### Resources\n\n### Not a step\n## x\n```\n\nDone.\n\nTitle\n-----",
            "resources": [{"title": "A book"}, {"title": "A page", "url": "https://a.example/b_(c)"}],
        },
        {"key": "next", "title": "Next", "body": "    #### Resources\n\n    ### x", "resources": []},
        {"key": "last", "title": "Last", "body": "a\u2028b\x0cc", "resources": []},
    ]
    assert parse_steps(format_steps(steps)) == steps


def test_sections_are_told_from_headings_in_code(bank):
    step = "```\n## Interview tips\n```\n\nTitle\n---"
    body = f"## Learning path\n\n### Read\n\n{step}\n\n## Interview tips\n\n- Bring it.\n"
    (bank / "roles" / "tester.md").write_text(f"---\nname: Tester\n---\n\n{body}")
    role = bankfiles.read(bank).items[-1][2]
    assert role["steps"][0]["body"] == step
    assert [tip["text"] for tip in role["tips"]] == ["Bring it."]


# Files that were renamed


def test_a_renamed_text_is_found_by_its_words_and_taken_once():
    gone = {"a": "What is a vector database?", "b": "How do you test a queue?"}
    new = {
        "c": "What is the vector database?",
        "d": "What is a vector database, then, really, for you?",
        "e": "Why?",
        "f": "",
    }
    assert renamed(new, gone) == {"c": "a"}
    assert renamed(new, {}) == {}


def held(*items):
    """A bank of questions `(uid, words, named)`; `named` ones have an `id:` line."""
    bank = Bank()
    for uid, text, named in items:
        lines = {"id": 2} if named else {}
        bank.add("question", uid, {"question": text, "answer": "It depends."}, f"{uid}.md", lines)
    return bank


def test_a_renamed_file_is_reported_and_what_is_gone_is_listed():
    text = "What is a vector database?"
    loaded = {
        ("question", "old"): {"question": text, "answer": "It depends."},
        ("question", "gone"): {"question": "How do you test a queue?", "answer": "Slowly."},
        ("question", "kept"): {"question": "Which index do you choose?", "answer": "None."},
        ("topic", "old"): {"name": text},
    }
    kept = ("kept", "Which index do you choose?", False)
    notes, gone = held(kept, ("new", text, False)).compare(loaded)
    assert notes == [
        "new.md:1: looks like old renamed: write “id: old”, or “id: new” if it is another question"
    ]
    assert gone == [("question", "gone"), ("topic", "old")]
    notes, gone = held(kept, ("new", text, True)).compare(loaded)
    assert notes == []
    assert gone == [("question", "old"), ("question", "gone"), ("topic", "old")]
    assert held(kept, ("old", text, True)).compare(loaded) == ([], [("question", "gone"), ("topic", "old")])


def test_an_entry_of_the_lists_may_have_been_renamed_too(bank):
    loaded = {("topic", "retrieval"): {"name": "RAG"}}
    notes, gone = bankfiles.read(bank).compare(loaded)
    message = "looks like retrieval renamed: write “id: retrieval”, or “id: rag” if it is another topic"
    assert notes == [f"{bank / 'bank.yaml'}:2: {message}"]
    assert gone == []
    (bank / "bank.yaml").write_text("topics:\n- id: rag\n  slug: rag\n  name: RAG\n")
    assert bankfiles.read(bank).compare(loaded) == ([], [("topic", "retrieval")])
