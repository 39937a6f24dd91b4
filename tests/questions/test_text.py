"""Text that no page may hold, and text that is meant otherwise than typed, by every way in."""

import json
import re
import unicodedata
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.forms import modelform_factory
from hypothesis import given
from hypothesis import strategies as st

from questions import text
from questions.fields import LineField, LinesField, LinksField, MarkdownField, SlugField
from questions.models import Question, Topic
from questions.recording import record
from tests.factories import make_category, make_question, make_role, make_step, make_tip, make_topic

pytestmark = pytest.mark.once

UNFIT = "\0\x08\x1b\x7f\x9f\ud800\udfff\ufffe\uffff\ufdd0\U0001ffff"
CAFE = unicodedata.normalize("NFD", "café")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (f"a{UNFIT}b", "ab"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\vb\fc\x85d\u2028e", "a\nb\nc\nd\ne"),
        ("tab\tand emoji 👩‍💻 and नि stay", "tab\tand emoji 👩‍💻 and नि stay"),
    ],
)
def test_clean_removes_what_no_page_may_hold(typed, stored):
    assert text.clean(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("\n \n    code\n\nwords \n\n", "    code\n\nwords"),
        ("\tcode", "\tcode"),
        ("   \n\t\n", ""),
        ("\u3000一段", "\u3000一段"),
    ],
)
def test_block_keeps_the_indent_of_its_first_line(typed, stored):
    assert text.block(typed) == stored


def test_line_is_one_line():
    assert text.line("  a\n\n b\t\u00a0c\v ") == "a b c"


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_cleaning_twice_changes_nothing_more_and_all_databases_take_it(typed):
    for function in (text.clean, text.block, text.line, text.address):
        once = function(typed)
        assert function(once) == once
        assert "\0" not in once
        once.encode()


def test_strings_within_json_are_cleaned_and_the_rest_kept():
    value = {"a\0": [" x\ny ", 1, None, True, {"b": ("z\ud800",)}]}
    assert text.in_all(value, text.line) == {"a": ["x y", 1, None, True, {"b": ["z"]}]}


# Fields


def field(kind, **options):
    made = kind(**options)
    made.set_attributes_from_name("words")
    return made


FIELDS = [
    (field(LineField, max_length=50), f" a{UNFIT}\n b ", "a b"),
    (field(SlugField), f"{CAFE}\0\n", "café"),
    (field(MarkdownField, html="html"), "\r\n    a\0\r\n", "    a"),
    (field(LinesField), [" a\nb\0 ", "c"], ["a b", "c"]),
    (field(LinksField), [{"title": " a\n\ud800b "}], [{"title": "a b"}]),
]


@pytest.mark.parametrize(("of_kind", "typed", "stored"), FIELDS)
def test_each_field_cleans_by_every_way(of_kind, typed, stored):
    assert of_kind.clean(typed, None) == stored
    instance = SimpleNamespace(words=typed)
    assert of_kind.pre_save(instance, add=True) == stored
    assert instance.words == stored
    as_written = of_kind.get_db_prep_save(typed, connection)
    expected = of_kind.get_db_prep_save(stored, connection)  # psycopg wraps JSON
    assert getattr(as_written, "obj", as_written) == getattr(expected, "obj", expected)


@pytest.mark.parametrize("of_kind", [kind for kind, _typed, _stored in FIELDS])
def test_expressions_and_nothing_pass_unchanged(of_kind):
    assert of_kind.cleaned(None) is None
    expression = F("other")
    assert of_kind.cleaned(expression) is expression


def test_what_is_looked_for_keeps_its_spaces_and_loses_what_no_database_takes():
    assert field(LineField, max_length=50).get_prep_value("What is \0\ud800") == "What is "
    assert field(SlugField).get_prep_value(CAFE) == "café"


def test_length_is_that_of_the_cleaned_line():
    line = field(LineField, max_length=3)
    assert line.clean("  a \n b  ", None) == "a b"
    with pytest.raises(ValidationError, match="at most 3"):
        line.clean("a b c", None)


def test_line_of_nothing_visible_is_empty():
    with pytest.raises(ValidationError):
        field(LineField, max_length=50).clean(" \0\n ", None)


def test_form_field_of_a_line_cleans_before_it_validates():
    form_field = field(LineField, max_length=3).formfield()
    assert form_field.clean(" a\0\n b ") == "a b"
    assert not form_field.has_changed("a b", "a  b ")
    with pytest.raises(ValidationError, match="required"):
        form_field.clean("\0 \n")


# Ways in


@pytest.mark.django_db
def test_answer_is_cleaned_however_it_is_written():
    question = make_question(answer="\n    code\x0b\0\r\n")
    assert question.answer == "    code"
    assert question.answer_html.startswith("<pre")
    question.answer = "\ud800Again\x08 "
    question.save()
    assert question.answer == "Again"
    question.refresh_from_db()
    assert question.answer == "Again"
    Question.objects.filter(pk=question.pk).update(answer="\0Thrice\ufffe\n", key_points=[" a\nb\0 "])
    question.refresh_from_db()
    assert question.answer == "Thrice"
    assert question.answer_html.endswith(">Thrice</p>\n")
    assert question.key_points == ["a b"]


@pytest.mark.django_db
def test_form_keeps_an_answer_that_begins_with_code():
    question = make_question(answer="Words.")
    form_class = modelform_factory(Question, fields=["answer", "key_points", "sources"])
    data = {"answer": "\r\n    x = 1\r\n\0", "key_points": "a\0\vb", "sources": "A \ufffe book"}
    form = form_class(data, instance=question)
    assert form.is_valid(), form.errors
    with record():
        form.save()
    question.refresh_from_db()
    assert question.answer == "    x = 1"
    assert question.key_points == ["a", "b"]
    assert question.sources == [{"title": "A book"}]


@pytest.mark.django_db
def test_addresses_are_composed_and_found_in_either_form(client):
    topic = make_topic(name="Cafe", slug=CAFE)
    assert topic.slug == "café"
    assert Topic.objects.get(slug=CAFE) == topic
    make_question(topics=[topic])
    assert client.get(f"/topics/{CAFE}/").status_code == 200


@pytest.mark.django_db
def test_control_characters_take_down_neither_feed_nor_sitemap_nor_structured_data(client):
    role = make_role(
        name=f"Tester{UNFIT}", intro=f"Intro{UNFIT}", category=make_category(name=f"Field{UNFIT}")
    )
    topic = make_topic(name=f"Subject{UNFIT}")
    question = make_question(roles=[role], topics=[topic], text=f"What{UNFIT}?", slug=f"what{UNFIT}")
    step = make_step(role=role, title=f"Step{UNFIT}", body=f"Do{UNFIT}")
    tip = make_tip(role=role, text=f"Tip{UNFIT}")
    for row, name in [(role, "name"), (role.category, "name"), (topic, "name"), (question, "label")]:
        type(row).objects.filter(pk=row.pk).update(**{name: f"again{UNFIT}"})
    type(step).objects.filter(pk=step.pk).update(body=f"Again{UNFIT}")
    type(tip).objects.filter(pk=tip.pk).update(text=f"Again{UNFIT}")
    index = client.get("/sitemap.xml").content.decode()
    parts = re.findall(r"<loc>http://127.0.0.1:8000(.*?)</loc>", index)
    assert len(parts) == 4
    for path in ("/feed/", "/sitemap.xml", *parts):
        ElementTree.fromstring(client.get(path).content)
    for path in ("/", "/questions/what/", role.get_absolute_url(), topic.get_absolute_url()):
        page = client.get(path).content.decode()
        assert text.fit(page) == page
        for data in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
            json.loads(data)
