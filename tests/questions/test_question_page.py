import pytest
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from questions.recording import record
from tests.factories import make_question, make_role, make_topic
from tests.reading import compact, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def roles():
    return make_role(name="Tester"), make_role(name="Writer")


def test_page_lists_its_roles_with_its_number_in_each(client, roles):
    make_question(roles=[roles[1]], text="First?")
    question = make_question(roles=roles, text="Which?", topics=[make_topic(name="Choice")])
    page = client.get(question.get_absolute_url())
    assertContains(page, '<a href="/interview-questions/tester/#q-which">Tester</a>')
    assertContains(page, '<a href="/interview-questions/writer/#q-which">Writer</a>')
    assert "Tester question 1 Writer question 2" in text_of(page)
    assertContains(page, '<a href="/topics/choice/">Choice</a>')


def test_neighbours_are_those_of_the_role_that_the_reader_came_from(client, roles):
    for text in ("First?", "Draft?", "Second?", "Third?"):
        status = "draft" if text == "Draft?" else "published"
        make_question(roles=[roles[0]], text=text, status=status)
    page = client.get("/questions/second/?role=tester")
    assert 'rel="prev" href="/questions/first/?role=tester"' in compact(page)
    assert 'rel="next" href="/questions/third/?role=tester"' in compact(page)
    assertContains(page, '<link rel="canonical" href="http://127.0.0.1:8000/questions/second/">')
    assertNotContains(client.get("/questions/first/?role=tester"), 'rel="prev"')


@pytest.mark.parametrize("query", ["", "?role=", "?role=writer", "?role=nowhere", "?topic=nowhere"])
def test_without_a_list_of_its_own_the_neighbours_are_those_of_its_first_role(client, roles, query):
    for text in ("First?", "Second?"):
        make_question(roles=[roles[0]], text=text)
    page = client.get(f"/questions/first/{query}")
    assert page.status_code == 200
    assertContains(page, "Question 1 of 2")
    assert 'rel="next" href="/questions/second/?role=tester"' in compact(page)


def test_neighbours_of_a_topic_are_its_questions_from_easy_to_hard(client, roles):
    topic = make_topic(name="RAG")
    for difficulty in ("hard", "easy", "medium"):
        make_question(roles=[roles[0]], topics=[topic], text=f"{difficulty}?", difficulty=difficulty)
    page = client.get("/questions/medium/?topic=rag")
    assert "Question 2 of 3" in text_of(page)
    assert 'rel="prev" href="/questions/easy/?topic=rag"' in compact(page)
    assert 'rel="next" href="/questions/hard/?topic=rag"' in compact(page)
    assertContains(page, '<link rel="canonical" href="http://127.0.0.1:8000/questions/medium/">')


def test_the_outline_shows_the_list_and_the_place_in_it(client, roles):
    for text in ("First?", "Second?"):
        make_question(roles=[roles[0]], text=text, label=f"Label of {text}")
    page = compact(client.get("/questions/second/"))
    assert page.count("Label of") == 2
    assert 'href="/questions/second/?role=tester" aria-current="page"' in page


def test_recall_hides_the_answer_of_a_question_on_its_own_page(client, roles):
    for text in ("First?", "Second?"):
        make_question(roles=[roles[0]], text=text)
    assertContains(client.get("/questions/first/"), '<details class="answer" open')
    hidden = client.get("/questions/first/?answers=hidden")
    assertNotContains(hidden, '<details class="answer" open')
    assertContains(hidden, "Say it aloud, then compare.")
    assertContains(hidden, 'href="/questions/second/?role=tester&amp;answers=hidden"')


def test_a_question_in_no_role_is_public(client):
    question = make_question(text="Alone?")
    assertContains(client.get(question.get_absolute_url()), "Alone?")


def test_what_a_question_says_is_escaped(client):
    question = make_question(text="What does <b> & “it” mean?", key_points=["<i>point</i>"])
    page = client.get(question.get_absolute_url())
    assertContains(page, escape(question.text))
    assertNotContains(page, "<i>point")


def test_code_in_a_question_is_code_in_headings_and_lists_and_plain_elsewhere(client, roles):
    topic = make_topic(name="Operators")
    text = "What does `a < b` mean?"
    question = make_question(
        roles=[roles[0]], topics=[topic], text=text, key_points=["`<` is *less*"], follow_ups=["And `>`?"]
    )
    make_question(roles=[roles[0]], text="Next?")
    shown = 'What does<code dir="ltr">a &lt; b</code>mean?'
    page = compact(client.get(question.get_absolute_url()))
    assert f"<h1>{shown}</h1>" in page
    assert "<title>What does a &lt; b mean?</title>" in page
    assert '"name":"What does a \\u003C b mean?"' in page
    assert '<span><code dir="ltr">&lt;</code>is *less*</span>' in page
    assert '<li>And<code dir="ltr">&gt;</code>?</li>' in page
    for address in (topic.get_absolute_url(), "/questions/next/?role=tester"):
        assert f"{shown}</a>" in compact(client.get(address))
    role_page = compact(client.get(roles[0].get_absolute_url()))
    assert f"{shown}</a></h3>" in role_page
    assert f"<span>{shown}</span></a></li>" in role_page


@pytest.mark.parametrize(
    ("answer", "description"),
    [
        ("```python\nx = 1\n```\n\nIt assigns\n*one*.", "It assigns one."),
        ("$$\n\\frac{a}{b}\n$$\n\n- odds\n- ends", "odds; ends"),
    ],
)
def test_description_is_one_line_of_prose(client, answer, description):
    question = make_question(answer=answer)
    meta = f'<meta name="description" content="{description}">'
    assertContains(client.get(question.get_absolute_url()), meta)


@pytest.mark.parametrize("length", [1, 40])
def test_the_page_costs_four_queries_and_eight_for_related_questions(
    client, roles, length, django_assert_max_num_queries
):
    with record():
        questions = [make_question(roles=roles, topics=[make_topic()]) for _number in range(length)]
    with django_assert_max_num_queries(12):
        client.get(f"{questions[0].get_absolute_url()}?role=tester")


def test_the_page_leads_to_related_questions_or_else_to_all(client):
    topic = make_topic()
    question = make_question(topics=[topic])
    assertContains(client.get(question.get_absolute_url()), "All topics", count=2)
    other = make_question(text="How else?", topics=[topic])
    assertContains(
        client.get(question.get_absolute_url()), f'<a href="{other.get_absolute_url()}">How else?</a>'
    )
