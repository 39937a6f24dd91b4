"""An Editor merges two topics that mean the same."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from questions.models import ChangeSet, Question, Topic
from questions.recording import record
from tests.factories import make_question, make_topic
from tests.questions.test_desk import act, confirm, fresh, member, save, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def topics():
    gone = make_topic(name="Retrieval-augmented generation", slug="rag-long", former_slugs=["older"])
    kept = make_topic(name="RAG", slug="rag")
    make_question(text="One?", topics=[gone])
    make_question(text="Both?", topics=[gone, kept])
    make_question(text="Draft?", topics=[gone], status="draft")
    make_question(text="Other?", topics=[kept])
    return gone, kept


def merge(client, gone, kept):
    """The page that asks before `gone` is merged into `kept`."""
    return client.post(reverse("admin:questions_topic_merge", args=[gone.pk]), {"into": kept.pk})


def topics_of(text):
    return [topic.name for topic in Question.objects.get(text=text).topics.all()]


def test_a_merge_is_shown_done_and_undone_as_one(editor, client, topics):
    gone, kept = topics
    page = merge(editor, gone, kept)
    for text in ("3 questions get the topic", "Draft?", "/topics/rag-long/ will lead to /topics/rag/"):
        assertContains(page, text)
    assert Topic.objects.count() == 2
    done = confirm(editor, page)
    assertContains(done, "Merged the topic “Retrieval-augmented generation” into “RAG”.")
    assert [topics_of(text) for text in ("One?", "Both?", "Draft?")] == [["RAG"]] * 3
    for slug in ("rag-long", "older"):
        assertRedirects(client.get(f"/topics/{slug}/"), "/topics/rag/", status_code=301)
    undo(editor, ChangeSet.objects.first())
    assert topics_of("One?") == ["Retrieval-augmented generation"]
    assert len(topics_of("Both?")) == 2
    assert client.get("/topics/rag-long/").status_code == 200
    assertRedirects(client.get("/topics/older/"), "/topics/rag-long/", status_code=301)


def test_nothing_is_merged_where_a_question_has_changed_since(editor, topics):
    page = merge(editor, *topics)
    save(editor, Question.objects.get(text="One?"), answer="Other words.")
    assertContains(confirm(editor, page), "something that it touches has changed meanwhile")
    assert Topic.objects.count() == 2


def test_a_topic_is_not_merged_into_itself_nor_by_a_writer(editor, topics):
    gone, kept = topics
    assertContains(merge(editor, gone, gone), "Choose another topic than this one.")
    assert merge(member("Writers"), gone, kept).status_code == 403
    kept_pk = kept.pk
    Topic.objects.filter(pk=kept_pk).delete()
    assertContains(merge(editor, gone, Topic(pk=kept_pk)), "errorlist")


def test_a_topic_without_questions_is_merged(editor):
    gone, kept = make_topic(), make_topic()
    confirm(editor, merge(editor, gone, kept))
    assert list(Topic.objects.all()) == [kept]


def test_what_is_proposed_goes_on_with_the_topic_that_is_kept(editor, topics):
    gone, kept = topics
    writer = member("Writers")
    for text in ("One?", "Other?"):
        save(writer, Question.objects.get(text=text), answer="Better.", topics=[gone.pk])
    confirm(editor, merge(editor, gone, kept))
    for proposal in ChangeSet.objects.waiting():
        act(editor, proposal, "apply")
        assert fresh(proposal).state == "applied"
    for text in ("One?", "Other?"):
        assert (topics_of(text), Question.objects.get(text=text).answer) == (["RAG"], "Better.")


@pytest.mark.parametrize("length", [1, 60])
def test_the_page_costs_a_fixed_number_of_queries(editor, length, django_assert_max_num_queries):
    gone, kept = make_topic(), make_topic()
    with record():
        for _ in range(length):
            make_question(topics=[gone])
    with django_assert_max_num_queries(20):
        merge(editor, gone, kept)
