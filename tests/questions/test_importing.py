"""Imports: from files to documents, with a verdict on each item, and again."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from questions import readers
from questions.importing import Choices, source_of
from questions.importing.working import apply, digest_of, edit, keep_choices, plan_again, read_through
from questions.models import ChangeSet, Import, Question, Role, Topic
from questions.recording import record
from questions.refusals import Closed, Conflict, Incomplete
from tests.factories import make_category, make_curator, make_question, make_role, make_topic

pytestmark = pytest.mark.django_db

TWO = (
    "id,question,answer,difficulty,topics\n"
    "1,What is recall?,The share that is found.,easy,Metrics\n"
    "2,Why do we test?,To know.,hard,\n"
)
PAGE = json.dumps(
    {
        "title": "Tester interview questions (2026)",
        "category": "Quality",
        "intro": "What a tester is asked.",
        "questions": [
            {"question": "Why do we test?", "answer": "To know.", "difficulty": "easy"},
            {"question": "What is a mock?", "answer": "A stand-in.", "difficulty": "hard"},
        ],
        "steps": [{"title": "Read", "body": "A book.\n\n## More\n\nTwo."}],
        "tips": ["Ask back.", "x" * 501],
    }
)


@pytest.fixture
def run(tmp_path, capsys):
    """Run the command on a file of this text, and return what it prints."""

    def run(text, *options, name="deck.csv"):
        (tmp_path / name).write_text(text)
        call_command("importbank", tmp_path / name, *options)
        return capsys.readouterr().out

    return run


def verdicts(text, name="deck.csv", user=None):
    row = read_through([source_of(name, readers.read_bytes(text.encode(), name))], user)
    return row, [item["verdict"] for item in row.items]


def test_nothing_is_written_unless_it_is_confirmed(run):
    assert "2 new" in run(TWO)
    assert "2 new" in run(TWO, "--dry-run", "--yes")
    assert not ChangeSet.objects.exists()
    assert not Question.objects.exists()


@pytest.mark.parametrize(("typed", "count"), [("y", 2), ("", 0)])
def test_a_person_at_a_terminal_is_asked(run, monkeypatch, typed, count):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: typed)
    run(TWO)
    assert Question.objects.count() == count


def test_items_come_in_as_drafts_and_again_as_nothing_new(run):
    assert "Imported 2: 2 drafts" in run(TWO, "--yes")
    recall = Question.objects.get(text="What is recall?")
    assert (recall.status, recall.difficulty, recall.answer) == ("draft", "easy", "The share that is found.")
    assert [topic.name for topic in recall.topics.all()] == ["Metrics"]
    assert "Nothing to do" in run(TWO, "--yes")
    assert "Nothing to do" in run(TWO.replace("\n1,", "\n1.0,"), "--yes", name="Deck (2).csv")
    changed = TWO.replace("What is recall?", "What does recall say?").replace("To know.", "To be sure.")
    assert "Imported 2: 2 changes." in run(changed, "--yes")
    recall.refresh_from_db()
    assert recall.text == "What does recall say?"
    assert Question.objects.count() == 2


def test_what_has_no_id_is_found_again_by_its_words_or_nearly(run):
    text = "## What is recall in a model?\n\nA share.\n\n## Why do we test at all?\n\nTo know.\n"
    run(text, "--yes", name="list.md")
    other = text.replace("What is recall in a model?", "What is the recall of a model?").replace(
        "A s", "The s"
    )
    assert "Imported 1: 1 change." in run(other, "--yes", name="list.md")
    assert Question.objects.count() == 2
    # From another file, the same questions are no new ones.
    assert "Nothing to do" in run(other, "--yes", name="elsewhere.md")


def test_another_file_of_the_same_name_is_another_source(run):
    run(TWO, "--yes")
    other = "id,question,answer\n1,What is a mutex?,A lock.\n2,How does DNS resolve a name?,In steps.\n"
    for _time in range(2):
        printed = run(other, "--yes")
    assert "Nothing to do" in printed
    assert Question.objects.count() == 4
    assert "Nothing to do" in run(TWO, "--yes")
    run("## What is a monad?\n\nA type.\n", "--yes", name="README.md")
    run("## Why is the sky blue?\n\nLight.\n", "--yes", name="README.md")
    assert Question.objects.count() == 6


def test_rows_that_are_numbered_anew_are_the_same_questions(run):
    run(TWO, "--yes")
    shifted = (
        "id,question,answer,difficulty,topics\n1,What is a mutex?,A lock.,easy,\n"
        "2,What is recall?,The share that is found.,easy,Metrics\n3,Why do we test?,To know.,hard,\n"
    )
    assert "Imported 1: 1 draft" in run(shifted, "--yes")
    assert "Nothing to do" in run(shifted, "--yes")


def test_an_id_with_quite_other_words_is_left_out(run):
    run(TWO, "--yes")
    row, found = verdicts(TWO.replace("Why do we test?", "How does DNS resolve a name?"))
    assert found == ["same", "changed"]
    assert (row.items[1]["taken"], row.items[1]["reason"]) == (False, "other words than this id had before")


def test_published_comes_in_only_what_is_whole(run):
    text = "question,answer,difficulty\nWhole?,Yes.,easy\nEmpty?,,easy\nA link?,https://a.example,easy\nNone?,So.,\n"
    assert "Imported 4: 3 drafts, 1 published" in run(text, "--publish", "--yes")
    assert [question.text for question in Question.objects.published()] == ["Whole?"]


def test_near_duplicates_and_wrong_items_are_told_and_left_out(run):
    make_question(text="What is data drift and how do you detect it?")
    text = (
        "question,answer\nHow do you detect data drift and what is it?,So.\n"
        "Why is the sky blue?,Light.\nWhy is the sky blue?,Air.\n" + "x" * 301 + "?,Long.\n"
        "What is overfitting?,That.\nHow would you explain overfitting?,This.\n"
    )
    printed = run(text, "--yes")
    assert "deck.csv:2: near-duplicate" in printed
    assert "(of “What is data drift and how do you detect it?”)" in printed
    assert "deck.csv:4: near-duplicate" in printed
    assert "(of “Why is the sky blue?”)" in printed
    assert "deck.csv:5: wrong" in printed
    assert "at most 300 characters" in printed
    # Both of one file are meant, unless they have the same words.
    assert "deck.csv:7: near-duplicate: How would you explain overfitting?" in printed
    assert "(of “What is overfitting?”) (taken as new)" in printed
    assert sorted(Question.objects.filter(status="draft").values_list("text", flat=True)) == [
        "How would you explain overfitting?",
        "What is overfitting?",
        "Why is the sky blue?",
    ]


def test_the_verdict_of_each_question_is_printed_as_json(run):
    make_question(text="Why do we test?", answer="To know.", difficulty="hard")
    printed = json.loads(run(TWO, "--json"))
    assert [question["verdict"] for question in printed["questions"]] == ["new", "same"]


def test_a_page_of_a_role_comes_in_whole_and_once(run):
    for _time in range(2):
        run(PAGE, "--yes", "--publish", name="page.json")
    role = Role.objects.get()
    assert (role.name, role.category.name, role.status) == ("Tester", "Quality", "published")
    assert [placement.question.text for placement in role.placements.all()] == [
        "Why do we test?",
        "What is a mock?",
    ]
    assert [(step.title, step.body) for step in role.steps.all()] == [("Read", "A book.\n\n**More**\n\nTwo.")]
    assert [tip.text for tip in role.tips.all()] == ["Ask back."]
    # What a curator wrote of it since stays.
    role.intro = "Mine."
    role.save()
    assert "Nothing to do" in run(PAGE, "--yes", "--publish", name="page.json")
    role.refresh_from_db()
    assert role.intro == "Mine."
    ChangeSet.objects.first().undo()
    # What was public is retired by an undo, and comes back with the next import.
    editor = make_curator()
    ChangeSet.objects.get(source="import").undo(editor)
    assert not Role.objects.published().exists()
    assert "Imported 2: 2 published" in run(PAGE, "--yes", "--publish", name="page.json")
    assert Role.objects.published().get().placements.published().count() == 2


def test_a_role_that_breaks_a_rule_stops_it_with_a_sentence(run):
    with pytest.raises(CommandError, match="Nothing was written"):
        run(PAGE.replace("What a tester is asked.", "word " * 11_000), "--yes", name="page.json")
    assert not Question.objects.exists()


def test_questions_are_placed_at_the_end_of_a_role(run):
    role = make_role(slug="tester")
    there = make_question(roles=[role], text="Why do we test?", answer="To know.", difficulty="hard")
    run(TWO, "--yes", "--role", "tester")
    assert [p.question.text for p in role.placements.all()] == [there.text, "What is recall?"]
    with pytest.raises(CommandError, match="There is no role “nobody”"):
        run(TWO, "--yes", "--role", "nobody")


def test_a_bank_of_this_site_comes_back_as_it_is(run, tmp_path, client, capsys):
    role = make_role(name="Tester", category=make_category(name="Quality"))
    make_question(roles=[role], topics=[make_topic(name="Metrics")], text="What is recall?")
    call_command("dumpbank", tmp_path / "bank")
    call_command("importbank", tmp_path / "bank", "--yes", "--publish")
    assert "Nothing to do" in capsys.readouterr().out
    (tmp_path / "bank" / "questions" / "what-is-recall.md").write_text(
        (tmp_path / "bank" / "questions" / "what-is-recall.md").read_text().replace("*this*", "*that*")
    )
    call_command("importbank", tmp_path / "bank", "--json")
    assert json.loads(capsys.readouterr().out)["questions"][0]["verdict"] == "changed"


def test_a_bank_of_another_site_joins_what_is_here(tmp_path, capsys):
    topic = make_topic(name="Metrics", slug="metrics")
    same = make_question(text="What is recall?", answer="A share.", topics=[topic])
    lists = (
        "categories:\n- {id: c9, slug: quality, name: Quality}\n"
        "topics:\n- {id: t9, slug: metrics, name: Metrics}\n"
    )
    question = "---\nid: {}\nquestion: {}\ndifficulty: medium\nstatus: published\ntopics: [metrics]\n"
    question += "---\n\n{}\n"
    files = {
        "bank.yaml": lists,
        "questions/recall.md": question.format("q1", "What is recall?", "A share."),
        "questions/drift.md": question.format("q2", "What is drift?", "It moves."),
        "questions/long.md": question.format("q3", "x" * 301, "Wrong."),
        "roles/tester.md": "---\nname: Tester\ncategory: quality\nstatus: published\nintro: In.\n"
        "questions: [recall, drift, long]\n---\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    for _time in range(2):
        call_command("importbank", tmp_path, "--yes", "--publish")
    assert "Nothing to do." in capsys.readouterr().out
    role = Role.objects.published().get()
    drift = Question.objects.get(text="What is drift?")
    assert [placement.question for placement in role.placements.all()] == [same, drift]
    assert list(drift.topics.all()) == [topic]
    assert (Topic.objects.count(), Question.objects.count()) == (1, 2)


def test_what_a_curator_changed_or_deleted_since_is_left_out(run):
    run(TWO, "--yes")
    editor = make_curator()
    with record(author=editor, source=ChangeSet.Source.ADMIN):
        recall = Question.objects.get(text="What is recall?")
        recall.answer = "Mine."
        recall.save()
        Question.objects.get(text="Why do we test?").delete()
    changed = TWO.replace("The share that is found.", "Theirs.")
    row, found = verdicts(changed)
    assert found == ["changed", "new"]
    assert [item["taken"] for item in row.items] == [False, False]
    assert "changed here on" in row.items[0]["reason"]
    assert "by curator" in row.items[0]["reason"]
    assert "deleted here on" in row.items[1]["reason"]
    # It can be taken all the same.
    keep_choices(row, [0, 1], [0], {})
    row.refresh_from_db()
    apply(row, editor, Choices(), row.version)
    recall.refresh_from_db()
    assert recall.answer == "Theirs."
    assert not Question.objects.filter(text="Why do we test?").exists()


def test_an_import_that_was_undone_comes_in_again(run):
    editor = make_curator()
    run(TWO, "--yes")
    ChangeSet.objects.get().undo(editor)
    assert not Question.objects.exists()
    assert not Topic.objects.exists()
    assert "Imported 2" in run(TWO, "--yes")


def test_a_writer_imports_drafts_of_their_own(django_user_model):
    writer = django_user_model.objects.create_user("dora", is_staff=True)
    writer.groups.add(Group.objects.get(name="Writers"))
    theirs = make_question(text="Why do we test?", answer="Once.")
    row, found = verdicts(TWO, user=writer)
    assert found == ["new", "near-duplicate"]
    outcome = apply(row, writer, Choices(), row.version)
    assert outcome.drafts == 1
    recall = Question.objects.get(text="What is recall?")
    assert recall.author == writer
    assert not recall.topics.exists()  # to make one is an Editor's
    row, found = verdicts(TWO.replace("The share", "A share"), user=writer)
    assert (found[0], row.items[0]["taken"]) == ("changed", True)
    theirs.refresh_from_db()
    assert theirs.answer == "Once."


def test_a_near_duplicate_can_be_taken_as_a_change_of_the_other():
    editor = make_curator()
    other = make_question(text="What is data drift, and how do you detect it?", answer="Old.")
    row, found = verdicts("question,answer\nHow do you detect data drift and what is it?,New.\n")
    assert found == ["near-duplicate"]
    keep_choices(row, [0], [], {0: "change"})
    row.refresh_from_db()
    apply(row, editor, Choices(), row.version)
    other.refresh_from_db()
    assert (other.answer, Question.objects.count()) == ("New.", 1)


def test_a_wrong_item_comes_in_once_it_is_mended():
    editor = make_curator()
    row, found = verdicts("question,answer\n" + "x " * 200 + "?,Long.\n")
    assert found == ["wrong"]
    with pytest.raises(Incomplete):
        apply(row, editor, Choices(), row.version)
    seen = digest_of(row.items[0])
    edit(row, 0, {"question": "Short?"}, seen, editor)
    with pytest.raises(Closed):  # in another window, before that
        edit(row, 0, {"question": "Other?"}, seen, editor)
    row.refresh_from_db()
    apply(row, editor, Choices(), row.version)
    assert Question.objects.get().text == "Short?"


def test_two_windows_lose_nothing():
    editor = make_curator()
    row, _found = verdicts(TWO)
    keep_choices(row, [0], [], {})
    keep_choices(row, [1], [1], {})
    now = Import.objects.get()
    assert [item["taken"] for item in now.items] == [False, True]
    with pytest.raises(Closed):
        apply(row, editor, Choices(), row.version)
    apply(now, editor, Choices(), now.version)
    assert Question.objects.get().text == "Why do we test?"
    with pytest.raises(Closed):
        keep_choices(now, [0], [0], {})


def test_what_moved_on_meanwhile_is_planned_again_with_the_choices():
    editor = make_curator()
    row, _found = verdicts(TWO)
    apply(row, editor, Choices(), row.version)
    again, _found = verdicts(TWO.replace("To know.", "To be sure.").replace("The share", "A share"))
    keep_choices(again, [0, 1], [0], {})
    again.refresh_from_db()
    question = Question.objects.get(text="What is recall?")
    question.answer = "Between."
    question.save()
    with pytest.raises(Conflict):
        apply(again, editor, Choices(), again.version)
    assert Question.objects.get(text="What is recall?").answer == "Between."
    plan_again(again, editor)
    again.refresh_from_db()
    assert [item["verdict"] for item in again.items] == ["changed", "changed"]
    # The second stays left out, as chosen; the first was chosen before a curator changed it.
    assert [item["taken"] for item in again.items] == [False, False]
    assert "changed here" in again.items[0]["reason"]
    keep_choices(again, [0, 1], [0], {})
    again.refresh_from_db()
    apply(again, editor, Choices(), again.version)
    assert Question.objects.get(text="What is recall?").answer == "A share that is found."
