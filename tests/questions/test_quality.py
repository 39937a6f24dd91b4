import re
import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from questions import quality

pytestmark = pytest.mark.once


CONTENT = settings.BASE_DIR / "content"


@pytest.fixture
def bank(tmp_path):
    """A copy of a role of the shipped bank and of some questions, to be spoilt: all take long to check."""
    role = "roles/qa-engineer.md"
    slugs = re.findall(r"^- ([\w-]+)$", (CONTENT / role).read_text().split("---")[1], re.MULTILINE)
    slugs += ["explain-rag-pipeline", "detect-data-drift"]
    for file in "bank.yaml", role, *(f"questions/{slug}.md" for slug in slugs):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(CONTENT / file, tmp_path / file)
    return tmp_path


def spoil(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "check"),
    [
        (
            "questions/explain-rag-pipeline.md",
            "- rag\n",
            "- ragtime\n",
            "unknown topic “ragtime”",
            "references",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "reviewed_on: 2026-11-27\n",
            "",
            "published, but never reviewed",
            "reviews",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nThere are two",
            "\n\nAnalyzing, there are two",
            "spelling: Analyzing",
            "spelling",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nThere",
            "\n\n[See](/questions/nowhere/). There",
            "dead link",
            "references",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nThere",
            "\n\n" + "So. " * 200 + "There",
            "60 to 260 are wanted",
            "lengths",
        ),
        ("questions/explain-rag-pipeline.md", "```text", "```", "does not say its language", "code"),
        (
            "questions/explain-rag-pipeline.md",
            "```text",
            "```sql",
            "does not say where it runs: bigquery, mysql, postgresql, sqlite",
            "code",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nThere",
            "\n\n$\\nosuch$ There",
            "a formula that cannot be shown",
            "markdown",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "```text",
            "```math\nloss = x\n```\n\n```text",
            "letters that are no",
            "formulas",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "short_answer: RAG finds",
            "# short_answer: RAG finds",
            "published, but without a short answer",
            "short-answers",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "short_answer: RAG",
            "short_answer: RAG. Brief.\n# RAG",
            "25 to 70 are wanted",
            "lengths",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "- Follows a query through",
            "- Knows zebras\n- Follows a query through",
            "shares no word with the answer: Knows zebras",
            "key-points",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "When is long context without retrieval the better choice?",
            "When is the prompt longer?",
            "all its words are in the answer: When is the prompt longer?",
            "follow-ups",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nThere are two",
            "\n\n" + "so " * 45 + "\n\nThere are two",
            "words in a sentence",
            "sentences",
        ),
        (
            "questions/explain-rag-pipeline.md",
            "\n\nThere are two",
            "\n\nMend it anew. There are two",
            "reads as unnatural: Mend",
            "words",
        ),
        (
            "roles/qa-engineer.md",
            "\n### ",
            "\n### Extra\n\nToo short.\n\n### ",
            "45 to 130 are wanted",
            "lengths",
        ),
        (
            "roles/qa-engineer.md",
            "- boundary-value-test-cases",
            "- no-such-question",
            "unknown question",
            "references",
        ),
    ],
)
def test_checkbank_says_what_falls_short_and_where(bank, capsys, file, old, new, message, check):
    spoil(bank / file, old, new)
    with pytest.raises(CommandError, match=rf"findings in \d+ documents: .*{check}"):
        call_command("checkbank", bank, only=[check])
    lines = capsys.readouterr().out.splitlines()
    assert any(message in line and file in line and line.endswith(f"[{check}]") for line in lines)


def test_checkbank_finds_a_topic_that_no_question_has(tmp_path, capsys):
    bank = shutil.copytree(CONTENT, tmp_path / "bank")
    spoil(bank / "bank.yaml", "topics:\n", "topics:\n- slug: aaa\n  name: AAA\n")
    with pytest.raises(CommandError, match=r"^1 findings in \d+ documents: references 1\.$"):
        call_command("checkbank", bank)
    assert re.search(r"^\S*bank\.yaml\S* .*no question has this topic", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("so $loss = x$", "loss"),
        ("so $$Attention(Q, K, V)$$", "Attention"),
        ("$$\nsoftmax(x_{max})\n$$", "softmax, max"),
        ("```math\nCE(y) + KL (p)\n```", "CE, KL"),
        (r"$\text{loss} = abc \cdot \alpha$", "abc"),
    ],
)
def test_words_of_formulas_are_reported_wherever_a_formula_is(text, words):
    assert [
        finding.text for finding in quality.in_markdown("intro", text) if finding.check == "formulas"
    ] == [f"letters that are no \\text{{…}}: {words}"]


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{softmax}\left(\frac{QK^T}{\sqrt{d_k}}\right)V",
        r"\operatorname{Var}(X) + \operatorname*{argmax}_x \mathrm{cov}(X, Y) \textbf{loss}",
        r"\text{the {first} loss} \log p \max(a, b)",
        r"\begin{array}{lcr}a&b&c\end{array}",
        r"2ab + QK",
    ],
)
def test_commands_and_products_are_no_bare_words(latex):
    assert list(quality.in_markdown("intro", f"${latex}$")) == []


def test_checks_are_left_out_by_name(bank, capsys):
    spoil(bank / "questions" / "explain-rag-pipeline.md", "reviewed_on: 2026-11-27\n", "")
    with pytest.raises(CommandError):
        call_command("checkbank", bank, only=["reviews", "repeats"])
    call_command("checkbank", bank, only=["reviews", "repeats"], **{"except": ["reviews"]})
    assert "no findings" in capsys.readouterr().out


def test_checkbank_finds_questions_that_say_the_same(bank, capsys):
    path = bank / "questions" / "detect-data-drift.md"
    text = path.read_text().replace(
        "What is data drift and how do you detect it?", "How can you detect data drift?"
    )
    (bank / "questions" / "drift-again.md").write_text(text)
    with pytest.raises(CommandError):
        call_command("checkbank", bank)
    assert "it asks nearly the same as “drift-again”" in capsys.readouterr().out
