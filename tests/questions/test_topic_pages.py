import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import make_category, make_question, make_role, make_topic
from tests.reading import text_of

pytestmark = pytest.mark.django_db


def test_topics_are_listed_by_name_with_the_published_questions_of_each(client):
    for name in ("Evaluation", "agents", "Drafts only", "Nothing"):
        make_topic(name=name)
    rag = make_topic(name="RAG")
    make_question(topics=[rag])
    make_question(topics=[rag])
    make_question(topics=[rag], status="draft")
    make_question(topics=[make_topic(name="Judges")])
    make_question(topics=[make_topic(name="chunks")])
    text = text_of(client.get("/topics/"))
    assert text.index("chunks") < text.index("Judges") < text.index("RAG")
    assert "Drafts only" not in text
    assert "Nothing" not in text
    assert "RAG 2 questions" in text


def test_topics_are_grouped_by_the_field_that_asks_most_of_their_questions(client):
    data = make_role(name="Analyst", category=make_category(name="Data"))
    web = make_role(name="Developer", category=make_category(name="Web"))
    sql, css, alone = make_topic(name="SQL"), make_topic(name="CSS"), make_topic(name="Alone")
    for roles, topic in (([data], sql), ([data], sql), ([web], sql), ([web], css), ([], alone)):
        make_question(roles=roles, topics=[topic])
    text = text_of(client.get("/topics/"))
    places = [text.index(name) for name in ("Data", "SQL", "Web", "CSS", "Other", "Alone")]
    assert places == sorted(places)


def test_a_bank_without_topics_says_so(client):
    assertContains(client.get("/topics/"), "No published question has a topic so far.")


def test_a_topic_shows_its_questions_from_easy_to_hard_with_their_roles(client):
    topic = make_topic(name="RAG")
    make_question(topics=[topic], text="Hard one?", difficulty="hard")
    make_question(topics=[topic], text="Easy one?", difficulty="easy", roles=[make_role(name="Tester")])
    make_question(topics=[topic], text="Middle one?", roles=[make_role(name="Hidden", status="draft")])
    make_question(topics=[topic], text="Draft one?", status="draft")
    page = client.get("/topics/rag/")
    text = text_of(page)
    assert text.index("Easy one?") < text.index("Middle one?") < text.index("Hard one?")
    assertContains(page, "3 questions, from easy to hard")
    assertContains(page, "Tester")
    assertNotContains(page, "Hidden")
    assertNotContains(page, "Draft one?")


def test_a_topic_with_nothing_published_is_not_found(client):
    make_question(topics=[make_topic(name="Empty")], status="draft")
    assert client.get("/topics/empty/").status_code == 404


def test_a_renamed_topic_redirects(client):
    topic = make_topic(name="Old")
    make_question(topics=[topic])
    topic.slug = "new"
    topic.save()
    response = client.get("/topics/old/")
    assert (response.status_code, response.url) == (301, "/topics/new/")


@pytest.mark.parametrize("length", [1, 40])
def test_pages_cost_a_fixed_number_of_queries(client, length, django_assert_num_queries):
    topic = make_topic(name="RAG")
    for _number in range(length):
        make_question(topics=[topic, make_topic()], roles=[make_role()])
    with django_assert_num_queries(3):
        client.get("/topics/")
    with django_assert_num_queries(3):
        client.get("/topics/rag/")
