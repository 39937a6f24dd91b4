import re
from urllib.parse import quote as quoted

import pytest
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import Question, Role
from questions.recording import record
from tests.factories import (
    make_category,
    make_curator,
    make_question,
    make_role,
    make_step,
    make_tip,
    make_topic,
)
from tests.reading import compact, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def role():
    return make_role(name="AI Engineer", internships_url="https://jobs.example.org/ai")


def numbers(page):
    """The numbers of the questions that a page shows, as a reader sees them."""
    return [int(number) for number in re.findall(r"Question (\d+)", text_of(page))]


def test_page_shows_everything_in_the_order_of_a_lesson(client, role):
    make_question(roles=[role], text="What is recall?", difficulty="easy", answer="The share **found**.")
    make_step(role=role, title="Learn to count", body="Count *things*.")
    make_tip(role=role, text="Bring a number.")
    text = client.get("/interview-questions/ai-engineer/").content.decode()
    parts = [
        role.category.name,
        "<h1",
        "AI Engineer",
        "(2026)",
        "What it is.",
        'id="q-what-is-recall"',
        "Easy",
        "What is recall?",
        "<strong>found</strong>",
        "Learn to count",
        "<em>things</em>",
        "Bring a number.",
        'href="https://jobs.example.org/ai"',
    ]
    place = text.index("<header", text.index("<main"))
    for part in parts:
        assert part in text[place:], f"{part} is missing, or not where it belongs"
        place = text.index(part, place)


def test_internships_fall_back_to_the_setting_and_then_to_nothing(client, settings):
    make_role(name="C++ Tester", slug="tester")
    settings.INTERNSHIPS_URL = "https://www.jobs.example.org/all?q={role}"
    page = client.get("/interview-questions/tester/")
    assertContains(page, 'href="https://www.jobs.example.org/all?q=C%2B%2B+Tester"')
    assert "related fields, on jobs.example.org." in text_of(page)
    settings.INTERNSHIPS_URL = ""
    assertNotContains(client.get("/interview-questions/tester/"), 'id="internships"')


def test_filter_keeps_each_question_its_number(client, role):
    make_question(roles=[role], text="What is recall?", difficulty="easy")
    make_question(roles=[role], text="Design a search.", difficulty="hard")
    page = client.get(role.get_absolute_url(), {"difficulty": "hard"})
    assert numbers(page) == [2]
    assert "1 of 2 questions" in text_of(page)


def test_filter_takes_several_difficulties_a_topic_and_words(client, role):
    rag, metrics = make_topic(name="RAG"), make_topic(name="Metrics")
    make_question(roles=[role], difficulty="easy", topics=[rag], text="What is RAG?")
    make_question(roles=[role], difficulty="medium", topics=[rag, metrics], text="Measure a retriever.")
    make_question(roles=[role], difficulty="hard", topics=[metrics], answer="Drift moves the inputs.")
    address = role.get_absolute_url()
    assert numbers(client.get(address, {"difficulty": ["easy", "hard"]})) == [1, 3]
    assert numbers(client.get(address, {"topic": "rag"})) == [1, 2]
    assert numbers(client.get(address, {"topic": "metrics", "difficulty": "medium"})) == [2]
    assert numbers(client.get(address, {"q": "drift INPUTS"})) == [3]
    assert numbers(client.get(address, {"q": "100%"})) == []


def counts(page):
    """What each chip says that a click would show: {value: (count, disabled)}."""
    chips = re.findall(
        r'name="difficulty" value="(\w+)"( checked)?( disabled)?>.*?class="count">(\d+)', compact(page)
    )
    return {value: (int(count), bool(disabled)) for value, _checked, disabled, count in chips}


def test_chips_show_what_a_click_will_show(client, role):
    rag = make_topic(name="RAG")
    make_question(roles=[role], difficulty="easy", topics=[rag])
    make_question(roles=[role], difficulty="hard", topics=[rag])
    make_question(roles=[role], difficulty="hard")
    address = role.get_absolute_url()
    assert counts(client.get(address)) == {"easy": (1, False), "medium": (0, True), "hard": (2, False)}
    by_topic = client.get(address, {"topic": "rag", "difficulty": "easy"})
    assert counts(by_topic) == {"easy": (1, False), "medium": (0, True), "hard": (1, False)}
    assert "RAG 1" in text_of(by_topic)


def test_unknown_difficulty_is_reported_and_the_rest_still_filters(client, role):
    make_question(roles=[role], difficulty="easy")
    make_question(roles=[role], difficulty="hard")
    page = client.get(role.get_absolute_url(), {"difficulty": ["impossible", "hard"]})
    assert page.status_code == 400
    assertContains(
        page, "“impossible” is not one of the choices. Choose Easy, Medium or Hard.", status_code=400
    )
    assert numbers(page) == [2]


@pytest.mark.parametrize("query", ["?topic=nowhere", "?q=" + "x" * 101, "?q=%00", "?answers=shown"])
def test_other_bad_filters_are_told_too(client, role, query):
    make_question(roles=[role], topics=[make_topic()])
    page = client.get(role.get_absolute_url() + query)
    assert page.status_code == 400
    assertContains(page, "field-wrong", status_code=400)
    assert numbers(page) == [1]


def test_filter_that_matches_nothing_says_so_and_leads_back(client, role):
    make_question(roles=[role])
    page = client.get(role.get_absolute_url(), {"q": "nowhere"})
    assertContains(page, "Nothing here matches all of that")
    assertContains(page, "Show all questions")


def test_the_end_of_the_page_leads_to_roles_of_the_field_and_to_those_that_share_questions(client, role):
    other_field = make_category(name="Other field")
    same = make_role(name="Same field", category=role.category)
    sharing = make_role(name="Sharing", category=other_field)
    for name, values in (("Stranger", {}), ("Unpublished", {"status": "draft"})):
        make_role(name=name, category=other_field, **values)
    for _number in range(2):
        make_question(roles=[role, sharing])
    make_question(roles=[role, sharing], status="draft")
    make_question(roles=[same, sharing])
    text = text_of(client.get(role.get_absolute_url()))
    end = text[text.index("Other roles") :]
    assert f"More in {role.category.name} Same field 1 question" in end
    assert "Questions in common with Sharing 2 in common" in end
    assert "Stranger" not in end
    assert "Unpublished" not in end


def test_role_without_questions_says_so(client, role):
    assertContains(client.get(role.get_absolute_url()), "This role has no published questions yet")


def test_only_what_is_published_is_shown_and_counted(client, role):
    for status in ("draft", "review", "retired"):
        make_question(roles=[role], text=f"A question in {status}", status=status)
    make_question(roles=[role], text="A public question")
    page = client.get(role.get_absolute_url())
    assertNotContains(page, "A question in")
    assert numbers(page) == [1]
    Role.objects.update(status="draft")
    assert client.get(role.get_absolute_url()).status_code == 404


def test_answers_can_be_hidden_by_the_address(client, role):
    make_question(roles=[role])
    assertContains(client.get(role.get_absolute_url()), '<details class="answer" open')
    hidden = client.get(role.get_absolute_url(), {"answers": "hidden"})
    assertNotContains(hidden, '<details class="answer" open')
    assertContains(hidden, '<details class="answer"')


def test_htmx_is_reported_the_normalised_address(client, role):
    make_question(roles=[role], difficulty="hard")
    page = client.get(
        role.get_absolute_url() + "?utm=1&q=&difficulty=hard&difficulty=easy&difficulty=impossible"
    )
    assert page.headers["HX-Push-Url"] == f"{role.get_absolute_url()}?difficulty=easy&difficulty=hard"


@pytest.mark.parametrize(
    ("query", "is_indexed"),
    [
        ("", True),
        ("?utm=1", True),
        ("?difficulty=hard", True),
        ("?q=this", False),
        ("?answers=hidden", False),
    ],
)
def test_a_filtered_page_is_canonical_to_the_whole_one(client, role, query, is_indexed):
    make_question(roles=[role], difficulty="hard")
    page = client.get(role.get_absolute_url() + query)
    assertContains(page, f'<link rel="canonical" href="http://127.0.0.1:8000{role.get_absolute_url()}">')
    assert (b'<meta name="robots" content="noindex">' in page.content) == (not is_indexed)


@pytest.mark.parametrize("length", [1, 60])
def test_page_costs_a_fixed_number_of_queries_however_long(client, role, django_assert_num_queries, length):
    topics = [make_topic(), make_topic()]
    with record():  # one change set: made one by one, they take PostgreSQL long
        for _ in range(length):
            make_question(roles=[role], topics=topics, difficulty="hard")
            make_step(role=role)
            make_tip(role=role)
    for query in ("", "?difficulty=hard&q=this&topic=" + topics[0].slug):
        with django_assert_num_queries(12 if "topic" in query else 7):
            assert len(numbers(client.get(role.get_absolute_url() + query))) == length


def test_what_is_published_while_the_page_is_made_is_for_the_next_reader(client, role):
    make_question(roles=[role])
    late = make_question(roles=[role], status="draft", text="Late?")
    curator = make_curator()

    def publish(execute, sql, *rest):
        result = execute(sql, *rest)
        if "questions_topic" in sql and late.status == "draft":  # the whole list has been read, with topics
            late.status = "published"
            with record(author=curator):  # it happens in a web request, if another one
                late.save()
        return result

    with connection.execute_wrapper(publish):
        assert len(numbers(client.get(role.get_absolute_url()))) == 1
    assert late.status == "published"
    assert len(numbers(client.get(role.get_absolute_url()))) == 2


def test_changed_address_redirects_for_ever_without_chains(client, role):
    for slug in ("ai-developer", "ai-builder"):
        role.slug = slug
        role.save()
    for former in ("ai-engineer", "ai-developer"):
        response = client.get(f"/interview-questions/{former}/")
        assert (response.status_code, response.url) == (301, "/interview-questions/ai-builder/")
    assert client.get("/interview-questions/ai-builder/").status_code == 200


def test_retired_question_is_gone_and_a_draft_was_never_there(client):
    question = make_question(text="Is this still asked?")
    assert client.get(question.get_absolute_url()).status_code == 200
    Question.objects.update(status="retired")
    gone = client.get(question.get_absolute_url())
    assertContains(gone, "Is this still asked?", status_code=410)
    assert client.get(make_question(status="draft").get_absolute_url()).status_code == 404


def test_addresses_work_in_any_script(client):
    question = make_question(text="Что такое полнота?")
    assert client.get(question.get_absolute_url()).status_code == 200
    assert Client().get("/questions/что-такое-полнота/").status_code == 200
    assert make_question(text="प्रश्न क्या है?").get_absolute_url() == quoted("/questions/प्रश्न-क्या-है/")


@pytest.mark.parametrize("path", ["/questions/a%00b/", "/interview-questions/%00/", "/topics/%00/"])
def test_an_address_that_no_database_takes_is_not_there(client, path):
    assert client.get(path).status_code == 404
