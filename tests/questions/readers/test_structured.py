"""Questions in JSON and YAML."""

import json
from pathlib import Path

import pytest

from questions import readers
from questions.documents import KINDS
from questions.readers import UnreadableFile, structured

pytestmark = pytest.mark.once

OWN = {
    "title": "SQL Developer",
    "category": "Data",
    "intro": "What is asked.",
    "questions": [
        {
            "id": "q1",
            "text": "What is a view?",
            "difficulty": "easy",
            "answer": "A stored query.\n\nIt holds no rows.",
            "key_points": ["stored query"],
            "topics": ["SQL"],
        }
    ],
    "steps": [{"title": "Joins", "body": "All of them."}],
    "tips": ["Say what the plan is."],
}


def test_the_published_format_comes_in_whole():
    reading = readers.read_text(json.dumps(OWN, indent=1))
    assert (reading.title, reading.category, reading.intro) == ("SQL Developer", "Data", "What is asked.")
    (question,) = reading.questions
    assert (question.uid, question.text, question.difficulty) == ("q1", "What is a view?", "easy")
    assert question.answer == "A stored query.\n\nIt holds no rows."
    assert (question.key_points, question.topics, question.line) == (["stored query"], ["SQL"], 8)
    assert reading.steps == [("Joins", "All of them.")]
    assert reading.tips == ["Say what the plan is."]
    assert not reading.left_over
    assert not reading.warnings


def test_the_published_schema_names_what_is_read():
    schema = json.loads(Path(structured.__file__).with_name("schema.json").read_text())["$defs"]
    page = schema["page"]["properties"]
    assert set(OWN) <= set(page)
    assert set(OWN["questions"][0]) == set(page["questions"]["items"]["properties"])
    for kind, documents in KINDS.items():
        assert set(schema[kind]["properties"]) == {"kind", "id", *documents.defaults}


def test_what_a_reading_prints_can_be_read_again():
    printed = readers.read_text(json.dumps(OWN)).as_json()
    again = readers.read_text(json.dumps(printed)).as_json()
    assert [again[key] for key in ("title", "intro", "steps", "tips")] == [
        printed[key] for key in ("title", "intro", "steps", "tips")
    ]
    assert again["questions"][0]["answer"] == printed["questions"][0]["answer"]


@pytest.mark.parametrize(
    "value",
    [
        [{"question": "Why?", "answer": "So.", "level": "Hard", "tags": ["SQL"]}],
        {"data": [{"q": "Why?", "a": "So.", "difficulty": "hard", "category": "SQL"}]},
        {"SQL": [{"prompt": "Why?", "response": "So.", "difficulty": "HARD"}]},
        {"SQL": [{"front": "Why? (hard)", "back": "So."}]},
    ],
)
def test_objects_with_the_usual_names(value):
    (question,) = readers.read_text(json.dumps(value)).questions
    assert (question.text, question.answer, question.difficulty) == ("Why?", "So.", "hard")
    assert question.topics == ["SQL"]


def test_multiple_choice():
    value = [
        {"question": "Which?", "options": ["a list", "a set"], "answer": "a set", "explanation": "No twins."}
    ]
    (question,) = readers.read_text(json.dumps(value)).questions
    assert question.answer == "a set\n\nNo twins.\n\nThe other options:\n\n- A. a list"


def test_questions_as_keys():
    reading = readers.read_text('{"What is a view?": "A stored query.", "Why?": "So."}')
    assert [question.text for question in reading.questions] == ["What is a view?", "Why?"]


def test_lines_of_json():
    text = '{"question": "Why?", "answer": "So."}\n{"question": "How?", "answer": "Thus."}\n'
    assert [question.line for question in readers.read_text(text).questions] == [1, 2]


def test_yaml():
    text = (
        "title: SQL\nquestions:\n  - question: Why?\n    difficulty: easy\n"
        "    answer: |\n      So.\n\n      - one\n"
    )
    reading = readers.read_text(text)
    assert reading.title == "SQL"
    assert (reading.questions[0].answer, reading.questions[0].line) == ("So.\n\n- one", 3)


def test_what_is_no_question_is_left_over_or_told():
    reading = readers.read_text(
        '{"version": 7, "questions": [{"question": "Why?", "answer": "So.", "votes": 3}]}'
    )
    assert reading.left_over == [(1, "version: 7")]
    assert any("votes" in remark.message for remark in reading.warnings)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"question": "Why?"', "Not JSON: .* line 1"),
        ("[" * 100_000, "too deep|Not JSON"),
        ('{"a":' * 30 + "1" + "}" * 30, "too deep"),
        ("- question: &a Why?\n  answer: *a\n", "Line 2 has an alias"),
        ("- question: [\n", "Not YAML"),
    ],
)
def test_bad_input_gets_a_sentence(text, reason):
    with pytest.raises(UnreadableFile, match=reason):
        readers.read_text(text)


def test_a_text_in_markdown_is_a_heading_and_what_is_below():
    text = '[{"title": "Scope", "level": "basic", "text": "### What is scope?\\n\\nWhere a name holds."}]'
    (question,) = readers.read_text(text).questions
    assert (question.text, question.difficulty) == ("What is scope?", "easy")
    assert question.answer == "Where a name holds."


def found(value):
    """`[(text, difficulty, topics, answer in one line), …]` of the questions of a value."""
    questions = readers.read_text(json.dumps(value)).questions
    return [(each.text, each.difficulty, each.topics, " ".join(each.answer.split())) for each in questions]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ({"correct_answer": "Two", "incorrect_answers": ["One"]}, "Two The other options: - B. One"),
        ({"answers": {"answer_a": "One", "answer_b": "Two"}, "correct_answer": "answer_b"}, "Two"),
        ({"options": [{"text": "One", "isCorrect": False}, {"text": "Two", "isCorrect": True}]}, "Two"),
        ({"answers": [{"value": "One"}, {"value": "Two", "correct": True}]}, "Two"),
        ({"options": ["One", "Two"], "answer": 1}, "Two The other options: - A. One"),
        ({"options": ["One", "Two"], "answer": 2}, "Two The other options: - A. One"),
        ({"acceptedAnswer": {"@type": "Answer", "text": "<p>Two</p>"}}, "Two"),
        ({"answer": "Two", "codeExample": "a = 2"}, "Two ``` a = 2 ```"),
    ],
)
def test_answers_of_public_question_banks(question, answer):
    ((text, _difficulty, _topics, whole),) = found([{"question": {"text": "Which?"}, **question}])
    assert text == "Which?"
    assert whole.startswith(answer)


def test_objects_around_questions_name_their_topics_and_levels():
    value = {"sections": [{"title": "SQL", "questions": ["What is a join?", "Explain views"]}]}
    assert found(value) == [
        ("What is a join?", "", ["SQL"], ""),
        ("Explain views", "", ["SQL"], ""),
    ]
    value = {"CSS": {"easy": [{"q": "What is BEM?", "a": "Names."}], "hard": [{"q": "Why?", "a": "So."}]}}
    assert found(value) == [("What is BEM?", "easy", ["CSS"], "Names."), ("Why?", "hard", ["CSS"], "So.")]


# Conversations


@pytest.mark.parametrize(
    "line",
    [
        '{"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Why?"}, '
        '{"role": "assistant", "content": "So."}]}',
        '{"conversations": [{"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}]}',
        '{"contents": [{"role": "user", "parts": [{"text": "Why?"}]}, '
        '{"role": "model", "parts": [{"text": "So."}]}]}',
        '{"prompt": "Why?", "completion": "So."}',
    ],
)
def test_a_conversation_asks_and_answers(line):
    questions = readers.read_text(f"{line}\n{line.replace('Why', 'How')}\n").questions
    assert [(question.text, question.answer, question.line) for question in questions] == [
        ("Why?", "So.", 1),
        ("How?", "So.", 2),
    ]
    assert not any(question.topics for question in questions)


def test_a_conversation_goes_on():
    turns = [
        ("user", "Why?"),
        ("assistant", "So."),
        ("assistant", "And so."),
        ("user", "How?"),
        ("tool", "7"),
    ]
    chat = {"messages": [{"role": role, "content": words} for role, words in turns]}
    reading = readers.read_text(json.dumps(chat))
    assert [(question.text, question.answer) for question in reading.questions] == [
        ("Why?", "So.\n\nAnd so."),
        ("How?", ""),
    ]
    assert reading.left_over == [(1, "7")]


def test_names_in_other_languages():
    reading = readers.read_text(json.dumps([{"вопрос": "Почему?", "ответ": "Так.", "сложность": "высокая"}]))
    assert [(each.text, each.answer, each.difficulty) for each in reading.questions] == [
        ("Почему?", "Так.", "hard")
    ]
