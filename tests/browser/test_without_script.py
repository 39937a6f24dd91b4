"""Everything that matters works with JavaScript off."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import PAGES


@pytest.fixture
def plain(browser, at):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(at(PAGES["role"]))
    yield page
    context.close()


def test_filter_is_a_form(plain):
    plain.get_by_text("Hard", exact=True).first.click()
    plain.get_by_role("button", name="Filter").click()
    expect(plain.locator(".question")).to_have_count(2)
    expect(plain).to_have_url(re.compile("difficulty=hard"))


def test_answers_hide_by_address_and_open_one_by_one(plain):
    plain.locator("#mode").get_by_role("link", name="Recall").click()
    expect(plain.locator(".answer[open]")).to_have_count(0)
    plain.get_by_text("Show the short answer").first.click()
    expect(plain.locator(".answer[open]")).to_have_count(1)
    plain.locator("#mode").get_by_role("link", name="Read").click()
    expect(plain.locator(".answer[open]")).to_have_count(4)


def test_contents_open_without_script(plain):
    plain.set_viewport_size({"width": 390, "height": 844})
    plain.get_by_role("button", name="Contents").click()
    expect(plain.locator("#outline")).to_be_visible()


def test_what_needs_script_is_not_shown(plain):
    for name in ("Copy link", "Keys"):
        expect(plain.get_by_role("button", name=name)).to_have_count(0)
    expect(plain.locator(".theme")).not_to_be_visible()
