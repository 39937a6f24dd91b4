import json
import re

import pytest

from questions.markdown import summary
from tests.factories import make_category, make_question, make_role, make_topic

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"


def data(client, path):
    """The blocks of a page, by type."""
    text = client.get(path).content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return {block["@type"]: block for block in map(json.loads, blocks)}


def test_a_question_is_a_quiz_with_the_editors_answer(client):
    answer = "The share **found**:\n\n- one\n- [two](/questions/other/)\n\n```python\nx = 1\n```"
    make_question(text="What is recall?", answer=answer)
    quiz = data(client, "/questions/what-is-recall/")["Quiz"]
    assert (quiz["@context"], quiz["name"]) == ("https://schema.org", "What is recall?")
    assert quiz["url"] == f"{SITE}/questions/what-is-recall/"
    question = quiz["hasPart"]
    assert (question["@type"], question["text"]) == ("Question", "What is recall?")
    assert question["acceptedAnswer"]["@type"] == "Answer"
    text = question["acceptedAnswer"]["text"]
    assert '<p dir="auto">The share <strong>found</strong>:</p>' in text
    assert f'<li dir="auto"><a href="{SITE}/questions/other/"' in text
    assert ">x = 1\n</code></pre>" in text


def test_words_cannot_leave_their_block(client):
    evil = "</script><script>alert(1)</script><!-- & more"
    make_question(text=evil, slug="evil", answer=f"`{evil}`")
    text = client.get("/questions/evil/").content.decode()
    assert "<script>alert" not in text
    assert data(client, "/questions/evil/")["Quiz"]["name"] == evil


@pytest.mark.parametrize(
    ("answer", "summed_up"),
    [
        ("One *line*\nof `code`.\n\nAnother", "One line of code. Another"),
        ("```python\nx = 1\n```\n\nIt sets x.", "It sets x."),
        ("```math\n\\frac{a}{b}\n```\n\nA ratio.", "A ratio."),
        ("- first\n- second, [linked](/x)\n\nThen this.", "first; second, linked. Then this."),
        ("1. first\n\n2. second!", "first; second!"),
        ("There are two:\n\n- a\n  - b", "There are two: a; b"),
        ('## Heading\n\n| a | b |\n| - | - |\n| c | d |\n\n> Quoted  \n> "twice"', "Quoted “twice”"),
        ("```\nonly code\n```", ""),
        ("a " * 200, "a " * 79 + "a…"),
        ("字" * 200, "字" * 159 + "…"),
        (f"The first words, {'and more ' * 30}", f"The first words, {'and more ' * 15}and…"),
    ],
)
def test_a_summary_is_one_line_of_prose(answer, summed_up):
    assert summary(answer, 160) == summed_up


def test_the_description_of_a_page_is_its_summary(client):
    make_question(text="Which?", answer='```\nx\n```\n\nThe "first" & only.')
    make_question(text="Only code?", answer="```\nx\n```")
    page = client.get("/questions/which/").content.decode()
    assert '<meta name="description" content="The “first” &amp; only.">' in page
    page = client.get("/questions/only-code/").content.decode()
    assert '<meta name="description" content="Only code?">' in page


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/interview-questions/tester/", ["Roles", "Quality", "Tester"]),
        ("/questions/what/", ["Roles", "Quality", "Tester", "What?"]),
        ("/questions/what/?topic=rag", ["Topics", "RAG", "What?"]),
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
