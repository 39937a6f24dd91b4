"""What a word of the filter finds, on the page of a role."""

import pytest

from tests.factories import make_question, make_role, make_topic
from tests.reading import text_of

pytestmark = pytest.mark.django_db


def finds(client, words, text="What is asked?", **values):
    role = make_role()
    make_question(roles=[role], text=text, **values)
    page = client.get(role.get_absolute_url(), {"q": words})
    return "1 of 1" in text_of(page)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hallucinations are rarer.", "hallucination"),
        ("A hallucination is rarer.", "hallucinations"),
        ("Two queries and caches", "cache query"),
        ("One query, one cache", "caches queries"),
        ("A bias, an alias, a schema", "biases aliases schemas"),
        ("Biases, aliases, schemas", "bias alias schema"),
        ("Its class and process", "classes processes"),
        ("Полиморфизм в коде", "полиморфизм"),
        ("How do you write a résumé?", "resume"),
        ("Straße", "STRASSE"),
        ("C++ or C#?", "c++ c#"),
        ("模型选择", "模型"),
        ("Fine-tuning or RAG?", "fine-tun"),
    ],
)
def test_case_accents_and_plurals_do_not_matter(client, text, words):
    assert finds(client, words, text=text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two rates", "rat loss"),
        ("You lose it", "losses"),
        ("A rat", "rates"),
        ("A fragment", "rag"),
        ("RAG, then more", "ra more"),
        ("C", "c++"),
    ],
)
def test_a_part_of_a_word_is_no_word_but_at_its_beginning_and_last(client, text, words):
    assert not finds(client, words, text=text)


@pytest.mark.parametrize(
    "values",
    [
        {"answer": "It is **retrieval**."},
        {"short_answer": "It is *retrieval*."},
        {"weak_answer": "“Retrieval.”"},
        {"key_points": ["Names `retrieval`"]},
        {"follow_ups": [{"question": "And then?", "hint": "Think of retrieval."}]},
        {"sources": [{"title": "On retrieval", "url": "https://a.example/x"}]},
    ],
)
def test_all_that_a_reader_sees_is_searched(client, values):
    assert finds(client, "retrieval", **values)


def test_topics_are_searched_and_addresses_and_markup_are_not(client):
    assert finds(client, "embeddings", topics=[make_topic(name="Embeddings")])
    values = {"answer": "[A link](https://hidden.example) in **bold**.", "sources": [{"title": "Page"}]}
    assert not finds(client, "hidden", **values)
    assert not finds(client, "strong", **values)


@pytest.mark.parametrize("words", ["**", "?!", "—"])
def test_signs_alone_are_an_error_that_says_what_to_type(client, words):
    role = make_role()
    make_question(roles=[role])
    page = client.get(role.get_absolute_url(), {"q": words})
    assert page.status_code == 400
    assert "Type at least one letter or digit." in text_of(page)
    assert "1 of 1" in text_of(page)
