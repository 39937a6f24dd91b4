"""The weight of the AI Engineer page, compressed, with the words that it is shipped with."""

import re
import shutil
from html import unescape

import brotli
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.html import strip_tags

from interviewprep.storage import compact
from learningpath.models import LearningStep, Tip
from questions.models import Question, Role

KB = 1024
STATIC = settings.BASE_DIR / "static"


def weight(content, quality=11):
    """Compressed as the site compresses what it keeps: files by WhiteNoise, pages in its cache."""
    return len(brotli.compress(content.encode() if isinstance(content, str) else content, quality=quality))


@pytest.fixture
def html(db, client, tmp_path):
    """The page, of a bank that holds its role and questions only: the whole bank takes long to load."""
    content = settings.BASE_DIR / "content"
    (tmp_path / "roles").mkdir()
    (tmp_path / "questions").mkdir()
    shutil.copy(content / "bank.yaml", tmp_path)
    role = content / "roles/ai-engineer.md"
    shutil.copy(role, tmp_path / "roles")
    front = role.read_text(encoding="utf-8").split("---")[1]
    for slug in re.findall(r"^- ([\w-]+)$", front, re.MULTILINE):
        shutil.copy(content / f"questions/{slug}.md", tmp_path / "questions")
    call_command("loadbank", tmp_path, verbosity=0)
    return client.get("/interview-questions/ai-engineer/").content.decode()


def words_of(html):
    """What is there to be read: all that curators wrote, as it is stored, and the text around it."""
    around = re.sub(r'<ol\s+class="questions".*<nav class="thumb"', "", html, flags=re.DOTALL)
    return bank_words() + strip_tags(around[around.index("<body") :])


def bank_words():
    role = Role.objects.get()
    parts = [role.name, role.intro_html]
    for question in Question.objects.all():
        parts += [question.text, question.label, *question.key_points]
        parts += [question.short_answer_html, question.answer_html, question.weak_answer_html]
        parts += [text for follow_up in question.follow_ups_with_hints for text in follow_up.values()]
        parts += [text for source in question.sources for text in source.values()]
        parts += [topic.name for topic in question.topics.all()]
    for step in LearningStep.objects.all():
        parts += [step.title, step.body_html]
        parts += [text for link in step.resources for text in link.values()]
    return "\n".join([*parts, *(tip.text for tip in Tip.objects.all())])


def test_html(html):
    assert html.count('class="question leaf"') >= 11
    assert weight(html) <= 45 * KB
    assert weight(html) - weight(words_of(html)) <= 8 * KB
    # What a slower, on-the-fly compression would send stays near it.
    assert weight(html, quality=5) <= 51 * KB  # with the ways to take the questions along, and to keep them


def linked(html, pattern):
    return [collected(STATIC / path) for path in re.findall(pattern, unescape(html))]


def collected(path):
    """A static file as it is served."""
    return compact(path.read_bytes()) if path.suffix == ".css" else path.read_bytes()


def test_styles_and_the_first_screen(html):
    styles = linked(html, r'<link rel="stylesheet" href="/static/([^"]+)"')
    assert len(styles) >= 5
    assert sum(map(weight, styles)) <= 11.1 * KB
    # The first screen ends with the first question; its styles are those of the head, but for paper.
    first = html[: html.index("</details>")]
    head = re.sub(r'<link[^>]*media="print">', "", html[: html.index("</head>")])
    needed = linked(head, r'<link rel="stylesheet" href="/static/([^"]+)"')
    assert weight(first) + sum(map(weight, needed)) <= 15 * KB


def test_scripts(html):
    scripts = linked(html, r'<script\s[^>]*src="/static/([^"]+)"')
    assert len(scripts) >= 8
    assert sum(map(weight, scripts)) <= 21 * KB
    assert re.findall(r'<script\s(?![^>]*(?:defer|module|ld\+json))[^>]*src="([^"]+)"', html) == [
        "/static/js/before-paint.js"  # the theme must be known before the first paint
    ]


def test_what_marks_and_the_shelf_bring(client):
    """To learners, and to those who do something."""
    kit = client.get("/kit/role/").content.decode()
    files = linked(kit, r'(?:src|href)="/static/([^"]+)"')
    assert len(files) >= 7
    assert weight(kit) + sum(map(weight, files)) <= 12 * KB


def test_fonts():
    fonts = list((STATIC / "fonts").glob("*.woff2"))
    of_formulas = STATIC / "fonts" / "formula.woff2"  # loaded only where there is one
    assert sum(path.stat().st_size for path in fonts) <= 85 * KB
    assert sum(path.stat().st_size for path in fonts if path != of_formulas) <= 70 * KB
    assert {path.name for path in (STATIC / "fonts").glob("*OFL.txt")} == {
        "instrument-sans-OFL.txt",
        "literata-OFL.txt",
    }


def test_no_page_asks_another_site_for_anything(html):
    asked = r'<(?:script|img|iframe|link rel="(?:stylesheet|preload)")[^>]*(?:src|href)="http'
    assert not re.findall(asked, html)
