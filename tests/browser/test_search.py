"""The search in the header of every page and the page of its results: by keyboard, by pointer, on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .conftest import PAGES

PHONE = {"width": 390, "height": 844}


def field(page):
    return page.get_by_role("combobox", name="Search all questions")


def options(page):
    return page.get_by_role("option")


def type_and_wait(page, words):
    field(page).press_sequentially(words)
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()


def active(page):
    """The text of the option that a screen reader reads while the field has the focus."""
    return page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent.trim()"
    )


# From the header


def test_the_arrows_walk_through_the_suggestions_and_enter_opens_one(reader):
    reader.keyboard.press("/")
    expect(field(reader)).to_be_focused()
    expect(field(reader)).to_have_attribute("aria-expanded", "false")
    type_and_wait(reader, "desi")
    expect(field(reader)).to_have_attribute("aria-expanded", "true")
    expect(options(reader).last).to_contain_text("All results for “desi”")
    assert active(reader) is None
    first, second = (options(reader).nth(place) for place in (0, 1))
    for key, option in (("ArrowDown", first), ("ArrowDown", second), ("ArrowUp", first)):
        reader.keyboard.press(key)
        expect(option).to_have_attribute("aria-selected", "true")
        assert active(reader) == option.text_content().strip()
        expect(reader.locator("[aria-selected=true]")).to_have_count(1)
    reader.keyboard.press("ArrowUp")  # back in the field
    assert active(reader) is None
    reader.keyboard.press("ArrowUp")
    expect(options(reader).last).to_have_attribute("aria-selected", "true")
    expect(field(reader)).to_be_focused()
    reader.keyboard.press("ArrowDown")
    reader.keyboard.press("ArrowDown")
    reader.keyboard.press("Enter")
    expect(reader).to_have_url(re.compile(r"/questions/design-a-(search|judge)/$"))


def test_enter_without_a_suggestion_searches(reader):
    reader.keyboard.press("/")
    type_and_wait(reader, "drift")
    reader.keyboard.press("Enter")
    expect(reader).to_have_url(re.compile(r"/search/\?q=drift$"))
    expect(reader.get_by_role("link", name="What is drift?")).to_be_visible()
    expect(field(reader)).to_have_value("drift")


def test_escape_closes_then_clears_then_leaves(reader):
    reader.keyboard.press("/")
    type_and_wait(reader, "drift")
    reader.keyboard.press("Escape")
    expect(reader.locator(".suggestions")).to_be_hidden()
    expect(field(reader)).to_have_attribute("aria-expanded", "false")
    expect(field(reader)).to_have_value("drift")
    reader.keyboard.press("ArrowDown")  # and opens again
    expect(reader.locator(".suggestions")).to_be_visible()
    for _press in range(2):
        reader.keyboard.press("Escape")
    expect(field(reader)).to_have_value("")
    expect(field(reader)).to_be_focused()
    reader.keyboard.press("Escape")
    expect(field(reader)).not_to_be_focused()


def test_the_number_of_suggestions_is_announced(reader):
    reader.keyboard.press("/")
    type_and_wait(reader, "drift")
    expect(reader.locator("#announcement")).to_have_text("1 suggestion")
    field(reader).fill("xyzzyx")
    expect(reader.locator("#announcement")).to_have_text("Nothing found")
    expect(reader.get_by_text("Nothing found for “xyzzyx”")).to_be_visible()
    expect(field(reader)).to_have_attribute("aria-expanded", "false")


def test_tab_leaves_and_the_suggestions_close(reader):
    field(reader).focus()
    type_and_wait(reader, "drift")
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("button", name="Search")).to_be_focused()
    expect(reader.locator(".suggestions")).to_be_hidden()


def test_a_suggestion_is_a_link_to_click(reader):
    field(reader).click()
    type_and_wait(reader, "judge")
    reader.get_by_role("option", name="Design a judge.").click()
    expect(reader).to_have_url(re.compile(r"/questions/design-a-judge/$"))


@pytest.mark.parametrize("width", [390, 1440])
def test_called_from_far_down_the_field_comes_and_the_place_stays(reader, width):
    reader.set_viewport_size({"width": width, "height": 844})
    link = reader.locator("#q-design-a-judge .number")
    link.focus()
    reader.wait_for_timeout(900)  # the page scrolls smoothly
    place = reader.evaluate("scrollY")
    assert place > 500
    for leaving in ("Escape", "Tab"):
        reader.keyboard.press("/")
        expect(field(reader)).to_be_focused()
        expect(field(reader)).to_be_in_viewport()
        type_and_wait(reader, "drift")
        expect(options(reader).first).to_be_in_viewport()
        assert reader.evaluate("scrollY") == place
        for _press in range(3 if leaving == "Escape" else 1):
            reader.keyboard.press(leaving)
        expect(link).to_be_focused()
        expect(reader.locator("#search.called")).to_have_count(0)
        assert reader.evaluate("scrollY") == place
        reader.locator("#search-words").evaluate("field => field.value = ''")


def test_the_keys_can_be_turned_off(reader):
    reader.keyboard.press("?")
    expect(reader.get_by_role("dialog").get_by_text("search all questions")).to_be_visible()
    reader.get_by_label("Use these keys").uncheck()
    reader.keyboard.press("Escape")
    reader.keyboard.press("/")
    expect(field(reader)).not_to_be_focused()


def test_only_the_answer_to_the_last_words_is_shown(reader):
    """A slow answer to earlier words never takes the place of the one to later words."""
    held = []
    reader.route("**/suggestions/?q=drift", lambda route: held.append(route))
    field(reader).click()
    field(reader).press_sequentially("drift")
    reader.wait_for_timeout(400)
    assert len(held) == 1
    field(reader).fill("judge")
    expect(options(reader).first).to_contain_text("Design a judge.")
    reader.unroute("**/suggestions/?q=drift")
    reader.wait_for_timeout(300)
    expect(options(reader).first).to_contain_text("Design a judge.")


@pytest.mark.parametrize("failure", [503, 0])
def test_without_suggestions_it_is_a_form(page, at, failure):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["home"]))
    page.route(
        "**/suggestions/*",
        lambda route: route.fulfill(status=failure, body="Busy") if failure else route.abort(),
    )
    with page.expect_event("requestfinished" if failure else "requestfailed"):
        field(page).press_sequentially("drift")
    expect(page.locator(".suggestions")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search/\?q=drift$"))


def test_words_that_are_being_composed_are_left_alone(reader):
    """As with Japanese or Chinese, where Enter and the arrows choose among readings."""
    asked = []
    reader.on("request", lambda request: asked.append(request.url) if "suggestions" in request.url else None)
    field(reader).click()
    ime = reader.context.new_cdp_session(reader)
    ime.send("Input.imeSetComposition", {"text": "dri", "selectionStart": 3, "selectionEnd": 3})
    reader.wait_for_timeout(400)
    assert asked == []
    ime.send("Input.insertText", {"text": "drift"})
    expect(options(reader).first).to_contain_text("What is drift?")


def test_axe_finds_nothing_in_open_suggestions(page, at):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name, size in (("home", {"width": 1440, "height": 900}), ("search", PHONE)):
            page.set_viewport_size(size)
            page.goto(at(PAGES[name]))
            field(page).focus()
            type_and_wait(page, "drift")
            page.keyboard.press("ArrowDown")
            results = Axe().run(page)
            assert results.violations_count == 0, f"{name}, {scheme}: {results.generate_report()}"


# The page of results


@pytest.fixture
def results(reader, at):
    reader.goto(at("/search/?q=design"))
    return reader


def test_a_choice_applies_at_once_and_back_is_true(results):
    expect(results.locator(".result")).to_have_count(2)
    results.locator("#d-hard").check()
    expect(results).to_have_url(re.compile(r"/search/\?difficulty=hard&q=design$"))
    expect(results.locator(".result")).to_have_count(1)
    expect(results.locator("#d-hard")).to_be_focused()
    results.get_by_role("link", name="Clear").click()
    expect(results.locator(".result")).to_have_count(2)
    expect(results.locator("#d-hard")).not_to_be_checked()
    results.go_back()
    expect(results.locator("#d-hard")).to_be_checked()
    results.go_back()
    expect(results.locator("#d-hard")).not_to_be_checked()
    expect(results.locator(".result")).to_have_count(2)


def test_new_words_keep_what_was_chosen(results):
    results.locator("#d-hard").check()
    expect(results.locator(".result")).to_have_count(1)
    field(results).fill("drift")
    results.keyboard.press("Enter")
    expect(results.get_by_role("link", name="What is drift?")).to_be_visible()
    expect(results.locator("#d-hard")).to_be_checked()


def test_the_key_leads_to_the_field_of_the_page(results):
    results.keyboard.press("/")
    expect(field(results)).to_be_focused()
    assert results.evaluate("getSelection().toString()") == "design"


def test_what_was_found_is_marked_and_stands_out(results):
    mark = results.locator(".result mark").first
    assert mark.evaluate("mark => getComputedStyle(mark).textDecorationLine") == "underline"


def test_on_a_phone_the_choices_are_a_sheet_whose_button_applies_them(page, at):
    page.set_viewport_size(PHONE)
    page.goto(at(PAGES["home"]))
    expect(page.get_by_role("search")).to_be_hidden()
    page.get_by_role("link", name="Search", exact=True).click()
    expect(field(page)).to_be_focused()
    type_and_wait(page, "design")
    page.keyboard.press("Enter")
    expect(page.locator(".result")).to_have_count(2)
    expect(page.locator("#d-hard")).to_be_hidden()
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Hard").check()
    page.get_by_label("Evaluation").check()
    expect(page).to_have_url(re.compile(r"\?q=design$"))
    page.get_by_role("button", name="Show the questions").click()
    expect(page).to_have_url(re.compile(r"\?difficulty=hard&topic=evaluation&q=design$"))
    expect(page.locator(".result")).to_have_count(1)


def test_all_of_it_works_without_script(browser, at):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(at(PAGES["role"]))
    page.get_by_label("Search all questions").fill("design")
    page.keyboard.press("Enter")
    expect(page.locator(".result")).to_have_count(2)
    page.get_by_label("Hard").check()
    page.get_by_role("button", name="Show the questions").click()
    expect(page.locator(".result")).to_have_count(1)
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_label("Hard")).to_be_checked()
    context.close()
