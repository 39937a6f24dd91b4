"""Proposals, walked in every order by two Writers and an Editor."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from questions.models import ChangeSet, Question
from questions.previews import preview_address
from questions.recording import record
from questions.refusals import Closed, Incomplete
from questions.writing import unrecorded
from tests.factories import make_question, make_topic
from tests.questions.test_admin import address, form_of
from tests.questions.test_desk import act, fresh, member, question_changes, save, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return member("Writers")


@pytest.fixture
def other():
    return member("Writers")


@pytest.fixture
def editor():
    return member("Editors")


def form(client, question, **query):
    return client.get(address(Question, "change", question.pk), query)


def answer_in(page):
    return page.context["adminform"].form["answer"].value()


def proposals(**values):
    return list(ChangeSet.objects.filter(state="proposed", **values).order_by("pk"))


def test_nothing_is_written_to_the_bank_for_a_proposal(writer):
    question = make_question(answer="Old words.")
    version = fresh(question).version
    save(writer, question, answer="New words.", note="The old ones are wrong.")
    assert (fresh(question).answer, fresh(question).version) == ("Old words.", version)
    assert [(p.subject, p.note) for p in proposals()] == [(question.uid, "The old ones are wrong.")]


def test_a_writer_goes_on_with_what_waits(writer):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    page = form(writer, question)
    assertContains(page, "Your change is waiting")
    assert answer_in(page) == "New words."
    save(writer, question, text="And another question?")
    first, second = ChangeSet.objects.filter(subject=question.uid).order_by("pk")
    assert (first.state, first.superseded_by, second.state) == ("superseded", second, "proposed")
    after = second.changes.get().after
    assert (after["answer"], after["question"]) == ("New words.", "And another question?")
    assertContains(writer.get(address(ChangeSet, "change", first.pk)), "New")  # it stays readable


def test_saving_what_waits_again_makes_no_second_proposal(writer):
    question = make_question(answer="Old words.")
    for _ in range(2):
        save(writer, question, answer="New words.")
    assert len(ChangeSet.objects.filter(subject=question.uid)) == 1


def test_the_public_words_are_nothing_to_propose(writer):
    question = make_question(answer="Old words.")
    save(writer, question)
    assertContains(writer.get("/admin/"), "there was nothing to propose")
    assert not proposals()


def test_a_returned_proposal_is_revised_and_saved_again(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    act(editor, proposals()[0], "send_back", note="Name the source.")
    assertContains(form(writer, question), "Name the source.")
    for words in ("Better words.", "Best words."):
        returned = ChangeSet.objects.proposals().get()
        at = address(Question, "change", question.pk) + f"?changeset={returned.pk}"
        page = writer.get(at)
        assertRedirects(writer.post(at, form_of(page) | {"answer": words}), address(Question))
    [waiting] = proposals()
    assert waiting.changes.get().after["answer"] == "Best words."
    act(editor, waiting, "apply")
    assert fresh(question).answer == "Best words."


def test_two_writers_propose_side_by_side(writer, other, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="One's words.")
    assertNotContains(form(other, question), "One's words.")
    save(other, question, answer="The other's words.")
    assert len(proposals()) == 2
    page = form(editor, question)
    for client in (writer, other):
        assertContains(page, f"{client.user} proposes a change")
    assertContains(page, "<del>Old </del>", html=True)
    first, second = proposals()
    act(editor, first, "apply")
    assertContains(act(editor, second, "apply"), "Nothing was changed. Changed in the meantime")
    page = form(editor, question, changeset=second.pk)
    assert answer_in(page) == "The other's words."


def test_a_proposal_of_another_question_is_not_opened(writer, editor):
    question, another = make_question(answer="Old words."), make_question()
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    for client in (writer, editor):
        at = address(Question, "change", another.pk) + f"?changeset={waiting.pk}"
        assert client.get(at).status_code == 404
        assert client.post(at, {"text": "x"}).status_code == 404
    assert fresh(waiting).state == "proposed"


def test_an_editor_changes_and_publishes_and_the_writer_sees_what(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words, at length.")
    [waiting] = proposals()
    at = address(Question, "change", question.pk) + f"?changeset={waiting.pk}"
    page = editor.get(at)
    assertContains(page, f"The words that {writer.user} proposes")
    editor.post(at, form_of(page) | {"answer": "New words, in short."})
    assert fresh(question).answer == "New words, in short."
    page = writer.get("/admin/")
    assertContains(page, "changed and published")
    assertContains(page, "<del>at length")
    # The form is an ordinary one again, for both.
    assertNotContains(form(writer, question), "Your change is waiting")
    assertNotContains(form(editor, question), "proposes a change")


@pytest.mark.parametrize(
    ("verb", "outcome"), [("apply", "published"), ("discard", "discarded"), ("send_back", "Not yet.")]
)
def test_a_writer_sees_what_became_of_each(writer, editor, verb, outcome):
    question = make_question(text="What is recall?", answer="Old words.")
    save(writer, question, answer="New words.")
    act(editor, proposals()[0], verb, note="Not yet.")
    page = writer.get("/admin/")
    assertContains(page, "What is recall?")
    assertContains(page, outcome)


def test_a_proposal_comes_back_only_with_a_note(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    assertContains(act(editor, waiting, "send_back", note="  "), "Say what is missing")
    with pytest.raises(Incomplete):
        waiting.send_back(editor.user, " ")
    assert fresh(waiting).state == "proposed"


def test_published_words_are_not_a_writers_to_save(writer):
    question = make_question(answer="Old words.")
    question.answer = "New words."
    with pytest.raises(PermissionDenied), record(author=writer.user):
        question.save()
    assert fresh(question).answer == "Old words."
    with pytest.raises(PermissionDenied):
        ChangeSet.objects.propose(writer.user, question.uid, {"status": "retired"})


def test_the_database_keeps_one_proposal_per_writer_and_question(writer):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    waiting.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        waiting.save()


def test_previews_end_with_what_they_show(writer, editor, client):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    preview = preview_address("change", waiting.changes.get().pk)
    assertContains(client.get(preview), "New words.")
    act(writer, waiting, "discard")
    assert client.get(preview).status_code == 404
    preview = preview_address("question", question.uid)
    assert client.get(preview).status_code == 200
    with record():
        Question.objects.update(status="retired")
    assert client.get(preview).status_code == 404


def test_a_planned_set_shows_each_of_its_questions(editor, client):
    questions = [make_question(text="One?"), make_question(text="Two?")]
    words = {"answer": "New words.", "difficulty": "easy", "status": "published"}
    items = [("question", q.uid, words | {"slug": q.slug, "question": q.text}) for q in questions]
    planned = ChangeSet.objects.plan(items, by_uid=True, source="import")
    page = editor.get(address(ChangeSet, "change", planned.pk))
    for change in planned.changes.all():
        preview = preview_address("change", change.pk)
        assertContains(page, f"See “{change.label}” as the public would")
        assertContains(client.get(preview), "New words.")


def test_what_an_editor_deleted_is_not_a_writers_to_bring_back(writer, editor):
    others, mine = write(editor, text="Theirs?"), write(writer, text="Mine?")
    for client, question in ((editor, others), (editor, mine)):
        client.post(address(Question, "delete", question.pk), {"post": "yes"})
    deleted = {q.text: question_changes(q).last() for q in (others, mine)}
    assert bring_back(writer, deleted["Theirs?"]).status_code == 403
    assert not Question.objects.exists()
    bring_back(writer, deleted["Mine?"])
    assert Question.objects.get().author == writer.user


def bring_back(client, change):
    return client.post(reverse("admin:questions_question_bring_back", args=[change.pk]), follow=True)


def test_bringing_back_the_present_words_changes_nothing(writer, editor):
    question = write(writer, answer="Words.")
    sets = ChangeSet.objects.count()
    for client in (writer, editor):
        page = bring_back(client, question_changes(question).first())
        assertContains(page, "Nothing was changed: this is what is saved already.")
    assert ChangeSet.objects.count() == sets


def test_a_proposal_that_closes_while_an_editor_saves_it(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    at = address(Question, "change", question.pk) + f"?changeset={waiting.pk}"
    opened = form_of(editor.get(at))
    act(writer, waiting, "discard")
    told = editor.post(at, opened | {"answer": "Newer words."})
    assertContains(told, "they were revised or closed")
    assert answer_in(told) == "Newer words."
    editor.post(at, form_of(told) | {"opened": "", "answer": "Newer words."})
    assert fresh(question).answer == "Newer words."
    with pytest.raises(Closed):
        waiting.apply(editor.user)
    assert fresh(waiting).state == "discarded"


def test_two_windows_of_a_writer_lose_no_words(writer):
    question = make_question(text="Old?", answer="Old words.")
    first, second = (form_of(form(writer, question)) for _ in range(2))
    at = address(Question, "change", question.pk)
    writer.post(at, first | {"answer": "New words."})
    told = writer.post(at, second | {"text": "New?"})
    assertContains(told, "they were revised or closed")
    [waiting] = proposals()
    assert waiting.changes.get().after["answer"] == "New words."
    writer.post(at, form_of(told) | {"text": "New?", "opened": waiting.pk})
    assert [p.changes.get().after["question"] for p in proposals()] == ["New?"]


def test_an_editor_does_not_publish_over_words_that_were_revised_meanwhile(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    at = address(Question, "change", question.pk) + f"?changeset={proposals()[0].pk}"
    opened = form_of(editor.get(at))
    save(writer, question, answer="Newer words.")
    assertContains(editor.post(at, opened | {"answer": "Mine."}), "they were revised or closed")
    assert fresh(question).answer == "Old words."


def test_an_editor_who_puts_the_public_words_back_closes_the_proposal(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    at = address(Question, "change", question.pk) + f"?changeset={proposals()[0].pk}"
    editor.post(at, form_of(editor.get(at)) | {"answer": "Old words."})
    assert not proposals()
    assertContains(writer.get("/admin/"), "discarded")


def test_a_proposal_from_before_an_upgrade_leaves_new_keys_as_they_are(writer, editor):
    question = make_question(answer="Old words.", label="A label", slug="old")
    question.slug = "new"
    question.save()
    save(writer, question, answer="New words.")
    change = proposals()[0].changes.get()
    for document in (change.before, change.after):
        del document["label"], document["former"]
    change.save()
    act(editor, proposals()[0], "apply")
    now = fresh(question)
    assert (now.answer, now.label, now.former_slugs) == ("New words.", "A label", ["old"])


def at_once(act, number=8):
    """What `act(n)` returned or raised in as many threads at the same moment."""
    if number == 1:
        return [act(0)]
    barrier, results = threading.Barrier(number), [None] * number

    def run(place):
        barrier.wait()
        try:
            results[place] = act(place)
        except Exception as error:  # noqa: BLE001 - the caller looks at what was raised
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def number_of_threads():
    """One for a database in memory, which threads cannot share."""
    return 1 if connection.vendor == "sqlite" and connection.is_in_memory_db() else 8


needs_threads = pytest.mark.django_db(transaction=True)


@needs_threads
def test_one_of_many_who_bring_back_the_same_wins(editor):
    clients = number_of_threads()
    topic = make_topic(name="RAG")
    topic.delete()
    change = ChangeSet.objects.first().changes.get()
    curators = [member("Editors") for _ in range(clients)]
    url = reverse("admin:questions_topic_bring_back", args=[change.pk])
    pages = at_once(lambda place: curators[place].post(url), clients)
    assert [page.status_code for page in pages] == [302] * clients
    assert ChangeSet.objects.filter(summary__startswith="Brought back").count() == 1


@needs_threads
def test_additions_with_the_same_address_end_in_a_sentence(editor):
    clients = number_of_threads()
    curators = [member("Editors") for _ in range(clients)]
    values = {"text": "What is recall?", "slug": "recall", "difficulty": "easy", "answer": "x"}
    values |= {"status": "draft", "placements-TOTAL_FORMS": 0, "placements-INITIAL_FORMS": 0}
    pages = at_once(lambda place: curators[place].post(address(Question, "add"), values), clients)
    assert sorted(page.status_code for page in pages) == [200] * (clients - 1) + [302]
    for page in pages:
        if page.status_code == 200:
            assertContains(page, "Question with this Address already exists.")
    assert unrecorded(Question).count() == 1
