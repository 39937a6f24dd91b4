"""Proposals: what two Writers and an Editor do with them, in every order."""

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
from tests.questions.test_admin import address, change_url, form_of
from tests.questions.test_desk import act, delete, fresh, member, question_changes, save, write

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
    return client.get(change_url(question), query)


def answer_in(page):
    return page.context["adminform"].form["answer"].value()


def proposals(**values):
    return list(ChangeSet.objects.filter(state="proposed", **values).order_by("pk"))


def proposal_url(question, proposal):
    """The form of `question`, opened with the words of `proposal`."""
    return change_url(question) + f"?changeset={proposal.pk}"


def bring_back(client, change):
    return client.post(reverse("admin:questions_question_bring_back", args=[change.pk]), follow=True)


# What a Writer proposes


def test_a_writers_change_to_public_words_waits_and_is_applied(writer, editor, client):
    question = make_question(text="What is recall?", answer="Old words.", topics=[make_topic()])
    response = save(writer, question, answer="New words.", follow=True)
    assertContains(response, "Readers see the words from before until an Editor")
    assertNotContains(response, "was changed successfully")
    assertContains(client.get(question.get_absolute_url()), "Old words.")
    proposal = ChangeSet.objects.get(state="proposed")
    assertContains(editor.get("/admin/"), "change to published words")
    assertContains(editor.get(change_url(proposal)), "<del>Old </del><ins>New </ins>", html=True)
    act(editor, proposal, "apply")
    assertContains(client.get(question.get_absolute_url()), "New words.")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.author, proposal.reviewer) == ("applied", writer.user, editor.user)


def test_nothing_is_written_to_the_bank_for_a_proposal(writer):
    question = make_question(answer="Old words.")
    version = fresh(question).version
    save(writer, question, answer="New words.", note="The old ones are wrong.")
    assert (fresh(question).answer, fresh(question).version) == ("Old words.", version)
    assert [(proposal.subject, proposal.note) for proposal in proposals()] == [
        (question.uid, "The old ones are wrong.")
    ]


def test_a_writer_continues_the_proposal_that_waits(writer):
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
    assertContains(writer.get(change_url(first)), "New")  # it stays readable


def test_saving_a_proposal_again_makes_no_second_one(writer):
    question = make_question(answer="Old words.")
    for _ in range(2):
        save(writer, question, answer="New words.")
    assert len(ChangeSet.objects.filter(subject=question.uid)) == 1


def test_saving_the_public_words_unchanged_proposes_nothing(writer):
    question = make_question(answer="Old words.")
    save(writer, question)
    assertContains(writer.get("/admin/"), "there was nothing to propose")
    assert not proposals()


def test_a_writer_may_not_save_published_words(writer):
    question = make_question(answer="Old words.")
    question.answer = "New words."
    with pytest.raises(PermissionDenied), record(author=writer.user):
        question.save()
    assert fresh(question).answer == "Old words."
    with pytest.raises(PermissionDenied):
        ChangeSet.objects.propose(writer.user, question.uid, {"status": "retired"})


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


def test_two_windows_of_a_writer_lose_no_words(writer):
    question = make_question(text="Old?", answer="Old words.")
    first, second = (form_of(form(writer, question)) for _ in range(2))
    url = change_url(question)
    writer.post(url, first | {"answer": "New words."})
    response = writer.post(url, second | {"text": "New?"})
    assertContains(response, "they were revised or closed")
    [waiting] = proposals()
    assert waiting.changes.get().after["answer"] == "New words."
    writer.post(url, form_of(response) | {"text": "New?", "opened": waiting.pk})
    assert [proposal.changes.get().after["question"] for proposal in proposals()] == ["New?"]


def test_a_proposal_of_another_question_is_not_opened(writer, editor):
    question, another = make_question(answer="Old words."), make_question()
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    for client in (writer, editor):
        url = proposal_url(another, waiting)
        assert client.get(url).status_code == 404
        assert client.post(url, {"text": "x"}).status_code == 404
    assert fresh(waiting).state == "proposed"


def test_the_database_keeps_one_proposal_per_writer_and_question(writer):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    waiting.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        waiting.save()


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


# What an Editor sends back


def test_a_proposal_comes_back_with_a_note_and_its_words(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    proposal = ChangeSet.objects.get(state="proposed")
    act(editor, proposal, "send_back", note="Name the source.")
    assertContains(writer.get("/admin/"), "Name the source.")
    page = writer.get(change_url(question), {"changeset": proposal.pk})
    assertContains(page, "New words.")
    act(writer, proposal, "discard")
    assertNotContains(writer.get("/admin/"), "Name the source.")


def test_a_proposal_comes_back_only_with_a_note(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    assertContains(act(editor, waiting, "send_back", note="  "), "Say what is missing")
    with pytest.raises(Incomplete):
        waiting.send_back(editor.user, " ")
    assert fresh(waiting).state == "proposed"


def test_a_returned_proposal_is_revised_and_saved_again(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    act(editor, proposals()[0], "send_back", note="Name the source.")
    assertContains(form(writer, question), "Name the source.")
    for words in ("Better words.", "Best words."):
        returned = ChangeSet.objects.proposals().get()
        url = proposal_url(question, returned)
        page = writer.get(url)
        assertRedirects(writer.post(url, form_of(page) | {"answer": words}), address(Question))
    [waiting] = proposals()
    assert waiting.changes.get().after["answer"] == "Best words."
    act(editor, waiting, "apply")
    assert fresh(question).answer == "Best words."


def test_the_newest_proposal_of_a_writer_takes_the_place_of_the_one_before(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    act(editor, ChangeSet.objects.get(state="proposed"), "send_back", note="Better?")
    save(writer, question, answer="Better words.")
    assert ChangeSet.objects.get(state="proposed").changes.get().after["answer"] == "Better words."
    assert not ChangeSet.objects.filter(state="returned").exists()


@pytest.mark.parametrize(
    ("verb", "outcome"), [("apply", "published"), ("discard", "discarded"), ("send_back", "Not yet.")]
)
def test_a_writer_sees_what_became_of_a_proposal(writer, editor, verb, outcome):
    question = make_question(text="What is recall?", answer="Old words.")
    save(writer, question, answer="New words.")
    act(editor, proposals()[0], verb, note="Not yet.")
    page = writer.get("/admin/")
    assertContains(page, "What is recall?")
    assertContains(page, outcome)


# What an Editor changes and publishes


def test_a_writer_sees_what_an_editor_changed_before_publishing(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words, at length.")
    [waiting] = proposals()
    url = proposal_url(question, waiting)
    page = editor.get(url)
    assertContains(page, f"The words that {writer.user} proposes")
    editor.post(url, form_of(page) | {"answer": "New words, in short."})
    assert fresh(question).answer == "New words, in short."
    page = writer.get("/admin/")
    assertContains(page, "changed and published")
    assertContains(page, "<del>at length")
    # The form is an ordinary one again, for both.
    assertNotContains(form(writer, question), "Your change is waiting")
    assertNotContains(form(editor, question), "proposes a change")


def test_a_proposal_closes_when_its_words_are_published_through_the_form(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    proposal = ChangeSet.objects.get(state="proposed")
    url = proposal_url(question, proposal)
    editor.post(url, form_of(editor.get(url)) | {"answer": "New and better words."})
    assert fresh(question).answer == "New and better words."
    assert fresh(proposal).state == "superseded"


def test_an_editor_who_puts_the_public_words_back_closes_the_proposal(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    url = proposal_url(question, proposals()[0])
    editor.post(url, form_of(editor.get(url)) | {"answer": "Old words."})
    assert not proposals()
    assertContains(writer.get("/admin/"), "discarded")


# Words that changed since


def test_a_proposal_for_words_that_changed_since_is_a_conflict(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    proposal = ChangeSet.objects.get(state="proposed")
    save(editor, question, answer="Newer words.")
    assertContains(act(editor, proposal, "apply"), "Nothing was changed. Changed in the meantime")
    assert fresh(question).answer == "Newer words."


def test_a_proposal_shows_that_its_question_has_changed_since(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    proposal = ChangeSet.objects.get(state="proposed")
    assertNotContains(editor.get(change_url(proposal)), "has been changed since")
    save(editor, question, answer="Newer words.")
    assertContains(editor.get(change_url(proposal)), "has been changed since")


def test_a_reopened_proposal_does_not_take_back_what_was_saved_since(writer, editor):
    question = make_question(answer="Old words.", key_points=["One"])
    save(writer, question, answer="New words.")
    proposal = ChangeSet.objects.get(state="proposed")
    save(editor, question, key_points="Two")
    assertContains(editor.get("/admin/"), "the public words have changed since")
    assertNotContains(editor.get(change_url(proposal)), "Publish these words")
    url = proposal_url(question, proposal)
    page = editor.get(url)
    assertContains(page, f"{editor.user} saved this after {writer.user} had proposed a change")
    editor.post(url, form_of(page))
    assert (fresh(question).key_points, fresh(question).answer) == (["Two"], "New words.")


def test_a_stale_proposal_shows_both_words_at_once_and_one_chooses(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [proposal] = proposals()
    save(editor, question, answer="Later words.")
    url = proposal_url(question, proposal)
    page = editor.get(url)
    assertContains(page, "Choose where both changed the same")
    editor.post(url, form_of(page) | {"choose-answer": "theirs"})
    assert fresh(question).answer == "Later words."


def test_a_proposal_that_closes_while_an_editor_saves_it(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [waiting] = proposals()
    url = proposal_url(question, waiting)
    opened = form_of(editor.get(url))
    act(writer, waiting, "discard")
    response = editor.post(url, opened | {"answer": "Newer words."})
    assertContains(response, "they were revised or closed")
    assert answer_in(response) == "Newer words."
    editor.post(url, form_of(response) | {"opened": "", "answer": "Newer words."})
    assert fresh(question).answer == "Newer words."
    with pytest.raises(Closed):
        waiting.apply(editor.user)
    assert fresh(waiting).state == "discarded"


def test_an_editor_does_not_publish_over_words_that_were_revised_meanwhile(writer, editor):
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    url = proposal_url(question, proposals()[0])
    opened = form_of(editor.get(url))
    save(writer, question, answer="Newer words.")
    assertContains(editor.post(url, opened | {"answer": "Mine."}), "they were revised or closed")
    assert fresh(question).answer == "Old words."


# Previews


def test_a_proposal_can_be_seen_as_the_public_would(writer, client):
    question = make_question(answer="Old words.")
    save(writer, question, answer="**New** words.")
    proposal = ChangeSet.objects.get(state="proposed")
    assertContains(
        client.get(preview_address("change", proposal.changes.get().pk)), "<strong>New</strong> words."
    )


def test_a_planned_set_shows_each_of_its_questions(editor, client):
    questions = [make_question(text="One?"), make_question(text="Two?")]
    words = {"answer": "New words.", "difficulty": "easy", "status": "published"}
    items = [
        ("question", question.uid, words | {"slug": question.slug, "question": question.text})
        for question in questions
    ]
    planned = ChangeSet.objects.plan(items, by_uid=True, source="import")
    page = editor.get(change_url(planned))
    for change in planned.changes.all():
        preview = preview_address("change", change.pk)
        assertContains(page, f"See “{change.label}” as the public would")
        assertContains(client.get(preview), "New words.")


def test_a_preview_ends_when_its_proposal_or_question_closes(writer, editor, client):
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


# Bringing back


def test_a_writer_may_not_bring_back_what_an_editor_deleted(writer, editor):
    others, mine = write(editor, text="Theirs?"), write(writer, text="Mine?")
    for client, question in ((editor, others), (editor, mine)):
        delete(client, question)
    deleted = {question.text: question_changes(question).last() for question in (others, mine)}
    assert bring_back(writer, deleted["Theirs?"]).status_code == 403
    assert not Question.objects.exists()
    bring_back(writer, deleted["Mine?"])
    assert Question.objects.get().author == writer.user


def test_bringing_back_the_words_that_are_saved_changes_nothing(writer, editor):
    question = write(writer, answer="Words.")
    count_before = ChangeSet.objects.count()
    for client in (writer, editor):
        page = bring_back(client, question_changes(question).first())
        assertContains(page, "Nothing was changed: this is what is saved already.")
    assert ChangeSet.objects.count() == count_before


# Many at once


def at_once(action, number):
    """What `action(n)` returned or raised in as many threads at the same moment."""
    if number == 1:
        return [action(0)]
    barrier = threading.Barrier(number)
    results = [None] * number

    def run(place):
        barrier.wait()
        try:
            results[place] = action(place)
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
def test_a_topic_that_many_bring_back_at_once_comes_back_once(editor):
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
def test_questions_added_at_once_with_the_same_address_are_refused_with_a_message(editor):
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


def test_a_proposal_is_applied_after_the_words_went_elsewhere_and_back(writer, editor):
    """History, which is compared after each test, has it as the newest change."""
    question = make_question(answer="Old words.")
    save(writer, question, answer="New words.")
    [proposal] = proposals()
    for answer in ("Other words.", "Old words."):
        save(editor, question, answer=answer)
    act(editor, proposal, "apply")
    assert fresh(question).answer == "New words."
