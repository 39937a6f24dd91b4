"""Two versions side by side as they are read, and an old version as a page."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from questions.markdown import render
from questions.marking import marked
from questions.models import Category, Change, ChangeSet, Question, Role
from questions.recording import record
from tests.factories import make_category, make_question, make_role, make_step, make_tip, make_topic
from tests.questions.test_admin import address
from tests.questions.test_desk import member, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return member("Writers")


@pytest.fixture
def editor():
    return member("Editors")


def versions_of(row):
    """The applied changes of a document, the oldest first."""
    return list(Change.objects.applied().filter(kind=row.kind, uid=row.uid).order_by("pk"))


def compare(client, row, **query):
    return client.get(
        address(type(row), "compare", row.pk), {name.rstrip("_"): pk for name, pk in query.items()}
    )


def sides_of(page):
    """What either side shows, as HTML."""
    return re.findall(r'<article class="read">(.*?)</article>', page.content.decode(), re.DOTALL)


def changed(row, **values):
    """`row` with other values, as another version."""
    row = type(row).objects.get(pk=row.pk)
    with record():
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    return row


# What is marked


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        (
            "<p>One two three</p>",
            "<p>One four three</p>",
            "<p>One <del>two</del> three</p>",
            "<p>One <ins>four</ins> three</p>",
        ),
        # Another link, or another emphasis, is a difference though the words are the same.
        (
            '<p>See <a href="/a">it</a></p>',
            '<p>See <a href="/b">it</a></p>',
            '<p>See <a href="/a"><del>it</del></a></p>',
            '<p>See <a href="/b"><ins>it</ins></a></p>',
        ),
        (
            "<p>Say it</p>",
            "<p>Say <em>it</em></p>",
            "<p>Say <del>it</del></p>",
            "<p>Say <em><ins>it</ins></em></p>",
        ),
        # A formula is one word, and what divides paragraphs marks them whole.
        (
            "<p><math><mi>x</mi></math></p>",
            "<p><math><mi>y</mi></math></p>",
            "<p><del><math><mi>x</mi></math></del></p>",
            "<p><ins><math><mi>y</mi></math></ins></p>",
        ),
        (
            "<p>One two</p>",
            "<p>One</p><p>two</p>",
            "<del><p>One two</p></del>",
            "<ins><p>One</p><p>two</p></ins>",
        ),
        (
            "<ul><li>a</li><li>b</li></ul>",
            "<ul><li>b</li></ul>",
            "<ul><li><del>a</del></li><li>b</li></ul>",
            "<ul><li>b</li></ul>",
        ),
    ],
)
def test_words_are_marked_within_their_elements(before, after, left, right):
    assert marked(before, after) == (left, right)


PIECES = ["one", "two", "*three*", "\n\n", "\n- four", "[five](/a)", "`x < y`", "$z^2$", "<b>"]
TABLE, CODE = "\n\n| a | b |\n| - | - |\n| c & d | e |\n\n", "\n```\nif a:\n```\n"
NOTE = 'six[^n]\n\n[^n]: Note "1".\n\n'
MARKDOWN = st.lists(st.sampled_from([*PIECES, TABLE, CODE, NOTE]), max_size=12).map(" ".join)


@given(MARKDOWN, MARKDOWN)
def test_marks_change_nothing_else(before, after):
    texts = render(before), render(after)
    for text, html, tag in zip(texts, marked(*texts), ("del", "ins"), strict=True):
        unmarked = re.sub(rf"</?{tag}>", "", html)
        assert re.sub(r"[ab]-(fn(?:ref)?-)", r"\1", unmarked) == text
        assert html.count(f"<{tag}>") == html.count(f"</{tag}>")


def test_a_numbered_list_keeps_its_numbers_where_equal_entries_are_folded():
    before, after = ("".join(f"<li>{word}</li>" for word in text.split()) for text in ("a b c d", "a b x d"))
    left, _right = marked(f"<ol>{before}</ol>", f"<ol>{after}</ol>", only_different=True)
    assert left == (
        '<ol><li class="unchanged" value="2">2 entries unchanged</li><li><del>c</del></li>'
        '<li class="unchanged" value="4">1 entry unchanged</li></ol>'
    )


# Comparing


def test_two_versions_are_shown_as_they_are_read(editor):
    topic = make_topic(name="Monitoring")
    question = make_question(
        answer="Use **PSI** now.", difficulty="easy", topics=[topic], key_points=["Names `PSI`"]
    )
    changed(question, answer="Use **KL** now.", difficulty="hard")
    page = compare(editor, question)
    left, right = sides_of(page)
    assert "Use <strong><del>PSI</del></strong> now." in left
    assert "Use <strong><ins>KL</ins></strong> now." in right
    assert "Monitoring" in left
    assert 'Names <code dir="ltr">PSI</code>' in right
    assertContains(page, "2 parts differ: difficulty, topics, answer. The same in both: question")


def test_only_what_differs_can_be_shown(editor):
    question = make_question(answer="Stays.\n\nGoes.", key_points=["Never changed"])
    changed(question, answer="Stays.\n\nComes.")
    left, right = sides_of(compare(editor, question, only="differences"))
    assert "1 paragraph unchanged" in left
    assert "<ins>Comes</ins>" in right
    assert "Never changed" not in right


def test_versions_are_chosen_swapped_and_stepped_through(editor):
    question = make_question(answer="One.")
    for answer in ("Two.", "Three."):
        changed(question, answer=answer)
    first, second, third = versions_of(question)
    page = compare(editor, question, from_=first.pk, to=third.pk)
    left, right = sides_of(page)
    assert "<del>One</del>" in left
    assert "<ins>Three</ins>" in right
    assert re.findall(r'<option\s+value="(\d+)"', page.content.decode())[:3] == [
        str(version.pk) for version in (third, second, first)
    ]
    assertContains(page, f"?from={third.pk}&amp;to={first.pk}")
    assertContains(page, f'<a href="?from={first.pk}&amp;to={second.pk}" rel="prev">')
    assertNotContains(page, 'rel="next"')
    assertContains(
        compare(editor, question, to=first.pk), f'<a href="?from={first.pk}&amp;to={second.pk}" rel="next">'
    )


def test_what_waits_is_compared_with_what_is_public(writer, editor):
    question = make_question(answer="Public words.")
    save(writer, question, answer="Proposed words.", note="They are wrong.")
    waiting = Change.objects.get(changeset__state="proposed")
    page = compare(editor, question, to=waiting.pk)
    left, right = sides_of(page)
    assert "<del>Public</del>" in left
    assert "<ins>Proposed</ins>" in right
    assertContains(page, "They are wrong.")
    assertContains(compare(writer, question, to=waiting.pk), "Proposed")


def test_a_role_is_compared_with_its_order_steps_and_tips(editor):
    role = make_role(intro="What it is.")
    questions = [make_question(roles=[role], text=f"Number {number}?") for number in range(3)]
    step, tip = (
        make_step(role=role, title="Foundations", body="Learn *it*."),
        make_tip(role=role, text="Be early."),
    )
    placement = role.placements.get(question=questions[2])
    with record():
        placement.position = 0
        placement.save()
        step.body = "Build *it*."
        step.save()
        tip.delete()
    left, right = sides_of(compare(editor, role))
    assert "<del>Number 2?</del>" in left
    assert right.index("Number 2?") < right.index("Number 0?")
    assert "<ins>Build</ins> <em>it</em>" in right
    assert "<del>Be early.</del>" in left
    assert "Interview tips: none" in right


@pytest.mark.parametrize("make", [make_category, make_topic])
def test_small_documents_are_compared_too(editor, make):
    row = make(name="Old name")
    changed(row, name="New name")
    left, right = sides_of(compare(editor, row))
    assert "<del>Old</del> name" in left
    assert "<ins>New</ins> name" in right


def test_versions_that_read_the_same_say_so(editor):
    question = make_question(answer="It is *this*.")
    changed(question, answer="It is _this_.")
    assertContains(compare(editor, question), "Both read the same.")


def test_the_first_version_has_nothing_before_it(editor):
    question = make_question()
    page = compare(editor, question, to=versions_of(question)[0].pk)
    assertContains(page, "This is the first version.")
    assert "<ins>" not in page.content.decode()


def test_what_is_gone_is_compared_by_its_versions_and_brought_back(editor, writer):
    question = make_question(status="draft", answer="One.")
    changed(question, answer="Two.")
    pk = question.pk
    Question.objects.get(pk=pk).delete()
    question.pk = pk
    first, second, deletion = versions_of(question)
    page = compare(editor, question, from_=first.pk, to=second.pk)
    assertContains(page, "It is gone:")
    assert "<ins>Two</ins>" in sides_of(page)[1]
    assertContains(compare(writer, question, to=deletion.pk), "It was deleted here")
    assertNotContains(compare(writer, question, to=deletion.pk), "Bring back")
    editor.post(re.search(r'action="([^"]*bring-back[^"]*)"', page.content.decode())[1])
    again = Question.objects.get(uid=question.uid)
    question.pk = again.pk + 1
    # A link from before its deletion leads on to what was brought back.
    assertRedirects(
        compare(editor, question, to=second.pk), f"{address(Question, 'compare', again.pk)}?to={second.pk}"
    )


def test_a_version_of_something_else_is_not_shown(editor, writer):
    question, other = make_question(), make_question()
    save(writer, question, answer="Discarded.")
    ChangeSet.objects.get(state="proposed").discard(writer.user)
    discarded = Change.objects.get(changeset__state="discarded")
    for pk in (versions_of(other)[0].pk, discarded.pk, 10**6, "x", "9" * 30):
        page = compare(editor, question, to=pk)
        assertContains(page, "There is no such version", status_code=404)
    assert editor.get(address(Question, "compare", 10**6)).status_code == 404
    assert editor.get(address(Role, "compare", 1), {"to": versions_of(other)[0].pk}).status_code == 404


def test_a_stranger_compares_nothing(client):
    question = make_question()
    assert compare(client, question).status_code == 302


def test_no_version_brings_html_of_its_own(editor):
    evil = "<script>alert(1)</script>"
    question = make_question(
        text=f"What {evil}?", answer=f"{evil}\n\n[it](javascript:alert(1))", key_points=[evil]
    )
    # Not even one that no form would have let in.
    first = versions_of(question)[0]
    words = first.after | {
        "sources": [{"title": evil, "url": "javascript:alert(1)"}],
        "label": evil,
        "status": evil,
    }
    Change.objects.filter(pk=first.pk).update(after=words)
    changed(question, answer="Another.", text="Another?", key_points=["Another"])
    page = compare(editor, question).content.decode()
    article = "".join(sides_of(compare(editor, question)))
    assert "alert(1)" in article
    assert "<script>alert" not in page
    assert 'href="javascript:' not in page


@pytest.mark.parametrize("length", [1, 30])
def test_a_comparison_costs_a_fixed_number_of_queries(editor, length, django_assert_max_num_queries):
    role = make_role()
    for number in range(length):
        make_question(roles=[role], topics=[make_topic()])
        make_step(role=role)
        changed(role, intro=f"Number {number}.")
    compare(editor, role)
    with django_assert_max_num_queries(11):
        compare(editor, role)


# As a page


def page_link(client, row, place=0):
    """The link to the page of a version, the newest of which comes first in the history."""
    page = client.get(address(type(row), "history", row.pk)).content.decode()
    return re.findall(r'href="(/preview/[^"]+)"', page)[place]


def test_an_old_version_is_a_page_for_those_who_have_the_link(editor, client, time_machine):
    question = make_question(answer="Old words.", topics=[make_topic(name="Monitoring")])
    changed(question, answer="New words.")
    link = page_link(editor, question, 1)
    page = client.get(link)
    assertContains(page, "Old words.")
    assertContains(page, "Monitoring")
    assertContains(page, "An old version, as it was saved on")
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in page.headers["Cache-Control"]
    assertNotContains(client.get(question.get_absolute_url()), "Old words.")
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    assert client.get(link).status_code == 404


def test_an_old_role_has_its_order_steps_and_tips(editor, client):
    role = make_role(name="Tester")
    questions = [make_question(roles=[role], text=f"Number {number}?") for number in range(2)]
    make_step(role=role, title="Foundations")
    tip = make_tip(role=role, text="Be early.")
    with record():
        placement = role.placements.get(question=questions[1])
        placement.position = 0
        placement.save()
        tip.delete()
    page = client.get(page_link(editor, role, 1)).content.decode()
    assert page.index("Number 0?") < page.index("Number 1?")
    assert "Foundations" in page
    assert "Be early." in page
    assert 'id="filters"' not in page


def test_an_old_topic_has_its_old_name(editor, client):
    topic = make_topic(name="Old name")
    make_question(topics=[topic], text="Asked?")
    changed(topic, name="New name")
    page = client.get(page_link(editor, topic, 1))
    assertContains(page, "Old name")
    assertContains(page, "Asked?")


def test_the_history_of_a_category_and_a_deletion_link_to_no_page(editor):
    category = make_category()
    assertNotContains(editor.get(address(Category, "history", category.pk)), "See it as a page")


def test_the_history_leads_to_comparisons(editor):
    question = make_question()
    changed(question, answer="Another.")
    first, second = versions_of(question)
    page = editor.get(address(Question, "history", question.pk))
    url = address(Question, "compare", question.pk)
    assertContains(page, f'href="{url}?from={first.pk}"')
    assertContains(page, f'href="{url}?to={second.pk}"')
