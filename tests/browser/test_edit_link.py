"""The link to the form on public pages: shown to curators, by script alone."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from tests.factories import make_curator

from .conftest import PAGES
from .curator import PASSWORD, log_in_by_form


@pytest.fixture
def curator(bank):
    return make_curator(password=PASSWORD)


def edit(page):
    return page.get_by_role("link", name="Edit", exact=True)


def test_a_curator_goes_from_a_page_to_its_form_until_logged_out(page, at, curator):
    page.goto(at(PAGES["question"]))
    expect(edit(page)).to_have_count(0)
    page.goto(at("/admin/"))
    log_in_by_form(page)
    expect(page.get_by_role("heading", name="Desk", level=1)).to_be_visible()
    for name in ("question", "role", "topic"):
        page.goto(at(PAGES[name]))
        expect(edit(page)).to_be_visible()
    edit(page).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#topic_form")).to_be_visible()
    page.locator(".account summary").click()
    page.get_by_role("button", name="Log out").click()
    page.goto(at(PAGES["question"]))
    expect(edit(page)).to_have_count(0)
    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_moves_when_the_link_is_shown(page, at, bank, width):
    page.set_viewport_size({"width": width, "height": 900})
    places = []
    for cookies in ([], [{"name": "curator", "value": "1", "url": at("/")}]):
        page.context.add_cookies(cookies)
        page.goto(at(PAGES["question"]))
        expect(edit(page)).to_have_count(len(cookies))
        places.append(
            [part.bounding_box() for part in page.locator(".site-head a:not(.edit), h1, .theme").all()]
        )
    assert places[0] == places[1]
    page.emulate_media(media="print")
    expect(edit(page)).to_have_count(0)
