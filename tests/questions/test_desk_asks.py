"""Before much is done, the desk shows what it will touch; what is applied is what was shown."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import ChangeSet, Question, Role, Topic
from questions.recording import record
from tests.factories import make_category, make_curator, make_question, make_role, make_topic
from tests.questions.test_admin import address, change_url
from tests.questions.test_desk import act, bulk, confirm, delete, fresh, member, save, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def operator(client):
    client.force_login(make_curator())
    return client


def published(number, **fields):
    """A change set that published so many questions."""
    with record(**fields):
        for n in range(number):
            Question.objects.create(text=f"Number {n:02}?", answer="x", difficulty="easy", status="published")
    return ChangeSet.objects.first()


def count_of_public():
    return Question.objects.published().count()


# Undo


def test_an_undo_that_empties_pages_lists_them_and_wants_their_number(editor):
    changeset = published(12)
    page = act(editor, changeset, "undo")
    assertContains(page, "12 that readers see now disappear from the public.")
    assertContains(page, "Number 11?")
    assert count_of_public() == 12
    assertContains(confirm(editor, page, number="11"), "type the number of what disappears")
    assert count_of_public() == 12
    confirm(editor, page)
    assert count_of_public() == 0


def test_an_undo_that_hides_one_question_asks_without_a_number(editor):
    changeset = published(1)
    page = act(editor, changeset, "undo")
    assertNotContains(page, 'name="number"')
    assert count_of_public() == 1
    confirm(editor, page)
    assert count_of_public() == 0


def test_an_undo_of_a_few_words_is_one_click_and_can_be_undone_again(editor):
    question = make_question(answer="Old.")
    saved = save(editor, question, answer="New.", follow=True)
    changeset = ChangeSet.objects.first()
    button = (
        f'<button form="act" formaction="/admin/questions/changeset/act/{changeset.pk}/undo/">Undo</button>'
    )
    assertContains(saved, button, html=True)
    act(editor, changeset, "undo")
    assert fresh(question).answer == "Old."
    act(editor, ChangeSet.objects.first(), "undo")
    assert fresh(question).answer == "New."


def test_an_undo_is_not_applied_to_documents_that_have_moved_on(editor):
    changeset = published(12)
    page = act(editor, changeset, "undo")
    save(editor, Question.objects.first(), answer="Later words.")
    assertContains(confirm(editor, page), "Nothing was changed. Changed in the meantime")
    assert count_of_public() == 12


def test_only_an_operator_undoes_a_load(editor, operator):
    changeset = published(2, source="load")
    assertNotContains(editor.get(change_url(changeset)), "Undo all of it")
    assert act(editor, changeset, "undo").status_code == 403
    undo(operator, changeset)
    assert count_of_public() == 0


# Bulk actions


def test_a_bulk_action_applies_the_value_that_was_shown(editor):
    easy, hard = make_question(difficulty="easy"), make_question(difficulty="hard")
    chosen = {"action": "set_difficulty", "_selected_action": [easy.pk, hard.pk], "index": 0, "asked": "yes"}
    page = editor.post(address(Question), chosen | {"value": "hard"})
    assertContains(page, "Set difficulty to Hard: 1 question")
    assertNotContains(page, '<select name="value"')
    assertContains(confirm(editor, page, value="easy"), "Nothing was applied")
    assert (fresh(easy).difficulty, fresh(hard).difficulty) == ("easy", "hard")
    done = confirm(editor, page)
    assertContains(done, "Set difficulty to Hard: 1 question")
    assert fresh(easy).difficulty == "hard"
    assert str(ChangeSet.objects.first()) == "Set difficulty to Hard: 1 question"


def test_a_bulk_action_is_not_applied_where_one_of_its_questions_has_changed(editor):
    first, second = make_question(status="draft"), make_question(status="draft")
    chosen = {"action": "publish", "_selected_action": [first.pk, second.pk], "index": 0}
    page = editor.post(address(Question), chosen)
    save(editor, second, text="Another question?")
    again = confirm(editor, page)
    assertContains(again, "something that it touches has changed meanwhile")
    assertContains(again, "Another question?")
    assert count_of_public() == 0
    confirm(editor, again)
    assert count_of_public() == 2


def test_a_bulk_action_says_what_it_leaves_alone_and_why(editor):
    page, _result = bulk(editor, "publish", [make_question(), make_question(status="draft", answer="")])
    assertContains(page, "Published already")
    assertContains(page, "Without an answer or a difficulty")


def test_retiring_many_wants_their_number(editor):
    published(11)
    everything = {"action": "retire", "select_across": 1, "index": 0}
    page = editor.post(address(Question), everything | {"_selected_action": [Question.objects.first().pk]})
    confirm(editor, page, number="1")
    assert count_of_public() == 11
    confirm(editor, page)
    assert count_of_public() == 0


# Deletion


def test_a_deletion_lists_what_changes_with_it_and_can_be_undone(editor):
    topic = make_topic(name="Recall")
    question = make_question(text="What is recall?", topics=[topic])
    page = editor.get(address(Topic, "delete", topic.pk))
    for text in ("What is recall?", "It can be undone.", "What changes with it"):
        assertContains(page, text)
    editor.post(address(Topic, "delete", topic.pk), {"post": "yes"})
    assert Topic.objects.exists()
    assertContains(confirm(editor, page), "Deleted “Recall”.")
    undo(editor, ChangeSet.objects.first())
    assert [str(topic) for topic in fresh(question).topics.all()] == ["Recall"]


def test_what_was_published_is_retired_and_not_deleted(editor):
    shown, draft = make_question(), make_question(status="draft")
    refused = editor.get(address(Question, "delete", shown.pk), follow=True)
    assertContains(refused, "was published: retire it instead")
    page, _result = bulk(editor, "delete_selected", [shown, draft])
    assertContains(page, "Published once")
    assert list(Question.objects.all()) == [shown]
    assert ChangeSet.objects.first().changes.get().after is None


def test_a_category_that_holds_roles_is_not_deleted(editor):
    category = make_category()
    make_role(category=category)
    page = editor.get(address(type(category), "delete", category.pk))
    assertContains(page, "It holds roles")
    assert Role.objects.count() == 1


def test_after_a_deletion_one_is_back_in_the_list(editor):
    draft = make_question(status="draft")
    page = delete(editor, draft)
    assert page.redirect_chain[-1][0] == address(Question)


# What is said


@pytest.mark.parametrize(
    ("status", "values", "sentence"),
    [
        ("draft", {"_publish": ""}, "Published “What is recall?” for Tester."),
        ("draft", {"_review": ""}, "Sent “What is recall?” to review."),
        ("draft", {"answer": "Else."}, "Saved “What is recall?”. Readers do not see it yet."),
        ("published", {"answer": "Else."}, "Saved “What is recall?”. Readers see it at once."),
        ("published", {"slug": "new"}, "Its address ends in “new” now; “old” leads there."),
        ("published", {}, "“What is recall?” was saved already: nothing has changed."),
        ("review", {"_send_back": "", "note": "A number."}, "Sent back “What is recall?” with your note."),
    ],
)
def test_every_act_answers_in_one_sentence(editor, status, values, sentence):
    question = make_question(
        text="What is recall?", slug="old", roles=[make_role(name="Tester")], status=status
    )
    page = save(editor, question, follow=True, **values)
    assertContains(page, sentence)
    assertNotContains(page, "successfully")
    assertContains(
        page, "See it in public", count=int(fresh(question).status == "published" and values != {})
    )


def test_after_a_review_the_next_one_is_a_click_away_and_one_is_back_at_the_desk(editor):
    first = make_question(text="First?", status="review")
    make_question(text="Second?", status="review")
    url = change_url(first)
    opened = editor.get(url, headers={"referer": "http://testserver/admin/"})
    assertContains(opened, '<input type="hidden" name="back" value="/admin/">', html=True)
    page = save(editor, first, follow=True, _publish="", back="/admin/")
    assertContains(page, "Next waiting: Second?")
    assert page.redirect_chain[-1][0] == "/admin/"


def test_a_save_leads_back_to_the_filtered_list_but_never_to_another_site(editor):
    question = make_question()
    back = f"{address(Question)}?difficulty=medium"
    assert save(editor, question, answer="1", back=back).url == back
    for elsewhere in ("https://example.org/admin/", "//example.org/admin/", "/about/", "/admin/login/"):
        assert save(editor, question, answer=elsewhere, back=elsewhere).url == address(Question)


def test_a_writer_is_offered_no_undo_that_they_do_not_have(editor):
    page = save(member("Writers"), make_question(), follow=True, answer="Better.")
    assertContains(page, "Proposed.")
    assertContains(page, "Take it back")
    assertNotContains(page, "/undo/")
