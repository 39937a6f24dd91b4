"""The admin in the site's look: on a phone and on a wide screen, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from questions.changes import ChangeSet
from questions.recording import record
from tests.factories import (
    make_category,
    make_curator,
    make_import,
    make_question,
    make_role,
    make_step,
    make_tip,
    make_topic,
)

from .curator import listen, log_in

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
PAGES = [
    "login/",
    "",
    "questions/question/",
    "questions/question/?status=published&q=share",
    "questions/question/{question}/change/",
    "questions/question/add/",
    "questions/role/",
    "questions/role/{role}/change/",
    "questions/question/{question}/history/",
    "questions/changeset/",
    "questions/changeset/{changeset}/change/",
    "questions/import/",
    "questions/import/{import}/change/?edit=0",
    "auth/user/",
    "auth/user/add/",
]


@pytest.fixture
def desk(page, client, live_server, transactional_db):
    """A function that opens a page of the admin, given its path."""
    with record():
        role = make_role(name="AI Engineer", category=make_category(name="AI & Machine Learning"))
        topics = [make_topic(name="Evaluation")]
        for text in "What is recall?", "What is drift?", "Design a search. " * 8:
            question = make_question(
                roles=[role], topics=topics, text=text.strip(), answer="The *share*.\n\n```\na\n```"
            )
        make_step(role=role, title="Foundations")
    make_tip(role=role, text="Tie every concept to something you built.")
    curator = make_curator()
    text = "question,answer,topics\nWhat is recall?,A part.,Metrics\nIs it so?,,\n" + "x" * 301 + "?,So.,\n"
    imported = make_import(text + ",left over\n", "list.csv")
    keys = {
        "import": imported.pk,
        "question": question.pk,
        "role": role.pk,
        "changeset": ChangeSet.objects.applied().latest("pk").pk,
    }

    def open_page(path):
        if path != "login/":
            log_in(page, client, live_server, curator)
        page.goto(f"{live_server.url}/admin/{path.format(**keys)}")
        page.wait_for_load_state("networkidle")  # previews are there

    return open_page


def assert_axe_finds_no_fault(page):
    results = Axe().run(page, options=RULES)
    assert results.violations_count == 0, f"{page.url}: {results.generate_report()}"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_the_console_is_silent_and_axe_finds_no_fault(page, desk, path):
    console_messages = listen(page)
    page.emulate_media(color_scheme="light")
    for width in 320, 800, 1440:
        page.set_viewport_size({"width": width, "height": 800})
        desk(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    assert console_messages == []  # before axe adds to them
    assert_axe_finds_no_fault(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    desk(path)
    assert_axe_finds_no_fault(page)


def test_the_admin_and_the_site_share_a_theme(page, desk, live_server):
    desk("")
    page.locator(".account summary").click()
    page.get_by_text("Dark", exact=True).click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto(live_server.url)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark
    page.get_by_text("System", exact=True).click()
    console_messages = listen(page)
    desk("")
    page.locator(".account summary").click()
    assert page.get_by_label("System").is_checked()
    assert console_messages == []


def test_the_word_mark_leads_to_the_desk(page, desk, live_server):
    desk("questions/role/")
    page.get_by_role("link", name="Interview Prep").click()
    assert page.url == f"{live_server.url}/admin/"


def test_the_log_in_page_names_whom_to_ask(page, desk, settings):
    settings.CURATOR_CONTACT = "desk@example.org"
    desk("login/")
    assert page.get_by_text("Forgotten your password? Write to desk@example.org.").is_visible()
    settings.CURATOR_CONTACT = ""
    desk("login/")
    assert page.get_by_text("Forgotten").count() == 0
