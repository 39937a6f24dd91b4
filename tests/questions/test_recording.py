"""What recording makes of the acts that come through every door: those are in `test_doors`.

The fixture `_history_knows_all` compares history with the rows after each of these tests.
"""

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import transaction
from django.db.models import ProtectedError
from django.test import RequestFactory

from learningpath.models import Tip
from questions import markdown
from questions.changes import changes_applied
from questions.documents import everything
from questions.models import (
    ChangeSet,
    ContentVersion,
    Placement,
    Question,
    Status,
    Topic,
)
from questions.recording import mark_web_requests, record
from questions.writing import unrecorded
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


class Bank:
    """Two roles with a question, a step and a tip each, and what one more would need."""

    @record()
    def __init__(self):
        self.category, self.other_category = make_category(), make_category()
        self.topic, self.other_topic = make_topic(), make_topic()
        self.role, self.other_role = (make_role(category=self.category) for _ in range(2))
        self.question = make_question(roles=[self.role], topics=[self.topic], difficulty="easy")
        self.other = make_question(roles=[self.other_role], topics=[self.topic])
        self.draft = make_question(status="draft")
        self.draft_role = make_role(category=self.category, status="draft")
        Placement.objects.create(role=self.draft_role, question=self.other)
        self.step, self.tip = make_step(role=self.role), make_tip(role=self.role)
        make_step(role=self.other_role)
        make_tip(role=self.other_role)

    def own(self, model):
        return model.objects.filter(pk=self.question.pk)


def set_and_save(row, update_fields=None, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=update_fields)


def set_text(question):
    question.text = f"Another {question.pk}?"
    return question


def words():
    """All that the bank says."""
    return {item.key: item.document for item in everything()}


def test_a_fixture_is_one_change_set(tmp_path):
    bank = Bank()
    rows = [bank.role, bank.question, *bank.role.placements.all(), bank.step, make_topic()]
    text = serialize("json", rows).replace("What is the answer", "Which is the answer")
    (tmp_path / "bank.json").write_text(text)
    sets = ChangeSet.objects.count()
    call_command("loaddata", tmp_path / "bank.json", verbosity=0)
    assert ChangeSet.objects.count() == sets + 1
    assert ChangeSet.objects.first().changes.get().after["question"].startswith("Which")


def test_a_whole_dump_with_its_history_is_loaded_into_an_empty_database(tmp_path):
    Bank()
    dump = tmp_path / "all.json"
    call_command("dumpdata", "questions", "learningpath", output=dump)
    before = words()
    empty_the_bank()
    call_command("loaddata", dump, verbosity=0)
    assert words() == before


def test_an_old_instance_does_not_take_back_what_follows_from_others():
    question = make_question(status="draft")
    old = Question.objects.get(pk=question.pk)
    question.status = Status.PUBLISHED
    question.save()
    first = Question.objects.get(pk=question.pk)
    old.status, old.text = Status.PUBLISHED, "Another?"
    old.save()
    now = Question.objects.get(pk=question.pk)
    assert now.published_at == first.published_at
    assert now.version == first.version + 1


def test_a_new_address_that_is_not_saved_redirects_nothing(client):
    question = make_question()
    address, question.slug = question.get_absolute_url(), "elsewhere"
    question.text = "Another?"
    question.save(update_fields=["text"])
    assert client.get(address).status_code == 200


def test_a_web_request_needs_an_author():
    user = get_user_model().objects.create_superuser("curator", password="pw")

    def write(request):
        with record(author=request.author):
            make_topic()

    request = RequestFactory().get("/")
    request.author = None
    with pytest.raises(PermissionDenied, match="needs an author"):
        mark_web_requests(write)(request)
    assert not Topic.objects.exists()
    request.author = user
    mark_web_requests(write)(request)
    assert ChangeSet.objects.get().author == user
    make_topic()  # outside of it, it is a command's
    assert ChangeSet.objects.first().author is None


@pytest.mark.unrecorded(reason="it writes around history to be found")
def test_checkhistory_names_what_differs(capsys):
    bank = Bank()
    call_command("checkhistory")
    assert "History knows every document" in capsys.readouterr().out
    unrecorded(Question).filter(pk=bank.question.pk).update(difficulty="hard", text="By raw SQL?")
    unrecorded(Tip).filter(pk=bank.tip.pk).delete()
    unrecorded(Question).filter(pk=bank.draft.pk).delete()
    unrecorded(Topic).bulk_create([Topic(name="By raw SQL", slug="raw", uid="raw")])
    with pytest.raises(CommandError, match="4 documents differ"):
        call_command("checkhistory")
    out = capsys.readouterr().out
    assert f"question {bank.question.uid}: history says something else of question, difficulty" in out
    assert f"role {bank.role.uid}: history says something else of tips" in out
    assert f"question {bank.draft.uid}: history knows it, and it does not exist" in out
    assert "topic raw: history does not know it" in out


@pytest.mark.unrecorded(reason="raw SQL leaves lists as they were")
def test_relist_makes_lists_again_that_raw_sql_has_left_behind(client, capsys):
    topic = make_topic(name="Subjects")
    question = make_question(topics=[topic], roles=[make_role()])
    unrecorded(Question).filter(pk=question.pk).update(status="retired")
    with pytest.raises(CommandError):
        call_command("checkhistory")
    assert "the lists of topics have it wrongly" in capsys.readouterr().out
    for options in ({"dry_run": True}, {}, {}):
        call_command("relist", **options)
    said = capsys.readouterr().out.splitlines()
    assert [line.split(" entries")[0] for line in said] == ["Would make 2", "Made 2", "Made 0"]
    assert client.get(topic.get_absolute_url()).status_code == 404


@pytest.mark.unrecorded(reason="a key of an older release is taken out of history")
def test_a_new_key_with_a_default_is_no_difference(capsys):
    question = make_question()
    for change in ChangeSet.objects.get().changes.all():
        del change.after["sources"]
        change.save()
    call_command("checkhistory")
    assert "History knows every document" in capsys.readouterr().out
    assert question.sources == []


@pytest.fixture
def reports():
    """What the signal reported: a list of (summary, [(kind, uid, before, after)])."""
    reports = []

    def receiver(sender, changeset, changes, **kwargs):
        reports.append((changeset, [(c.kind, c.uid, c.before, c.after) for c in changes]))

    changes_applied.connect(receiver)
    yield reports
    changes_applied.disconnect(receiver)


def test_one_signal_reports_every_applied_change(reports):
    question = make_question(text="Old?")
    question.text = "New?"
    question.save()
    changeset, [(kind, uid, before, after)] = reports[-1]
    assert (kind, uid, before["question"], after["question"]) == ("question", question.uid, "Old?", "New?")
    changeset.undo()
    assert reports[-1][1][0][3]["question"] == "Old?"
    Question.objects.update(difficulty="hard")
    assert reports[-1][1][0][3]["difficulty"] == "hard"
    count = len(reports)
    question.refresh_from_db()
    question.save()
    ChangeSet.objects.plan([("topic", "rag", {"slug": "rag", "name": "RAG"})], source="import")
    assert len(reports) == count
    ChangeSet.objects.filter(state="planned").get().apply()
    assert reports[-1][1] == [("topic", "rag", None, {"name": "RAG", "slug": "rag", "former": []})]


def test_an_error_of_a_receiver_takes_the_act_back():
    def fail(sender, **kwargs):
        raise ZeroDivisionError

    changes_applied.connect(fail)
    try:
        for act in (make_topic, planned_topic().apply):
            with pytest.raises(ZeroDivisionError):
                act()
    finally:
        changes_applied.disconnect(fail)
    assert not Topic.objects.exists()
    assert not ChangeSet.objects.applied().exists()
    assert not ContentVersion.objects.filter(number__gt=0).exists()


def planned_topic():
    return ChangeSet.objects.plan([("topic", "rag", {"slug": "rag", "name": "RAG"})], source="import")


@pytest.mark.parametrize(
    "change",
    [
        lambda question: set_and_save(question, reviewed_on="2026-11-21"),
        lambda question: Question.objects.filter(pk=question.pk).update(difficulty="hard"),
        lambda question: question.topics.all().delete(),
        lambda question: set_and_save(question, slug="elsewhere"),
        lambda question: set_and_save(question, status=Status.RETIRED),
    ],
    ids=["still right", "difficulty", "topic deleted", "address", "retired"],
)
def test_the_public_date_stays_where_a_reader_reads_the_same_words(change):
    question = make_question(topics=[make_topic()])
    before = question.updated
    change(question)
    assert Question.objects.get().updated == before
    ChangeSet.objects.first().undo()
    assert Question.objects.get().updated == before


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", "Another?"),
        ("answer", "Another."),
        ("key_points", ["One"]),
        ("follow_ups", ["Why?"]),
        ("sources", [{"title": "A book"}]),
    ],
)
def test_the_public_date_moves_with_words_and_an_undo_restores_it(key, value):
    question = make_question()
    before = question.updated
    set_and_save(question, **{key: value})
    after = Question.objects.get().updated
    assert after > before
    undo = ChangeSet.objects.first().undo()
    assert Question.objects.get().updated == before
    undo.undo()
    assert Question.objects.get().updated == after


def test_publishing_for_the_first_time_is_news_and_publishing_again_is_not():
    question = make_question(status="draft")
    made = question.updated
    Question.objects.update(status=Status.PUBLISHED)
    published = Question.objects.get().updated
    assert published > made
    Question.objects.update(status=Status.RETIRED)
    Question.objects.update(status=Status.PUBLISHED)
    assert Question.objects.get().updated == published


def test_documents_exchange_unique_values_in_one_set():
    first, second = make_topic(name="One"), make_topic(name="Two")
    items = [
        ("topic", first.uid, {"slug": second.slug, "name": "Two"}),
        ("topic", second.uid, {"slug": first.slug, "name": "One"}),
    ]
    changeset = ChangeSet.objects.plan(items, by_uid=True, source="import")
    changeset.apply()
    assert set(Topic.objects.values_list("uid", "slug", "name")) == {
        ("one", "two", "Two"),
        ("two", "one", "One"),
    }
    changeset.undo()
    assert set(Topic.objects.values_list("uid", "slug")) == {("one", "one"), ("two", "two")}


def test_json_in_history_is_what_files_hold():
    bank = Bank()
    after = ChangeSet.objects.get().changes.get(uid=bank.other_role.uid).after
    assert json.loads(json.dumps(after)) == words()["role", bank.other_role.uid]


def test_what_follows_a_commit_and_a_signal_is_an_act_of_its_own(django_capture_on_commit_callbacks):
    question, topic, other = make_question(), make_topic(name="Topic"), make_topic(name="Other")

    def rename(sender, changes, **kwargs):
        if any(change.kind == "question" for change in changes):
            Topic.objects.filter(pk=topic.pk).update(name="By the receiver")

    changes_applied.connect(rename)
    try:
        with django_capture_on_commit_callbacks(execute=True), record():
            set_and_save(question, text="New?")
            transaction.on_commit(lambda: Topic.objects.filter(pk=other.pk).update(name="Late"))
    finally:
        changes_applied.disconnect(rename)
    assert set(Topic.objects.values_list("name", flat=True)) == {"By the receiver", "Late"}
    for row in (topic, other):
        assert ChangeSet.objects.applied().filter(changes__uid=row.uid).count() == 2


def test_a_bulk_update_in_many_batches_is_one_change_set():
    questions = [set_text(make_question()) for _ in range(4)]
    sets = ChangeSet.objects.count()
    Question.objects.bulk_update(questions, ["text"], batch_size=1)
    assert ChangeSet.objects.count() == sets + 1


def test_questions_that_are_placed_together_have_places_one_behind_the_other(django_assert_max_num_queries):
    role = make_role()
    questions = [make_question() for _ in range(30)]
    with django_assert_max_num_queries(36):
        role.questions.set(questions)
    assert sorted(role.placements.values_list("position", flat=True)) == list(range(1, 31))


def test_a_fixture_cannot_write_what_follows_from_others(tmp_path, client):
    question, topic = make_question(slug="old", answer="Old."), make_topic(name="Zebra")
    path = tmp_path / "old.json"
    path.write_text(serialize("json", [question, topic]))
    for number in range(3):
        set_and_save(question, text=f"Number {number}?")
    now = Question.objects.get()
    rows = json.loads(path.read_text())
    rows[0]["fields"] |= {
        "answer": "*New*.",
        "answer_html": "<script>alert(1)</script>",
        "slug": "new",
        "published_at": None,
        "updated": "2001-01-01T00:00:00Z",
    }
    rows[1]["fields"]["name"] = "Ant"
    path.write_text(json.dumps(rows))
    call_command("loaddata", path, verbosity=0)
    loaded = Question.objects.get()
    assert loaded.answer_html == markdown.render("*New*.")
    assert loaded.version == now.version + 1
    assert loaded.published_at == now.published_at
    assert loaded.updated >= now.updated
    assert client.get("/questions/old/").url == "/questions/new/"
    assert Topic.objects.get().sort_key == "ant"


def test_a_published_row_made_by_hand_again_stays_published_once():
    question = make_question()
    values = {"text": "By hand?", "answer": "x", "difficulty": "easy", "status": "retired"}
    Question(pk=question.pk, uid=question.uid, slug=question.slug, **values).save()
    with pytest.raises(ProtectedError):
        Question.objects.get().delete()
