from datetime import UTC, datetime

import pytest
import time_machine
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import make_question, make_role
from tests.reading import text_of

pytestmark = pytest.mark.django_db


def test_home_says_how_much_there_is_and_shows_a_sample(client):
    roles = [make_role(name="Tester"), make_role(name="Writer")]
    make_question(roles=roles, difficulty="hard", short_answer="Too hard for a sample.")
    make_question(roles=roles, difficulty="easy", text="What is a test?", short_answer="It can fail.")
    make_question(roles=roles, status="draft")
    page = client.get("/")
    assert "2 questions in 2 roles. Free, no account." in text_of(page)
    assert "One of them, to try What is a test?" in text_of(page)
    assertContains(page, "It can fail.")
    assertNotContains(page, "Too hard")


def test_an_empty_bank_has_no_counts_and_no_sample(client):
    page = client.get("/")
    assertContains(page, "Nothing here yet")
    assertNotContains(page, "no account.</p>")
    assertNotContains(page, "One of them")


def test_news_are_shown_once_questions_have_changed_on_two_days(client):
    with time_machine.travel(datetime(2026, 11, 26, 12, tzinfo=UTC), tick=False):
        role = make_role()
        for text in ("First?", "Second?"):
            make_question(roles=[role], text=text)
    assertNotContains(client.get("/"), 'id="new"')
    with time_machine.travel(datetime(2026, 11, 27, 12, tzinfo=UTC), tick=False):
        make_question(roles=[role], text="Third?")
    assert "New and changed Third? 27 November" in text_of(client.get("/"))


@pytest.mark.parametrize(("number", "has_field"), [(40, False), (41, True)])
def test_a_site_of_many_roles_has_a_field_to_find_one_that_works_without_script(client, number, has_field):
    for _number in range(number):
        make_role()
    page = client.get("/")
    assert ('action="/search/"' in page.content.decode()) == has_field
    assert ('name="q"' in page.content.decode()) == has_field


def test_home_counts_what_is_published_by_difficulty(client):
    role = make_role(name="Tester")
    for difficulty in ("easy", "hard", "hard"):
        question = make_question(roles=[role], difficulty=difficulty)
    make_question(roles=[role], status="draft")
    assert "Tester 3 questions" in text_of(client.get("/"))
    question.status = "retired"
    question.save()
    assert "Tester 2 questions" in text_of(client.get("/"))
    role.questions.clear()
    assert "Tester 0 questions" in text_of(client.get("/"))


@pytest.mark.parametrize("length", [1, 40])
def test_home_costs_a_fixed_number_of_queries(client, length, django_assert_num_queries):
    role = make_role()
    for _number in range(length):
        make_question(roles=[role], difficulty="easy", short_answer="It can fail.")
    with django_assert_num_queries(6):
        client.get("/")
