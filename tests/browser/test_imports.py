"""Imports in a browser: files are sent with their progress, choices are kept as they are made."""

import pytest
from playwright.sync_api import expect

from questions.models import Import, Question
from tests.factories import make_curator, make_question

from .curator import listen, log_in

TABLE = "question,answer\nWhat is recall?,A part.\nWhy do we test?,To know.\nWhat is drift?,It moves.\n"


@pytest.fixture
def doors(page, client, live_server, transactional_db):
    log_in(page, client, live_server, make_curator())
    page.goto(f"{live_server.url}/admin/questions/import/")
    return page


def send(page, text, name="deck.csv"):
    file = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    page.get_by_label("Choose one or more files").set_input_files([file])
    page.get_by_role("button", name="Read the file").click()


def test_choices_are_kept_as_they_are_made(doors):
    page, console_messages = doors, listen(doors)
    make_question(text="What is recall, and what is it for?")
    send(page, TABLE)
    page.get_by_label("Take item 2").uncheck()
    expect(page.get_by_role("button", name="Apply these 1")).to_be_visible()
    page.get_by_label("Take it as new").check()
    expect(page.get_by_text("Makes 2 new, leaves 1 out.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Take item 2")).not_to_be_checked()
    page.get_by_label("Take item 3").uncheck()
    page.get_by_role("button", name="Apply these").click()  # at once: it waits for the choice
    expect(page.get_by_text("Imported 1: 1 draft.")).to_be_visible()
    assert Question.objects.filter(status="draft").get().text == "What is recall?"
    assert console_messages == []


def test_what_cannot_be_read_is_told_where_one_is(doors):
    page = doors
    send(page, "damaged", "deck.xlsx")
    expect(page.get_by_text("This is no .xlsx file")).to_be_visible()
    page.get_by_label("Paste the page").fill('{"questions": [')
    page.get_by_role("button", name="Read what I pasted").click()
    expect(page.get_by_text("Not JSON")).to_be_visible()
    expect(page.get_by_label("Paste the page")).to_have_value('{"questions": [')
    page.get_by_label("Paste the page").fill("## Why?\n\nSo.")
    page.get_by_role("button", name="Read what I pasted").click()
    expect(page.get_by_role("heading", name="pasted: one item")).to_be_visible()
    assert Import.objects.count() == 1
