"""What is kept where one reads, in a real browser."""

import pytest
from playwright.sync_api import expect

from practice.models import Bookmark, Learner, Note, StepTick
from tests.browser.conftest import PAGES

FIRST = "#questions .question >> nth=0"


@pytest.fixture
def asked(page):
    """The addresses of practice that the page has asked for."""
    addresses = []
    page.on("request", lambda request: "/practice/" in request.url and addresses.append(request.url))
    return addresses


def test_a_reader_keeps_a_bookmark_a_note_and_a_step_and_finds_them_again(reader, asked, at):
    question = reader.locator(FIRST)
    reader.mouse.move(300, 300)
    reader.reload()
    assert asked == []  # nobody is asked for before anything is kept

    question.get_by_role("link", name="Bookmark").click()
    expect(question.get_by_role("link", name="Bookmarked")).to_be_visible()
    question.get_by_role("link", name="Note").click()
    note = question.get_by_label("Your note")
    expect(note).to_be_focused()
    note.fill("Name the cost\nof each error.")
    question.get_by_role("button", name="Save the note").click()
    expect(question.get_by_role("link", name="Note")).to_be_focused()
    reader.get_by_role("checkbox", name="Done Foundations").check()
    expect(reader.locator(".walked .done")).to_have_count(1)
    assert (Learner.objects.count(), Bookmark.objects.count()) == (1, 1)
    assert Note.objects.get().text == "Name the cost\nof each error."

    reader.reload()
    expect(question.get_by_text("Name the cost")).to_be_visible()
    expect(reader.get_by_role("checkbox", name="Done Foundations")).to_be_checked()
    reader.emulate_media(media="print")
    assert not question.get_by_text("Name the cost").is_visible()  # paper shows what is everybody's
    reader.emulate_media(media="screen")
    question.get_by_role("link", name="Bookmarked").click()
    expect(question.get_by_role("link", name="Bookmarked")).to_have_count(0)
    reader.get_by_role("checkbox", name="Done Foundations").uncheck()
    expect(reader.locator(".walked")).to_have_count(0)
    assert not Bookmark.objects.exists()
    assert not StepTick.objects.exists()

    reader.goto(at(PAGES["question"]))
    expect(reader.get_by_text("Name the cost")).to_be_visible()


def test_words_of_a_note_that_could_not_be_sent_stay_where_they_were_written(page, at):
    page.goto(at(PAGES["role"]))
    question = page.locator(FIRST)
    question.get_by_role("link", name="Note").click()
    question.get_by_label("Your note").fill("Not to be lost.")
    page.context.set_offline(True)
    question.get_by_role("button", name="Save the note").click()
    expect(question.get_by_role("alert")).to_contain_text("This was not kept.")
    expect(question.get_by_label("Your note")).to_have_value("Not to be lost.")
    page.context.set_offline(False)
    question.get_by_role("button", name="Save the note").click()
    expect(question.locator(".own-note.shown")).to_contain_text("Not to be lost.")
