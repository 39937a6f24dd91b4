"""A role of more questions than a page should have: parts of it that are read and printed alone."""

import re

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from questions import parts
from questions.models import Question
from questions.recording import record
from tests.factories import make_question, make_role, make_step, make_tip, make_topic
from tests.reading import compact, text_of

pytestmark = pytest.mark.django_db
ADDRESS = "/interview-questions/tester/"


@pytest.fixture
@record()
def role(monkeypatch):
    """A role of five questions, the second and the fifth hard, on a site whose pages have at most three."""
    monkeypatch.setattr(parts, "WHOLE", 3)
    monkeypatch.setattr(parts, "PART", 2)
    role = make_role(name="Tester")
    topic = make_topic(name="Subjects")
    for number in range(1, 6):
        difficulty = "hard" if number in {2, 5} else "easy"
        make_question(roles=[role], topics=[topic], text=f"Which {number}?", difficulty=difficulty)
    make_step(role=role, title="Learn to count")
    make_tip(role=role, text="Bring a number.")
    return role


def numbers(page):
    return [int(number) for number in re.findall(r"Question (\d+) (?:Easy|Medium|Hard)", text_of(page))]


def links(page, place):
    """The parts that the list of them at `place` leads to: {what it says: address}."""
    (found,) = re.findall(rf'<nav class="parts" id="{place}".*?</nav>', compact(page))
    names = re.findall(r'<a href="([^"]*)"[^>]*><span[^>]*>Questions</span>([^<]*)</a>', found)
    return {name.strip(): address.replace("&amp;", "&") for address, name in names}


@pytest.mark.parametrize(("query", "shown"), [("", [1, 2]), ("?part=2", [3, 4]), ("?part=3", [5])])
def test_each_part_has_its_questions_with_their_true_numbers(client, role, query, shown):
    page = client.get(ADDRESS + query)
    assert page.status_code == 200
    assert numbers(page) == shown
    expected = {"1 to 2": ADDRESS, "3 to 4": f"{ADDRESS}?part=2", "5": f"{ADDRESS}?part=3"}
    assert links(page, "parts") == links(page, "parts-end") == expected


def test_a_part_names_itself_and_those_beside_it(client, role):
    page = client.get(f"{ADDRESS}?part=2")
    assertContains(page, f'<link rel="canonical" href="http://127.0.0.1:8000{ADDRESS}?part=2">')
    assert "<title>Questions 3 to 4: Tester interview questions" in compact(page)
    assert f'<a rel="prev" href="{ADDRESS}">Questions 1 to 2</a>' in compact(page)
    assert f'<a class="next" rel="next" href="{ADDRESS}?part=3">Question 5</a>' in compact(page)


def test_the_path_and_the_tips_are_on_the_first_part_and_the_others_lead_there(client, role):
    assertContains(client.get(ADDRESS), "Learn to count")
    page = client.get(f"{ADDRESS}?part=2")
    assertNotContains(page, "Learn to count")
    assertNotContains(page, "Bring a number.")
    assertContains(page, f'href="{ADDRESS}#path"')
    assertContains(page, f'href="{ADDRESS}#tips"')


def test_the_outline_has_the_questions_of_the_part_and_the_other_parts(client, role):
    page = compact(client.get(f"{ADDRESS}?part=2"))
    (outline,) = re.findall(r'<ol id="outline-list">.*?</ol>', page)
    addresses = re.findall(r'href="([^"]*)"', outline)
    of_parts = [ADDRESS, "#q-which-3", "#q-which-4", f"{ADDRESS}?part=3"]
    assert [address for address in addresses if "#q" in address or "#" not in address][1:] == of_parts


def test_a_filter_is_for_the_whole_role_and_what_it_finds_is_one_page_again(client, role):
    page = client.get(f"{ADDRESS}?difficulty=hard")
    assert numbers(page) == [2, 5]
    assert links(page, "parts") == {}
    assert "2 of 5 questions" in text_of(page)


def test_what_a_filter_finds_comes_in_parts_if_it_is_too_much(client, role):
    page = client.get(f"{ADDRESS}?topic=subjects&answers=hidden&part=2")
    assert numbers(page) == [3, 4]
    assert links(page, "parts")["5"] == f"{ADDRESS}?answers=hidden&part=3&topic=subjects"
    assertContains(page, f'<link rel="canonical" href="http://127.0.0.1:8000{ADDRESS}">')
    easy_and_hard = client.get(f"{ADDRESS}?difficulty=easy&difficulty=hard&q=which&part=3")
    assert numbers(easy_and_hard) == [5]


def test_clearing_the_filter_leads_to_the_first_part(client, role):
    page = compact(client.get(f"{ADDRESS}?topic=subjects&part=2"))
    assert set(re.findall(r'class="clear" href="([^"]*)"', page)) == {f"{ADDRESS}?"}


@pytest.mark.parametrize("part", ["1", "4", "999999"])
def test_a_part_that_is_not_there_is_the_list(client, role, part):
    response = client.get(f"{ADDRESS}?part={part}&difficulty=easy&difficulty=hard")
    assert (response.status_code, response.url) == (302, f"{ADDRESS}?difficulty=easy&difficulty=hard")


@pytest.mark.parametrize("part", ["0", "-1", "02", "two", "1.0", "9" * 30, "٢", "%00"])
def test_what_is_no_number_is_no_part(client, role, part):
    assert client.get(f"{ADDRESS}?part={part}").status_code == 404


def test_a_role_that_has_become_shorter_is_one_page_at_the_address_of_any_part(client, role):
    Question.objects.filter(difficulty="hard").update(status="retired")
    response = client.get(f"{ADDRESS}?part=2")
    assert (response.status_code, response.url) == (302, ADDRESS)
    page = client.get(ADDRESS)
    assert numbers(page) == [1, 2, 3]
    assertNotContains(page, "Parts of the list")


def test_links_to_a_question_name_its_part(client, role):
    make_role(name="Writer").questions.add(Question.objects.get(text="Which 4?"))
    page = client.get("/questions/which-4/")
    assertContains(page, f'<a href="{ADDRESS}?part=2#q-which-4">Tester</a>')
    assertContains(page, '<a href="/interview-questions/writer/#q-which-4">Writer</a>')
    assertContains(page, f'class="number side" href="{ADDRESS}?part=2#q-which-4"')
    assert "Question 4 of 5" in text_of(page)
    assert 'rel="prev" href="/questions/which-3/?role=tester"' in compact(page)
    assert 'rel="next" href="/questions/which-5/?role=tester"' in compact(page)


RELATED = 8  # queries at most, for the questions to read on


@pytest.mark.parametrize("length", [5, 40])
def test_a_part_costs_as_many_queries_as_a_page(
    client, role, length, django_assert_num_queries, django_assert_max_num_queries
):
    with record():
        for _number in range(length - 5):
            make_question(roles=[role])
    for query, count in (("?part=2", 7), ("?difficulty=easy", 8)):
        with django_assert_num_queries(count):
            client.get(ADDRESS + query)
    with django_assert_max_num_queries(4 + RELATED):
        client.get("/questions/which-4/?role=tester")
