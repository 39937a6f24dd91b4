"""What a learner does not know yet of a role, as a page to read."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from practice import unknown
from practice.models import Learner
from tests.factories import make_question, make_role, make_topic

from .browsers import browser_of

pytestmark = pytest.mark.django_db
ADDRESS = "/practice/unknown/"
OF_TESTER = {"role": "tester"}


@pytest.fixture
def role():
    return make_role(name="Tester")


@pytest.fixture
def questions(role):
    names = ("one", "two", "three", "four", "five")
    topic = make_topic(name="Odd")
    return [
        make_question(roles=[role], text=f"What is {name}?", topics=[topic] if index % 2 == 0 else [])
        for index, name in enumerate(names)
    ]


@pytest.fixture
def learner(questions):
    """One who knew the second and the fifth, and not the third."""
    learner = Learner.objects.create()
    for index, rating in ((1, 3), (2, 2), (4, 4)):
        learner.review(questions[index], rating, key=uuid4())
    return learner


@pytest.fixture
def own(learner):
    return browser_of(learner)


def numbers(page):
    return re.findall(r'class="number"[^>]*>\s*<span[^>]*>Question</span> (\d+)', page.content.decode())


def test_what_is_not_known_is_read_in_the_order_of_the_role_with_its_numbers(own):
    page = own.get(ADDRESS, OF_TESTER)
    assert numbers(page) == ["1", "3", "4"]
    assertContains(page, "3 of 5 questions")
    assertContains(page, '<details class="answer" open>')
    assertNotContains(own.get(ADDRESS, OF_TESTER | {"answers": "hidden"}), '<details class="answer" open>')


def test_a_topic_and_a_difficulty_leave_less_of_it(own):
    assert numbers(own.get(ADDRESS, OF_TESTER | {"topic": "odd"})) == ["1", "3"]
    nothing = own.get(ADDRESS, OF_TESTER | {"difficulty": "hard"})
    assertContains(nothing, "No question is all of that", status_code=400)


def test_it_comes_in_parts_where_it_is_long(own, monkeypatch):
    monkeypatch.setattr(unknown, "PART", 2)
    assert numbers(own.get(ADDRESS, OF_TESTER)) == ["1", "3"]
    for last in ("2", "3"):  # the last part, where there are not so many any more
        assert numbers(own.get(ADDRESS, OF_TESTER | {"page": last})) == ["4"]
    assert own.get(ADDRESS, OF_TESTER | {"page": "two"}).status_code == 404


def test_who_knew_everything_is_told_so(own, learner, questions):
    for question in questions:
        learner.review(question, 3, key=uuid4())
    assertContains(own.get(ADDRESS, OF_TESTER), "You knew all of it")


def test_who_has_no_mark_reads_the_role_itself(client, role, questions):
    assertRedirects(client.get(ADDRESS, OF_TESTER), role.get_absolute_url())
    assert not Learner.objects.exists()


def test_it_is_chosen_on_the_page_of_practice(own):
    assertContains(own.get("/practice/"), f'formaction="{ADDRESS}"')
    assert numbers(own.get(ADDRESS, {"number": "12"})) == ["1", "3", "4"]  # of the role of the last review
    assertContains(own.get(ADDRESS, {"topic": "odd"}), "Choose one, to read", status_code=400)
    assertContains(Client().get(ADDRESS), "Choose one, to read", status_code=400)
    assertContains(own.get(ADDRESS, {"role": "nobody"}), "There is no such role", status_code=400)


@pytest.mark.parametrize("number", [1, 40])
def test_it_costs_the_same_queries_however_much_there_is(
    own, learner, role, number, django_assert_num_queries
):
    for _each in range(number):
        make_question(roles=[role], topics=[make_topic()])
        learner.review(make_question(roles=[role]), 3, key=uuid4())
    with django_assert_num_queries(5):
        own.get(ADDRESS, OF_TESTER)
