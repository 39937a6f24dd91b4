"""What is kept where one reads, in a real browser."""

from time import monotonic

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


def wait_until_nothing_waits(page):
    waiting = "Object.keys(localStorage).filter(name => name.startsWith('unsent')).length"
    deadline = monotonic() + 10
    while page.evaluate(waiting):
        assert monotonic() < deadline, "something still waits to be sent"
        page.wait_for_timeout(50)


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
    wait_until_nothing_waits(reader)
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
    wait_until_nothing_waits(reader)
    assert not Bookmark.objects.exists()
    assert not StepTick.objects.exists()

    reader.goto(at(PAGES["question"]))
    expect(reader.get_by_text("Name the cost")).to_be_visible()


def write_note(page, text):
    question = page.locator(FIRST)
    question.get_by_role("link", name="Note").click()
    question.get_by_label("Your note").fill(text)
    question.get_by_role("button", name="Save the note").click()


def test_what_was_kept_offline_is_sent_later_and_once(page, at):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["role"]))
    question = page.locator(FIRST)
    page.mouse.move(300, 300)
    question.get_by_role("link", name="Bookmark").click()  # brings the scripts
    expect(question.get_by_role("link", name="Bookmarked")).to_be_visible()
    wait_until_nothing_waits(page)
    page.context.set_offline(True)
    question.get_by_role("link", name="Bookmarked").click()
    expect(question.locator(".not-kept")).to_be_visible()
    write_note(page, "Not to be lost.")
    expect(question.get_by_role("link", name="Note")).to_be_focused()
    expect(question.locator(".own-note.shown")).to_contain_text("Not to be lost.")
    write_note(page, "Nor is this.")
    page.get_by_role("checkbox", name="Done Foundations").check()
    expect(page.locator(".not-kept")).to_have_text(["Will be sent when you are back online"] * 2)
    assert not Note.objects.exists()
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(at("/topics/evaluation/"))  # a page without any of these
    wait_until_nothing_waits(page)
    page.goto(at(PAGES["role"]))
    expect(question.locator(".own-note.shown")).to_contain_text("Nor is this.")
    expect(page.get_by_role("checkbox", name="Done Foundations")).to_be_checked()
    expect(question.get_by_role("link", name="Bookmarked")).to_have_count(0)
    assert Note.objects.get().text == "Nor is this."
    assert (Bookmark.objects.count(), StepTick.objects.count()) == (0, 1)


def test_a_note_whose_answer_was_lost_is_sent_again_before_the_next_one(page, at):
    page.goto(at(PAGES["role"]))

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/note/", lose)
    write_note(page, "As it was.")
    question = page.locator(FIRST)
    expect(question.locator(".not-kept")).to_be_visible()
    page.unroute("**/note/")
    write_note(page, "As it is.")
    expect(question.locator(".not-kept")).to_have_count(0)
    wait_until_nothing_waits(page)
    assert Note.objects.get().text == "As it is."


def test_a_note_that_another_device_changed_meanwhile_is_shown_and_no_words_are_lost(page, at):
    page.goto(at(PAGES["role"]))
    question = page.locator(FIRST)
    write_note(page, "First.")
    wait_until_nothing_waits(page)
    page.context.set_offline(True)
    write_note(page, "Mine.")
    expect(question.locator(".not-kept")).to_be_visible()
    Note.objects.update(text="Theirs.")
    page.context.set_offline(False)
    for _twice in range(2):  # on a page that is loaded anew, too
        expect(question.get_by_role("alert")).to_contain_text("changed elsewhere")
        expect(question.get_by_label("Your note")).to_have_value("Mine.")
        expect(question.locator(".note-form .own-note")).to_have_text("Theirs.")
        assert Note.objects.get().text == "Theirs."
        page.reload()
    question.get_by_label("Your note").fill("Theirs and mine.")
    question.get_by_role("button", name="Save the note").click()
    expect(question.locator(".own-note.shown")).to_contain_text("Theirs and mine.")
    wait_until_nothing_waits(page)
    assert Note.objects.get().text == "Theirs and mine."


def test_words_that_are_given_up_are_gone_and_so_are_all_with_everything(page, at):
    page.goto(at(PAGES["role"]))
    question = page.locator(FIRST)
    write_note(page, "First.")
    wait_until_nothing_waits(page)
    Note.objects.update(text="Theirs.")
    for way in "cancel", "delete everything":
        write_note(page, "Mine.")
        expect(question.get_by_role("alert")).to_contain_text("changed elsewhere")
        if way == "cancel":
            question.get_by_role("button", name="Cancel").click()
            expect(question.locator(".own-note.shown")).to_contain_text("Theirs.")
            Note.objects.update(text="Theirs again.")
        else:
            page.goto(at("/practice/delete/"))
            page.locator("main form").get_by_role("button").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("All of it is deleted")
        wait_until_nothing_waits(page)
    assert not Note.objects.exists()
