"""What `docs/bank-format.md` says is what the loader reads and the dumper writes."""

import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from questions.bankfiles import front_matter
from questions.documents import KINDS
from questions.models import Question, Role, Topic
from tests.factories import empty_the_bank

pytestmark = pytest.mark.django_db
DOCUMENT = settings.BASE_DIR / "docs" / "bank-format.md"


@pytest.fixture
def bank(tmp_path):
    """The files of the examples, as a folder."""
    text = DOCUMENT.read_text()
    lists = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1]
    question, role = re.findall(r"```markdown\n(---\n.*?)\n```\n", text, re.DOTALL)
    for name, content in (
        ("bank.yaml", lists),
        ("questions/cost-of-an-index.md", question.rstrip("\n") + "\n"),
        ("roles/database-engineer.md", role + "\n"),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_the_examples_load_and_are_dumped_as_they_are(bank, tmp_path_factory):
    call_command("loadbank", bank)
    dumped = tmp_path_factory.mktemp("dumped")
    call_command("dumpbank", dumped)
    for path in (path for path in bank.rglob("*") if path.is_file()):
        assert (dumped / path.relative_to(bank)).read_text() == path.read_text()


def test_the_examples_have_every_key(bank):
    for kind, file in (("question", "cost-of-an-index.md"), ("role", "database-engineer.md")):
        text = next(bank.rglob(file)).read_text()
        for key in set(front_matter(KINDS[kind])) - {"id", "former", "successor"}:
            assert f"\n{key}:" in text


def test_what_a_file_leaves_out_means_the_default(bank):
    path = bank / "questions" / "cost-of-an-index.md"
    path.write_text("---\nquestion: What does a database index cost?\nid: what-an-index-costs\n---\n")
    call_command("loadbank", bank)
    question = Question.objects.get()
    assert (question.status, question.short_answer, question.follow_ups) == ("draft", "", [])


def spoilt(bank, old, new):
    path = bank / "questions" / "cost-of-an-index.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(CommandError) as refusal:
        call_command("loadbank", bank)
    assert not Question.objects.exists()
    assert not Role.objects.exists()
    return str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("label: The cost of an index", f"label: {'long ' * 16}", 4, "at most 50 characters"),
        ("short_answer: 'Every", "short_answer: 'One.\n\n\n  Every", 10, "this has more"),
        ("short_answer: 'Every", "short_answer: '- Every", 10, "no list, table"),
        ("short_answer: 'Every", f"short_answer: '{'word ' * 300}Every", 10, "Keep it to 90 words"),
        ("weak_answer: “", "weak_answer: '```'\n#“", 14, "no list, table, heading or code block"),
        ("- question: When does the database ignore an index?\n  hint:", "- hint:", 17, "a hint needs"),
        ("- question: When", "- asked: When", 17, "a hint needs"),
        ("  hint: Think", "  clue: Think", 15, "no “clue”"),
        ("- How would you find an index that nobody uses?", "- 42", 16, "put this one in quotes"),
        ("  url: https://www", "  url: ftp://www", 19, "begins with https://"),
        ("former:\n- index-costs", "former:\n- Index costs", 23, "make an address"),
    ],
)
def test_a_bad_part_is_reported_with_file_line_and_reason(bank, old, new, line, reason):
    message = spoilt(bank, old, new)
    assert reason in message
    assert re.search(r"cost-of-an-index\.md:\d+: ", message)
    assert abs(int(re.search(r"\.md:(\d+)", message)[1]) - line) <= 1


def test_both_forms_of_follow_ups_are_one_list(bank):
    call_command("loadbank", bank)
    question = Question.objects.get()
    assert [type(follow_up) for follow_up in question.follow_ups] == [str, dict]
    assert [bool(follow_up["hint"]) for follow_up in question.follow_ups_with_hints] == [False, True]


def test_a_bank_of_an_older_release_loads(bank):
    path = bank / "questions" / "cost-of-an-index.md"
    keys = "label|short_answer|weak_answer"
    text = re.sub(rf"^({keys}):.*\n", "", path.read_text(), flags=re.MULTILINE)
    path.write_text(re.sub(r"- question: (.*)\n  hint:.*\n", r"- \1\n", text))
    call_command("loadbank", bank)
    assert len(Question.objects.get().follow_ups) == 2
    assert Topic.objects.get().former_slugs == ["sql"]
    empty_the_bank()
