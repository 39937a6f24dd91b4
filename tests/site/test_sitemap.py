"""What search engines read: an index of parts that are small and quick, however large the bank."""

import re
from xml.etree import ElementTree

import pytest
from django.test import Client

from interviewprep import sitemaps
from questions.models import Question
from tests.factories import make_question, make_role, make_topic

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
SITEMAP = {"": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def read(path):
    """`{address: date}` of an index or a part."""
    page = Client(headers={"host": "localhost:1"}).get(path)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    entries = ElementTree.fromstring(page.content)  # our own words
    return {entry.find("loc", SITEMAP).text: entry.findtext("lastmod", None, SITEMAP) for entry in entries}


def everything():
    """What the parts of the index hold together."""
    found = {}
    for address in read("/sitemap.xml"):
        part = read(address.removeprefix(SITE))
        assert part
        assert not part.keys() & found.keys()
        found |= part
    return found


def test_every_public_page_is_in_a_part_once_and_nothing_else():
    role, topic = make_role(name="Tester"), make_topic(name="Subjects")
    make_topic(name="Unused")
    make_role(name="Hidden", status="draft")
    question = make_question(roles=[role], topics=[topic], text="Shown?")
    make_question(text="Draft?", status="draft")
    found = everything()
    paths = [
        "/",
        "/topics/",
        "/about/",
        "/interview-questions/tester/",
        "/topics/subjects/",
        "/questions/shown/",
    ]
    assert list(found) == [SITE + path for path in paths]
    date = question.updated.isoformat(timespec="seconds")
    assert found[f"{SITE}/questions/shown/"] == found[f"{SITE}/interview-questions/tester/"] == date


def test_a_part_holds_no_more_than_its_ids(monkeypatch):
    monkeypatch.setattr(sitemaps, "PART", 3)
    questions = [make_question() for _number in range(8)]
    assert len(read("/sitemap.xml")) >= 3
    addresses = {f"{SITE}{question.get_absolute_url()}" for question in questions}
    assert {address for address in everything() if "/questions/" in address} == addresses
    before = {path: read(path.removeprefix(SITE)) for path in read("/sitemap.xml")}
    Question.objects.filter(pk=questions[0].pk).update(status="retired")
    after = {path: read(path.removeprefix(SITE)) for path in read("/sitemap.xml")}
    assert len([path for path in before if before[path] != after.get(path)]) == 1


def test_an_empty_bank_has_its_own_pages_only():
    assert len(everything()) == 3


@pytest.mark.parametrize(
    "section", ["pages-1", "questions-9", "users-0", f"questions-{'9' * 30}", "questions"]
)
def test_there_is_no_other_part(client, section):
    assert client.get(f"/sitemap-{section}.xml").status_code == 404


@pytest.mark.parametrize("length", [1, 40])
def test_a_part_is_one_query_for_what_it_shows(django_assert_num_queries, length):
    role = make_role()
    for _number in range(length):
        make_question(roles=[role], topics=[make_topic()])
    for path in read("/sitemap.xml"):
        with django_assert_num_queries("pages" not in path) as queries:
            read(path.removeprefix(SITE))
        assert not re.search("answer|intro", str(queries.captured_queries))
