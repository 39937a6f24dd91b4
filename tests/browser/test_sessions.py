"""A learner's evening on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from practice.models import Learner, Review

START = "/practice/start/?role=ai-engineer&number=2"


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def phone(request, browser, at):
    size = {"width": 390, "height": 844}
    context = browser.new_context(java_script_enabled=request.param, viewport=size, timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(at(START))
    page.has_script = request.param
    yield page
    context.close()


def rate(page, name):
    """Rate as it is done by hand, in sight of the answer."""
    page.locator(".answer > summary").click()
    button = page.locator(".ratings").get_by_role("button", name=name)
    assert button.bounding_box()["y"] > 700  # within the thumb's reach, wherever one reads
    button.click()


def test_a_learners_evening(phone):
    expect(phone.get_by_role("heading", level=1)).to_have_text("What is recall?")
    phone.get_by_text("Write it instead").click()
    phone.get_by_label("Your answer").fill("A share of what is there.")
    rate(phone, "Again")
    expect(phone.get_by_text("Card 2 of 3")).to_be_visible()
    phone.get_by_role("button", name="Undo").click()
    expect(phone.get_by_label("Your answer")).to_have_value("A share of what is there.")
    phone.locator(".answer > summary").click()
    phone.get_by_label("Says what it is").check()
    if phone.has_script:
        expect(phone.get_by_text("1 of 2 points: that would be Hard. You decide.")).to_be_attached()
    phone.locator(".ratings").get_by_role("button", name="Hard").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("What is drift?")
    expect(phone.get_by_role("heading", level=1)).to_be_focused()
    rate(phone, "Good")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Two cards, one minute.")
    assert Learner.objects.get().time_zone == ("Asia/Tokyo" if phone.has_script else "")
    reviews = Review.objects.filter(rating=2)
    assert reviews.get().words == "A share of what is there."


def test_keys_do_it_all(page, at):
    page.goto(at("/practice/start/?role=ai-engineer&number=1"))
    answer, rest = page.locator(".answer"), page.locator(".rest")
    page.keyboard.press("3")  # nothing is rated before the answer is seen
    page.keyboard.press("Space")
    expect(answer).to_have_attribute("open", "")
    expect(rest).not_to_have_attribute("open", "")
    page.keyboard.press("Space")
    expect(rest).to_have_attribute("open", "")
    page.keyboard.press("3")
    expect(page.get_by_role("heading", level=1)).to_have_text("One card, one minute.")
    for scheme in "light", "dark":
        page.emulate_media(color_scheme=scheme)
        for address in page.url, at("/practice/"):
            page.goto(address)
            assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.go_back()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text("What is recall?")
    page.keyboard.press("?")
    page.get_by_label("Use these keys on this site").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    expect(answer).not_to_have_attribute("open", "")


def test_what_was_written_outlives_a_request_that_fails(page, at, context):
    page.goto(at(START))
    address = page.url
    page.get_by_text("Write it instead").click()
    page.get_by_label("Your answer").fill("A share.")
    context.route(re.compile("practice/session"), lambda route: route.abort())
    page.locator(".answer > summary").click()
    page.locator(".ratings").get_by_role("button", name="Good").click()
    context.unroute_all()
    page.goto(address)
    expect(page.get_by_label("Your answer")).to_have_value("A share.")
    assert not Review.objects.exists()
