import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from questions.recording import record
from tests.factories import make_question, make_topic

pytestmark = pytest.mark.django_db
ATOM = {"": "http://www.w3.org/2005/Atom"}


def feed(client):
    return ElementTree.fromstring(client.get("/feed/").content)  # our own words


def titles(client):
    return [entry.find("title", ATOM).text for entry in feed(client).findall("entry", ATOM)]


def test_newest_and_last_changed_come_first_and_drafts_never(client):
    with time_machine.travel(datetime(2026, 11, 1, tzinfo=UTC), tick=False):
        first = make_question(text="First?")
        make_question(text="Draft?", status="draft")
    with time_machine.travel(datetime(2026, 11, 2, tzinfo=UTC), tick=False):
        make_question(text="Second?", topics=[make_topic(name="RAG")])
    assert titles(client) == ["Second?", "First?"]
    with time_machine.travel(datetime(2026, 11, 3, tzinfo=UTC), tick=False):
        first.answer = "Another."
        first.save()
    assert titles(client) == ["First?", "Second?"]
    entry = feed(client).find("entry", ATOM)
    assert entry.find("published", ATOM).text.startswith("2026-11-01")
    assert entry.find("updated", ATOM).text.startswith("2026-11-03")
    assert "Another." in entry.find("summary", ATOM).text


def test_addresses_come_from_the_setting_and_never_from_the_host():
    make_question(text="First?")
    response = Client(headers={"host": "localhost:1"}).get("/feed/")
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert "localhost" not in response.content.decode()
    links = [link.get("href") for link in feed(Client()).iter(f"{{{ATOM['']}}}link")]
    assert set(links) == {
        "http://127.0.0.1:8000/",
        "http://127.0.0.1:8000/feed/",
        "http://127.0.0.1:8000/questions/first/",
    }


def test_links_in_answers_hold_wherever_the_feed_is_read(client):
    answer = '[a](/questions/a/) [b](../b/?x=1&y=2) [c](#part) [d](https://d.example) `<a href="/e">`'
    make_question(text="First?", answer=answer)
    words = feed(client).find("entry/summary", ATOM).text
    assert re.findall(r'<a href="([^"]*)"', words) == [
        "http://127.0.0.1:8000/questions/a/",
        "http://127.0.0.1:8000/questions/b/?x=1&amp;y=2",
        "http://127.0.0.1:8000/questions/first/#part",
        "https://d.example",
    ]
    assert '&lt;a href="/e"&gt;' in words


def test_a_changed_address_is_no_new_entry(client):
    question = make_question(text="First?")
    before = feed(client).find("entry/id", ATOM).text
    question.slug = "moved"
    question.save()
    entry = feed(client).find("entry", ATOM)
    assert entry.find("id", ATOM).text == before
    assert entry.find("link", ATOM).get("href").endswith("/questions/moved/")


@pytest.mark.parametrize("length", [1, 40])
def test_the_feed_costs_two_queries(client, length, django_assert_num_queries):
    with record():
        for _number in range(length):
            make_question(topics=[make_topic()])
    with django_assert_num_queries(2):
        client.get("/feed/")
