"""The search page and the suggestions, as a reader uses them. What words find is tested with the engine."""

import re

import pytest
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains, assertNotContains

from questions import results
from questions.recording import record
from questions.search import Hits
from tests.factories import make_question, make_role, make_topic
from tests.reading import compact, text_of

pytestmark = pytest.mark.django_db


# The engine's: two for the words, three for each of questions, roles and topics. And what these are called.
QUERIES = 2 + 3 * 3 + 3


def ask(client, status=200, **query):
    page = client.get("/search/", query)
    assert page.status_code == status
    return page


def found(page):
    """The questions that a page lists, in its order."""
    titles = re.findall(r'<li class="result">\s*<h2>(.*?)</h2>', page.content.decode())
    return [strip_tags(title) for title in titles]


def counts(page, name):
    """What each choice says that a click will show: {value: count}."""
    return dict(re.findall(rf'name="{name}" value="([\w-]+)"[^>]*>.*?class="count">([\d+]+)', compact(page)))


def disabled(page):
    return re.findall(r'value="([\w-]+)" disabled', compact(page))


# What is found


def test_a_question_is_found_and_shown_with_its_place_and_the_words_marked(client):
    role = make_role(name="AI Engineer")
    make_question(
        roles=[role],
        text="How do you measure `Retrieval`?",
        short_answer="I would label `fifty` queries; Retrieval is judged apart from the answer.",
        difficulty="hard",
    )
    make_question(text="What is drift?")
    page = ask(client, q="retrieval")
    assert found(page) == ["How do you measure Retrieval?"]
    assertContains(page, '<a href="/questions/how-do-you-measure-retrieval/">')
    assertContains(page, "<mark>Retrieval</mark></code>")
    assertContains(page, "queries; <mark>Retrieval</mark> is judged apart")
    text = text_of(page)
    assert "1 question." in text
    assert "Hard AI Engineer" in text


def test_where_only_the_title_has_the_words_the_answer_begins_below_it(client):
    make_question(text="What is recall?", short_answer="The share that was found.")
    assert "The share that was found." in text_of(ask(client, q="recall"))


def test_a_bank_may_hold_html_and_the_reader_sees_it_as_text(client):
    make_question(text="What does <script> do?", short_answer="A `<script>` runs & blocks.")
    page = ask(client, q="script")
    assertContains(page, "&lt;<mark>script</mark>&gt;")
    assertNotContains(page, "<script> do")


def test_drafts_are_not_found_and_retired_questions_are_gone_at_once(client):
    make_question(text="Is this draft hidden?", status="draft")
    retired = make_question(text="Is this hidden, too?")
    assert found(ask(client, q="hidden")) == ["Is this hidden, too?"]
    retired.status = "retired"
    retired.save()
    assert found(ask(client, q="hidden")) == []


def test_roles_and_topics_of_that_name_are_linked(client):
    make_question(topics=[make_topic(name="Search")], text="What is search?")
    assert "1 question and 1 topic, Search." in text_of(ask(client, q="search"))
    make_role(name="Search Engineer")
    page = ask(client, q="search")
    assert "1 question, 1 role, Search Engineer, and 1 topic, Search." in text_of(page)
    assertContains(page, '<a href="/interview-questions/search-engineer/">')
    assertContains(page, '<a href="/topics/search/">')


def test_of_many_roles_of_that_name_the_first_are_linked(client):
    for name in ("Data", "Web", "Cloud", "Mobile", "Platform"):
        make_role(name=f"{name} Engineer")
    assert re.search(r"0 questions and 5 roles, [\w ,]+ and 2 more\.", text_of(ask(client, q="engineer")))


def test_a_typing_error_is_corrected_and_said(client):
    make_question(text="What is retrieval?")
    page = ask(client, q="retrival")
    assert found(page) == ["What is retrieval?"]
    assert "No question has “retrival”; these have “retrieval”." in text_of(page)


def test_where_nothing_has_all_the_words_the_page_says_so(client):
    make_question(text="What is retrieval?", answer="Finding documents.")
    make_question(text="What is zeugma?", answer="A figure of speech.")
    page = ask(client, q="retrieval documents zeugma")
    assert found(page) == ["What is retrieval?"]
    assert "No question has all of these words; these have most of them." in text_of(page)


def test_nothing_found_leads_on(client):
    make_question(text="What is recall?")
    page = ask(client, q="xyzzyx")
    assert found(page) == []
    text = text_of(page)
    assert "Nothing found" in text
    assert "See all topics" in text
    assert "See all roles" in text
    assert "Filter" not in text


@pytest.mark.parametrize(
    "words",
    ["שלום עולם", "% _ 100%", "a\0b", "NEAR(", '"open', "C++", "x" * 300, "<script>alert(1)</script>"],
)
def test_any_words_are_shown_as_they_were_typed(client, words):
    page = ask(client, q=words)
    shown = words.replace("\0", "").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assertContains(page, f'value="{shown}"')


# Parts


def test_what_is_found_comes_in_parts_with_addresses_of_their_own(client):
    with record():
        for number in range(21):
            make_question(text=f"What is recall {number}?")
    first = ask(client, q="recall")
    assert len(found(first)) == 20
    assertContains(first, 'rel="next"')
    assertContains(first, "page=2")
    second = ask(client, q="recall", page="2")
    assert len(found(second)) == 1
    assert not set(found(first)) & set(found(second))
    assert "21 questions." in text_of(second)


@pytest.mark.parametrize("number", ["0", "-1", "99", "9" * 5000, "x"])
def test_a_part_that_is_none_is_the_first_or_the_last_one(client, number):
    make_question(text="What is recall?")
    assert found(ask(client, q="recall", page=number)) == ["What is recall?"]


# Narrowing


@pytest.fixture
@record()
def models():
    """Questions that have the word “model”: easy and hard, in two roles, with two topics."""
    one, other = make_role(name="AI Engineer"), make_role(name="Data Scientist")
    rag, drift = make_topic(name="RAG"), make_topic(name="Drift")
    make_question(text="Model one?", difficulty="easy", roles=[one, other], topics=[rag])
    make_question(text="Model two?", difficulty="hard", roles=[one], topics=[rag, drift])
    make_question(text="Model three?", difficulty="hard", roles=[other], topics=[drift])
    make_question(text="Another?", difficulty="medium", roles=[other])


def test_choices_show_what_a_click_will_show(client, models):
    page = ask(client, q="model")
    assert counts(page, "difficulty") == {"easy": "1", "medium": "0", "hard": "2"}
    assert counts(page, "role") == {"ai-engineer": "2", "data-scientist": "2"}
    assert counts(page, "topic") == {"drift": "2", "rag": "2"}
    assert disabled(page) == ["medium"]
    narrowed = ask(client, q="model", difficulty="hard", role="ai-engineer")
    assert found(narrowed) == ["Model two?"]
    assert counts(narrowed, "difficulty") == {"easy": "1", "medium": "0", "hard": "1"}
    assert counts(narrowed, "role") == {"ai-engineer": "1", "data-scientist": "1"}
    assert counts(narrowed, "topic") == {"drift": "1", "rag": "1"}


def test_values_of_one_facet_add_and_those_of_several_narrow(client, models):
    assert len(found(ask(client, q="model", difficulty=["easy", "hard"]))) == 3
    assert found(ask(client, q="model", difficulty=["easy", "hard"], topic="rag", role="data-scientist")) == [
        "Model one?"
    ]


def test_at_most_ten_roles_are_offered_and_the_chosen_ones_are_among_them(client):
    roles = [make_role(name=f"Role {letter}") for letter in "ABCDEFGHIJKLM"]
    with record():
        for length in range(1, 14):
            make_question(text=f"Model {length}?", roles=roles[:length])
    offered = counts(ask(client, q="model"), "role")
    assert (len(offered), offered["role-a"], "role-m" in offered) == (10, "13", False)
    offered = counts(ask(client, q="model", role="role-m"), "role")
    assert (len(offered), offered["role-m"]) == (10, "1")


def test_a_filter_without_words_lists(client, models):
    page = ask(client, difficulty="hard")
    assert set(found(page)) == {"Model two?", "Model three?"}
    assert "2 questions." in text_of(page)
    assert counts(page, "role") == {"ai-engineer": "1", "data-scientist": "1"}


def test_words_that_the_filter_does_not_let_through_lead_out_of_it(client, models):
    page = ask(client, q="model", difficulty="medium")
    assert found(page) == []
    assert "Nothing here matches all of that" in text_of(page)
    assertContains(page, '<a class="plain" href="/search/?q=model">')
    assertContains(page, '<a class="clear" href="/search/?q=model">')


def test_of_more_than_a_thousand_counts_say_at_least(client, models, monkeypatch):
    """The engine reads a thousand; what a filter lets through is looked for again."""
    find = results.find
    asked = []

    def find_at_most_two(query, *, kind="question", **facets):
        hits = find(query, kind=kind, **facets)
        asked.append(facets)
        return hits if facets or kind != "question" else Hits(hits.rows[:2], True, False)

    monkeypatch.setattr(results, "find", find_at_most_two)
    page = ask(client, q="model")
    assert "2+ questions." in text_of(page)
    assert set(counts(page, "difficulty").values()) <= {"0+", "1+", "2+"}
    assert disabled(page) == []
    narrowed = ask(client, q="model", difficulty=["easy", "hard"])
    assert len(found(narrowed)) == 3
    assert "3 questions." in text_of(narrowed)


# What is wrong with a request


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"difficulty": ["impossible", "hard"]}, "“impossible” is not one of the choices."),
        ({"role": ["nobody"]}, "There is no role “nobody”."),
        ({"topic": ["nothing", "rag"]}, "There is no topic “nothing”."),
    ],
)
def test_an_unknown_value_is_told_at_its_field_and_the_rest_applies(client, models, query, message):
    page = ask(client, 400, q="model", **query)
    assert message in text_of(page)
    assert found(page) == found(ask(client, q="model", **{name: value[1:] for name, value in query.items()}))


def test_a_role_in_review_is_no_choice(client):
    make_role(name="Secret", status="review")
    assert "There is no role “secret”." in text_of(ask(client, 400, role="secret"))


@pytest.mark.parametrize("words", ["???", "%", "_", "\0", "…"])
def test_words_need_a_letter_or_a_digit(client, words):
    page = client.get("/search/", {"q": words})
    if words != "\0":
        assert "Type at least one letter or digit." in text_of(page)
        assert page.status_code == 400


@pytest.mark.parametrize("length", [301, 1_000_000])
def test_too_many_words_are_refused_in_a_sentence(client, length):
    page = ask(client, 400, q="x" * length)
    assert "Search for at most 300 characters." in text_of(page)
    assert len(page.content) < 20_000


def test_a_lone_surrogate_is_no_error(client):
    assert client.get("/search/", QUERY_STRING="q=%ED%A0%80recall").status_code == 200


# The page itself


def test_the_bare_page_says_what_can_be_searched_and_gives_examples(client):
    make_question(topics=[make_topic(name="RAG & co")])
    page = ask(client)
    assertContains(page, 'href="?q=RAG%20%26%20co"')
    assertContains(page, 'href="?difficulty=hard"')
    assertContains(page, '<link rel="canonical" href="http://127.0.0.1:8000/search/">')
    assertNotContains(page, "noindex")
    assert text_of(ask(client, q="")) == text_of(page)


@pytest.mark.parametrize("query", [{"q": "recall"}, {"difficulty": "hard"}, {"page": "2"}])
def test_what_was_searched_is_not_for_search_engines(client, query):
    page = ask(client, **query)
    assertContains(page, '<meta name="robots" content="noindex">')
    assertContains(page, '<link rel="canonical" href="http://127.0.0.1:8000/search/">')


@pytest.mark.parametrize("length", [1, 50])
@pytest.mark.parametrize("query", [{"q": "recall"}, {"q": "recall", "difficulty": "hard"}])
def test_queries_do_not_grow_with_what_is_found(client, django_assert_num_queries, length, query):
    roles = [make_role() for _ in range(min(length, 12))]
    topics = [make_topic() for _ in range(min(length, 12))]
    with record():  # one change set: made one by one, they take PostgreSQL a minute
        for number in range(length):
            make_question(text=f"What is recall {number}?", difficulty="hard", roles=roles, topics=topics)
    with django_assert_num_queries(QUERIES):
        page = ask(client, **query)
    assert len(found(page)) == min(length, 20)


# Suggestions


def suggest(client, words):
    page = client.get("/search/suggestions/", {"q": words})
    assert page.status_code == 200
    return page


def options(page):
    return re.findall(r'<a[^>]*role="option"[^>]*href="([^"]*)"', compact(page))


def test_suggestions_are_links_to_questions_roles_topics_and_all_results(client):
    role = make_role(name="Search Engineer")
    with record():
        for number in range(7):
            make_question(text=f"What is search {number}?", roles=[role], topics=[make_topic()])
        make_question(text="Another?", topics=[make_topic(name="Search")])
    page = suggest(client, "sear")
    links = options(page)
    assert [link.split("/")[1] for link in links] == [
        *["questions"] * 5,
        "interview-questions",
        "topics",
        "search",
    ]
    assert links[-1] == "/search/?q=sear"
    assertContains(page, "<mark>search</mark>")
    assertContains(page, 'data-status="7 suggestions"')
    assertContains(page, "results for “sear”")
    assertContains(page, "Search Engineer")


def test_a_word_that_nothing_has_suggests_nothing_and_says_so(client):
    page = suggest(client, "xyzzyx")
    assert options(page) == []
    assert text_of(page) == "Nothing found for “xyzzyx”"


@pytest.mark.parametrize("words", ["", "???", "x" * 301, "\0"])
def test_no_words_suggest_nothing(client, words):
    page = client.get("/search/suggestions/", {"q": words})
    assert (page.status_code, page.content) == (400, b"")


def test_suggestions_are_never_stored(client):
    make_question(text="What is recall?")
    page = suggest(client, "recall")
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize("length", [1, 50])
def test_suggestions_cost_a_bounded_number_of_queries(client, django_assert_max_num_queries, length):
    with record():
        for number in range(length):
            role, topic = make_role(name=f"Recall {number}"), make_topic(name=f"Recall {number}")
            make_question(text=f"What is recall {number}?", roles=[role], topics=[topic])
    with django_assert_max_num_queries(
        QUERIES + 2
    ):  # the endings of the last word; titles, where many have it
        suggest(client, "recall")


# In the header of every page


@pytest.mark.parametrize("path", ["/", "/topics/", "/about/", "/nowhere/", "/questions/what-is-recall/"])
def test_every_page_has_a_field_to_search_from(client, path):
    make_question(text="What is recall?")
    html = compact(client.get(path))
    assert re.search(r'<form class="site-search"[^>]*role="search" action="/search/">', html)
    assert html.count('name="q"') == 1
    assert re.search(r'<a class="narrow" href="/search/">Search</a>', html)


def test_the_search_page_has_one_field(client):
    assert compact(ask(client)).count('name="q"') == 1
