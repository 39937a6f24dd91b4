import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from questions.likeness import Likeness, words


@pytest.fixture
def bank(tmp_path):
    """A copy of the shipped bank, to be spoilt."""
    return shutil.copytree(settings.BASE_DIR / "content", tmp_path / "bank")


def spoil(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("questions/explain-rag-pipeline.md", "- rag\n", "- ragtime\n", "unknown topic “ragtime”"),
        (
            "questions/explain-rag-pipeline.md",
            "reviewed_on: 2026-11-24\n",
            "",
            "published, but never reviewed",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nRAG looks",
            "\n\nAnalyzing, RAG looks",
            "spelling: Analyzing",
        ),
        ("questions/explain-rag-pipeline.md", "\n\nRAG", "\n\n[See](/questions/nowhere/). RAG", "dead link"),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nRAG",
            "\n\n" + "So " * 200 + "RAG",
            "60 to 250 are wanted",
        ),
        ("questions/explain-rag-pipeline.md", "```text", "```", "does not say its language"),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nRAG",
            "\n\n$\\nosuch$ RAG",
            "a formula that cannot be shown",
        ),
        ("roles/qa-engineer.md", "\n### ", "\n### Extra\n\nToo short.\n\n### ", "45 to 130 are wanted"),
        ("roles/qa-engineer.md", "- boundary-value-test-cases", "- no-such-question", "unknown question"),
        ("bank.yaml", "topics:\n", "topics:\n- slug: aaa\n  name: AAA\n", "no question has this topic"),
    ],
)
def test_checkbank_tells_what_falls_short_and_where(bank, capsys, file, old, new, said):
    spoil(bank / file, old, new)
    with pytest.raises(CommandError, match="to mend"):
        call_command("checkbank", bank)
    line = next(line for line in capsys.readouterr().out.splitlines() if said in line)
    assert file in line


def test_checkbank_finds_questions_that_say_the_same(bank, capsys):
    path = bank / "questions" / "detect-data-drift.md"
    text = path.read_text().replace(
        "What is data drift and how do you detect it?", "How can you detect data drift?"
    )
    (bank / "questions" / "drift-again.md").write_text(text)
    with pytest.raises(CommandError):
        call_command("checkbank", bank)
    assert "of its words are those of “drift-again”" in capsys.readouterr().out


def test_likeness_ignores_common_words_case_accents_and_plurals():
    index = Likeness(
        {"a": "What is the café's data drift?", "b": "Explain C++ templates.", "c": "Explain C."}
    )
    assert [key for _likeness, key in index.like("How would you describe CAFE's Data Drifts")] == ["a"]
    assert [key for _likeness, key in index.like("c++ template")] == ["b"]
    assert index.like("") == []


SENTENCES = st.lists(st.sampled_from("alpha beta gamma delta epsilon zeta eta theta".split()), max_size=6)


@given(st.lists(SENTENCES, max_size=12), st.sampled_from([0.3, 0.5, 0.6, 0.8, 1.0]))
def test_rare_words_find_every_pair_that_a_full_comparison_finds(sentences, threshold):
    texts = {number: " ".join(sentence) for number, sentence in enumerate(sentences)}
    index = Likeness(texts, threshold)
    found = {(one, other) for _likeness, one, other in index.pairs()}
    sets = {key: words(text) for key, text in texts.items()}
    expected = {
        (one, other)
        for one in sets
        for other in sets
        if one < other
        and sets[one]
        and len(sets[one] & sets[other]) / len(sets[one] | sets[other]) >= threshold
    }
    assert found == expected
