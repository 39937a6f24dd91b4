import pytest
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import Question
from questions.recording import record
from tests.factories import make_category, make_question, make_role, make_topic
from tests.reading import compact, text_of

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


@pytest.fixture
def long_topic():
    """A topic of two parts: fifty easy questions, and a hard one."""
    topic = make_topic(name="RAG")
    with record():
        make_question(topics=[topic], text="The last?", difficulty="hard")
        for number in range(50):
            make_question(topics=[topic], text=f"Number {number:02}?", difficulty="easy")
    return topic


def test_a_long_topic_comes_in_parts_that_lead_to_one_another(client, long_topic):
    first, second = (client.get(f"/topics/rag/{query}") for query in ("", "?page=2"))
    assertContains(first, "Number 49?")
    assertNotContains(first, "The last?")
    assert "1 to 50 of 51 The next one" in text_of(first)
    assert '<a rel="next" href="/topics/rag/?page=2">' in compact(first)
    assertContains(second, "The last?")
    assertNotContains(second, "Number 49?")
    assert "51 to 51 of 51 The previous 50" in text_of(second)
    assert '<a rel="prev" href="/topics/rag/">' in compact(second)


def test_a_part_of_a_topic_names_itself(client, long_topic):
    page = client.get("/topics/rag/?page=2")
    assertContains(page, '<link rel="canonical" href="http://127.0.0.1:8000/topics/rag/?page=2">')
    assert "<title>RAG: interview questions 51 to 51 of 51</title>" in compact(page)
    assertContains(page, '<a href="/topics/rag/">RAG</a>')


def test_the_first_part_of_a_topic_has_one_address(client, long_topic):
    response = client.get("/topics/rag/?page=1")
    assert (response.status_code, response.url) == (301, "/topics/rag/")


@pytest.mark.parametrize("page", ["3", "0", "-1", "02", "two", "1.0", "9" * 30, "٢", "%00"])
def test_a_topic_has_no_other_parts(client, long_topic, page):
    assert client.get(f"/topics/rag/?page={page}").status_code == 404


def test_a_short_topic_is_one_page(client):
    make_question(topics=[make_topic(name="RAG")])
    assertNotContains(client.get("/topics/rag/"), "Parts of the list")


def test_a_question_of_a_long_topic_leads_on_over_the_end_of_its_part(client, long_topic):
    page = client.get("/questions/number-49/?topic=rag")
    assert "Question 50 of 51" in text_of(page)
    assert 'rel="prev" href="/questions/number-48/?topic=rag"' in compact(page)
    assert 'rel="next" href="/questions/the-last/?topic=rag"' in compact(page)
    last = client.get("/questions/the-last/?topic=rag")
    assert 'rel="prev" href="/questions/number-49/?topic=rag"' in compact(last)
    assertContains(last, 'href="/topics/rag/?page=2#q-the-last"')
    assertNotContains(last, "Number 20?")


def test_a_list_follows_what_its_questions_become(client, long_topic):
    last = long_topic.questions.get(text="The last?")
    last.difficulty, last.text = "easy", "Number 0?"
    last.save()
    assertContains(client.get("/topics/rag/"), "Number 0?")
    last.topics.clear()
    assertContains(client.get("/topics/rag/"), "50 questions, from easy to hard")
    Question.objects.filter(text="Number 07?").update(status="retired")
    assertContains(client.get("/topics/rag/"), "49 questions, from easy to hard")


@pytest.mark.parametrize("length", [1, 60])
def test_pages_cost_a_fixed_number_of_queries(
    client, length, django_assert_num_queries, django_assert_max_num_queries
):
    topic = make_topic(name="RAG")
    with record():
        for _number in range(length):
            question = make_question(topics=[topic, make_topic()], roles=[make_role()])
    with django_assert_num_queries(4):
        client.get("/topics/")
    with django_assert_num_queries(5):
        client.get("/topics/rag/")
    with django_assert_max_num_queries(9 + 8):  # eight for related questions
        client.get(f"{question.get_absolute_url()}?topic=rag")
