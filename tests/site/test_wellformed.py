"""Pages and feeds are well-formed whatever a raw SQL statement has put into the bank."""

import json
import re
from xml.etree import ElementTree

import pytest
from django.db import connection

from questions.models import Question, Topic
from questions.text import fit
from tests.factories import make_question, make_role, make_topic

BAD = "\x01\x08\x0b\x0c\x1f\ufffe\uffff"


def test_what_no_page_may_hold_is_left_out():
    assert fit(f"a\t{BAD}\ud800b\r\nc\x85\U0001f600\x7f") == "a\tb\r\nc\U0001f600"


@pytest.mark.unrecorded(reason="what raw SQL wrote is what it is about")
@pytest.mark.django_db
def test_pages_and_feeds_hold_none_of_it(client):
    topic, role = make_topic(name="Subjects"), make_role(name="Tester")
    make_question(roles=[role], topics=[topic], text="Shown?")
    # SQLite keeps what it is given; PostgreSQL's JSON refuses a lone surrogate itself.
    surrogate = "\\ud800" if connection.vendor == "sqlite" else ""
    with connection.cursor() as cursor:
        for table, columns in {
            Question: {"text": f"Sh{BAD}own?", "answer_html": f"<p>An{BAD}swer</p>"},
            Topic: {"name": f"Sub{BAD}jects"},
        }.items():
            for column, value in columns.items():
                cursor.execute(f"UPDATE {table._meta.db_table} SET {column} = %s", [value])
        points = f'["Key {surrogate}point"]'
        cursor.execute("UPDATE questions_question SET key_points = %s", [points])
    for path in ("/", "/questions/shown/", "/interview-questions/tester/", "/topics/", "/topics/subjects/"):
        page = client.get(path)
        assert page.status_code == 200
        text = page.content.decode()
        assert not set(BAD) & set(text)
        for block in re.findall(r'json">(.*?)</script>', text):
            json.loads(block)
    for path in ("/feed/", "/sitemap.xml"):
        ElementTree.fromstring(client.get(path).content)  # our own words
    assert b"Answer" in client.get("/feed/").content
