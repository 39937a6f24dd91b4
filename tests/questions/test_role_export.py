"""What a visitor takes along from the page of a role."""

import re

import pytest

from questions import parts, readers
from questions.recording import record
from tests.factories import make_question, make_role, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def role():
    role = make_role(name="Tester")
    topics = [make_topic(name="SQL"), make_topic(name="Nets")]
    make_question(roles=[role], topics=topics, text="Easy?", difficulty="easy")
    make_question(roles=[role], text="Draft?", status="draft")
    make_question(roles=[role], topics=topics[:1], text="Hard?", difficulty="hard")
    make_question(text="Elsewhere?")
    return role


def texts(response):
    return [each.text for each in readers.read_bytes(response.content, response.headers["X-Name"]).questions]


@pytest.fixture
def take(client, role):
    def take(ending, query=""):
        response = client.get(f"/interview-questions/tester/export.{ending}{query}")
        response.headers["X-Name"] = f"a.{ending}"
        return response

    return take


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("apkg", "application/octet-stream"),
        ("md", "text/markdown; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"),
    ],
)
def test_the_published_questions_come_as_a_file(take, ending, kind):
    page = take(ending)
    assert texts(page) == ["Easy?", "Hard?"]
    assert page.headers["Content-Type"] == kind
    assert page.headers["Content-Disposition"] == f'attachment; filename="tester.{ending}"'
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert b"Draft?" not in page.content


@pytest.mark.parametrize(
    ("query", "found", "name"),
    [
        ("?difficulty=hard", ["Hard?"], "tester-hard"),
        ("?topic=nets&difficulty=easy", ["Easy?"], "tester-easy-nets"),
        ("?q=easy&answers=hidden&part=2", ["Easy?", "Hard?"], "tester"),
        ("?difficulty=medium", [], "tester-medium"),
    ],
)
def test_the_filter_comes_along_and_numbers_stay_but_words_are_not_taken(take, query, found, name):
    page = take("csv", query)
    assert texts(page) == found
    assert f'filename="{name}.csv"' in page.headers["Content-Disposition"]
    assert ("2,Hard?" in page.content.decode()) == ("Hard?" in found)


def test_a_change_is_in_the_next_file(take, role):
    take("md")
    question = role.questions.get(text="Hard?")
    question.status = "retired"
    with record():
        question.save()
    assert texts(take("apkg")) == ["Easy?"]


def test_the_page_leads_to_the_files_of_what_it_shows(client, role):
    page = client.get(role.get_absolute_url(), {"difficulty": "hard", "topic": "sql", "q": "hard"})
    links = re.findall(r'href="(export\.[^"]+)"', page.content.decode())
    query = "?difficulty=hard&amp;topic=sql"
    assert links == [f"export.{ending}{query}" for ending in ("apkg", "md", "csv")]


def test_what_there_is_not_is_said_as_on_pages(take, client, role):
    assert take("exe").status_code == 404
    assert client.get("/interview-questions/nobody/export.md").status_code == 404
    wrong = take("md", "?difficulty=impossible&topic=sql")
    assert wrong.url == "/interview-questions/tester/?difficulty=impossible&topic=sql"
    make_role(name="Draft", status="draft")
    assert client.get("/interview-questions/draft/export.md").status_code == 404


def test_a_large_role_comes_whole_in_a_fixed_number_of_queries(
    take, role, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(parts, "WHOLE", 3)
    monkeypatch.setattr(parts, "PART", 2)
    with django_assert_num_queries(6):
        take("apkg", "?topic=sql")
    for number in range(5):
        make_question(roles=[role], text=f"More {number}?", topics=role.questions.first().topics.all())
    with django_assert_num_queries(6):
        assert len(texts(take("apkg", "?topic=sql"))) >= 2
    assert len(texts(take("md"))) == 7
