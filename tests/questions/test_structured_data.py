import json
import re

import pytest

from tests.factories import make_category, make_question, make_role, make_topic

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def data(client, path):
    """The blocks of a page, by type."""
    text = client.get(path).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return {block["@type"]: block for block in map(json.loads, blocks)}


def test_a_question_is_given_with_its_one_answer(client):
    make_question(text="What is recall?", answer="The share **found**.")
    page = data(client, "/questions/what-is-recall/")["QAPage"]
    question = page["mainEntity"]
    assert (page["@context"], question["@type"], question["answerCount"]) == (
        "https://schema.org",
        "Question",
        1,
    )
    assert question["name"] == "What is recall?"
    assert question["acceptedAnswer"]["@type"] == "Answer"
    assert question["acceptedAnswer"]["text"] == "The share found."
    assert question["acceptedAnswer"]["url"] == f"{SITE}/questions/what-is-recall/"


def test_words_cannot_leave_their_block(client):
    evil = "</script><script>alert(1)</script><!-- & more"
    make_question(text=evil, slug="evil", answer=f"`{evil}`")
    text = client.get("/questions/evil/").content.decode()
    assert "<script>alert" not in text
    assert data(client, "/questions/evil/")["QAPage"]["mainEntity"]["name"] == evil


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/interview-questions/tester/", ["Roles", "Quality", "Tester"]),
        ("/questions/what/", ["Roles", "What?"]),
        ("/questions/what/?role=tester", ["Roles", "Tester", "What?"]),
        ("/topics/rag/", ["Topics", "RAG"]),
    ],
)
def test_breadcrumbs_lead_to_the_page(client, path, names):
    role = make_role(name="Tester", category=make_category(name="Quality"))
    make_question(roles=[role], topics=[make_topic(name="RAG")], text="What?")
    items = data(client, path)["BreadcrumbList"]["itemListElement"]
    assert [item["name"] for item in items] == names
    assert [item["position"] for item in items] == list(range(1, len(names) + 1))
    assert all(item["item"].startswith(f"{SITE}/") for item in items[:-1])
    assert "item" not in items[-1]
