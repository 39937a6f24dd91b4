"""Two curators at one form: each is told of the other, and of their leaving."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.factories import make_curator, make_question

from .curator import listen, log_in


@pytest.fixture
def address(live_server, transactional_db):
    return f"{live_server.url}/admin/questions/question/{make_question().pk}/change/"


@pytest.fixture
def ada(page, live_server, address):
    log_in(page, Client(), live_server, make_curator(username="Ada"))
    messages = listen(page)
    yield page
    assert messages == []


@pytest.fixture
def ben(browser, live_server, address):
    context = browser.new_context()
    page = context.new_page()
    log_in(page, Client(), live_server, make_curator(username="Ben"))
    yield page
    context.close()


def give_a_sign(page):
    """What a page does every 45 seconds, and when it comes into sight."""
    with page.expect_response("**/presence/**"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_each_is_told_of_the_other_while_both_are_there(ada, ben, address, live_server):
    note = ada.get_by_role("status").filter(has_text="Ben has this open")
    ada.goto(address)
    expect(note).to_have_count(0)
    ben.goto(address)
    expect(ben.get_by_text("Ada has this open")).to_be_visible()
    give_a_sign(ada)
    expect(note).to_be_visible()
    ben.reload()  # leaves the old page after the new one is there
    give_a_sign(ada)
    expect(note).to_be_visible()
    ben.goto(f"{live_server.url}/admin/")
    for _ in range(50):  # nothing shows when what a page sends on leaving has arrived
        give_a_sign(ada)
        if note.count() == 0:
            break
    expect(note).to_have_count(0)
