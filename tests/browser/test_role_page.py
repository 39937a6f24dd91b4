"""The role page as a reader uses it: filter, recall, outline, keys and copies."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import PAGES


def test_filter_changes_list_counts_outline_and_address_without_a_load(reader):
    reader.evaluate("window.same = true")
    reader.locator("#d-hard").focus()
    reader.keyboard.press("Space")
    expect(reader.locator(".question")).to_have_count(2)
    expect(reader).to_have_url(re.compile(r"/ai-engineer/\?difficulty=hard$"))
    expect(reader.get_by_role("status").first).to_have_text("2 of 4 questions")
    expect(reader.locator("#outline .absent")).to_have_count(2)
    expect(reader.locator("#d-hard")).to_be_focused()
    expect(reader.locator(".question .number")).to_have_text(["Question 2", "Question 4"])
    assert reader.evaluate("window.same")


def test_back_and_forward_stay_true(reader):
    reader.locator("#d-hard").check()
    expect(reader.locator(".question")).to_have_count(2)
    reader.locator("#topic-choice summary").click()
    reader.get_by_label("Evaluation").check()
    expect(reader).to_have_url(re.compile(r"\?difficulty=hard&topic=evaluation$"))
    reader.go_back()
    expect(reader).to_have_url(re.compile(r"\?difficulty=hard$"))
    reader.go_back()
    expect(reader.locator(".question")).to_have_count(4)
    expect(reader.locator("#d-hard")).not_to_be_checked()
    expect(reader).to_have_url(re.compile(r"/ai-engineer/$"))
    reader.go_forward()
    expect(reader.locator(".question")).to_have_count(2)
    expect(reader.locator("#d-hard")).to_be_checked()


def test_words_that_match_nothing_offer_the_way_back(reader):
    reader.keyboard.press("f")
    expect(reader.locator("#words")).to_be_focused()
    reader.keyboard.type("nowhere")
    reader.keyboard.press("Enter")
    expect(reader.get_by_text("Nothing here matches all of that")).to_be_visible()
    reader.get_by_role("link", name="Show all questions").click()
    expect(reader.locator(".question")).to_have_count(4)


def test_an_unknown_value_is_reported_at_the_filter_by_htmx_too(reader):
    reader.evaluate("document.querySelector('#d-easy').value = 'impossible'")
    reader.locator("#d-easy").check()
    expect(reader.get_by_role("alert")).to_contain_text("Choose Easy, Medium or Hard.")
    expect(reader.locator(".question")).to_have_count(4)


def test_words_filter_while_one_types_and_are_marked(reader):
    reader.locator("#words").press_sequentially("judge")
    expect(reader.locator(".question")).to_have_count(1)
    expect(reader.locator("#words")).to_be_focused()
    expect(reader).to_have_url(re.compile(r"\?q=judge$"))
    assert reader.evaluate("CSS.highlights.get('found').size") >= 1
    reader.locator("#clear").click()
    expect(reader.locator(".question")).to_have_count(4)
    expect(reader).to_have_url(re.compile(r"/ai-engineer/$"))
    expect(reader.locator("#clear")).to_be_hidden()
    reader.go_back()
    expect(reader.locator("#words")).to_have_value("judge")


def test_several_topics_are_chosen_and_closed_by_escape(reader):
    reader.locator("#topic-choice summary").click()
    reader.get_by_label("Evaluation").check()
    reader.get_by_label("Retrieval").check()
    expect(reader).to_have_url(re.compile(r"topic=evaluation&topic=retrieval$"))
    expect(reader.locator("#topic-choice summary")).to_have_text("2 topics")
    reader.keyboard.press("Escape")
    expect(reader.locator("#topic-choice fieldset")).to_be_hidden()


@pytest.mark.parametrize("failure", ["503", "502 page", "no connection"])
def test_a_request_that_fails_takes_nothing_away(page, at, failure):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["role"]))

    def answer(route):
        if failure == "no connection":
            route.abort()
        else:
            route.fulfill(status=int(failure[:3]), body="<h1>Bad gateway</h1>", content_type="text/html")

    page.route("**/ai-engineer/?*", answer)
    page.evaluate("scrollTo(0, 2000)")
    page.locator("#d-hard").click()
    expect(page.locator("#filters").get_by_text("Not filtered.")).to_be_in_viewport()
    expect(page.locator(".question")).to_have_count(4)
    expect(page.locator("#count")).to_contain_text("4 of 4")
    expect(page.locator("#d-hard")).not_to_be_checked()
    expect(page).to_have_url(re.compile(r"/ai-engineer/$"))
    page.unroute("**/ai-engineer/?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".question")).to_have_count(2)
    expect(page.locator("#d-hard")).to_be_checked()
    expect(page.get_by_text("Not filtered.")).to_have_count(0)


@pytest.mark.parametrize("failure", ["503", "no connection"])
def test_going_back_to_a_list_that_cannot_be_had_keeps_the_one_in_sight(page, at, failure):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["role"]))
    page.locator("#d-hard").click()
    expect(page.locator(".question")).to_have_count(2)
    page.route(
        "**/ai-engineer/",
        lambda route: route.fulfill(status=503, body="Busy") if failure == "503" else route.abort(),
    )
    page.go_back()
    expect(page.get_by_text("Not filtered.")).to_be_in_viewport()
    expect(page.locator(".question")).to_have_count(2)
    expect(page.locator("#d-hard")).to_be_checked()
    expect(page).to_have_url(re.compile(r"\?difficulty=hard$"))
    page.unroute("**/ai-engineer/")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".question")).to_have_count(4)
    expect(page).to_have_url(re.compile(r"/ai-engineer/$"))


def test_a_failure_is_shown_in_the_open_sheet_of_a_phone(page, at):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(at(PAGES["role"]))
    page.route("**/ai-engineer/?*", lambda route: route.abort())
    page.get_by_role("button", name="Filter").click()
    page.locator("#d-hard").click()
    expect(page.locator("#filters").get_by_text("Not filtered.")).to_be_in_viewport()


def test_a_hidden_entry_of_the_outline_leads_out_of_the_filter(reader):
    reader.locator("#d-hard").check()
    expect(reader.locator(".question")).to_have_count(2)
    reader.locator("#outline").get_by_role("link", name="What is recall?").click()
    expect(reader).to_have_url(re.compile(r"/ai-engineer/#q-what-is-recall$"))
    expect(reader.locator(".question")).to_have_count(4)


def test_the_filter_is_a_sheet_on_a_phone_and_leaves_the_place(page, at):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(at(PAGES["role"]) + "#q-design-a-judge")
    place = page.evaluate("scrollY")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#d-hard")).to_be_in_viewport()
    page.locator("#filters").get_by_role("button", name="Close").click()
    expect(page.locator("#filters")).to_be_hidden()
    assert page.evaluate("scrollY") == place


def test_recall_has_points_to_tick(reader):
    point = reader.locator(".gloss .point").first
    expect(point.locator("input")).to_be_hidden()
    reader.keyboard.press("r")
    expect(reader.get_by_text("Say it aloud, then compare.")).to_be_visible()
    reader.keyboard.press("o")
    reader.keyboard.press("o")
    point.click()
    expect(point.locator("input")).to_be_checked()


def test_a_filter_used_far_down_leads_to_the_top_of_its_list(reader):
    reader.evaluate("scrollTo({ top: 1500, behavior: 'instant' })")
    reader.locator("#d-easy").check()
    expect(reader.locator(".question")).to_have_count(1)
    expect(reader.locator("#q-what-is-recall h3")).to_be_in_viewport()


def test_recall_hides_all_answers_by_one_key_and_is_remembered(reader, at):
    shown = reader.locator(".answer[open]")
    expect(shown).to_have_count(4)
    reader.keyboard.press("r")
    expect(shown).to_have_count(0)
    expect(reader).to_have_url(re.compile(r"answers=hidden"))
    expect(reader.locator("#mode").get_by_role("link", name="Recall")).to_have_attribute(
        "aria-current", "true"
    )
    reader.goto(at(PAGES["role"]))
    expect(shown).to_have_count(0)
    reader.get_by_text("Show the short answer").first.click()
    expect(shown).to_have_count(1)
    reader.locator("#d-hard").check()
    expect(reader.locator(".question")).to_have_count(2)
    expect(shown).to_have_count(0)
    reader.keyboard.press("r")
    expect(shown).to_have_count(2)
    reader.reload()
    expect(shown).to_have_count(2)


def test_outline_follows_the_reading_place(reader):
    for slug in ("design-a-search", "what-is-drift"):
        reader.evaluate(f"document.getElementById('q-{slug}').scrollIntoView({{ behavior: 'instant' }})")
        expect(reader.locator("#outline [aria-current]")).to_have_attribute("href", f"#q-{slug}")
    reader.evaluate("document.getElementById('path').scrollIntoView({ behavior: 'instant' })")
    expect(reader.locator("#outline [aria-current]")).to_have_attribute("href", "#path")


def test_contents_open_as_a_sheet_on_a_phone(reader):
    reader.set_viewport_size({"width": 390, "height": 844})
    expect(reader.locator("#outline")).not_to_be_visible()
    reader.get_by_role("button", name="Contents").click()
    reader.locator("#outline").get_by_role("link", name="Design a judge.").click()
    expect(reader.locator("#outline")).not_to_be_visible()
    expect(reader.locator("#q-design-a-judge h3")).to_be_in_viewport()
    reader.get_by_role("button", name="Contents").click()
    reader.keyboard.press("Escape")
    expect(reader.locator("#outline")).not_to_be_visible()


def test_keys_step_through_questions_and_list_themselves(reader):
    focus = "document.activeElement.getAttribute('href')"
    for key, href in (("j", "#q-what-is-recall"), ("j", "#q-what-is-drift"), ("k", "#q-what-is-recall")):
        reader.keyboard.press(key)
        reader.wait_for_timeout(900)  # the page scrolls smoothly
        assert reader.evaluate(focus) == href
    reader.keyboard.press("?")
    expect(reader.get_by_role("dialog")).to_be_visible()
    reader.get_by_label("Use these keys").uncheck()
    reader.keyboard.press("Escape")
    expect(reader.get_by_role("dialog")).not_to_be_visible()
    reader.keyboard.press("r")
    expect(reader.locator(".answer[open]")).to_have_count(4)


def test_links_and_code_are_copied(reader, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.get_by_role("button", name="Copy link").first.click()
    expect(reader.locator("#announcement")).to_have_text("Copied")
    assert reader.evaluate("navigator.clipboard.readText()").endswith("/ai-engineer/#q-what-is-recall")
    reader.get_by_role("button", name="Copy this code").first.click()
    reader.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('found'))")


@pytest.mark.parametrize(
    ("choice", "scheme"), [("dark", "dark"), ("light", "light"), ("system", "light dark")]
)
def test_theme_is_set_before_the_first_paint_and_remembered(reader, choice, scheme):
    reader.locator(f".theme [value={choice}]").check()
    reader.reload(wait_until="commit")
    reader.wait_for_selector("body")
    assert reader.evaluate("getComputedStyle(document.documentElement).colorScheme") == scheme
    reader.wait_for_load_state()
    expect(reader.locator(f".theme [value={choice}]")).to_be_checked()


def test_find_in_page_may_open_a_hidden_answer(reader, at):
    """An answer is a `details`, whose closed words browsers find; a link to a text opens it."""
    reader.goto(at(PAGES["role recalled"]) + "#:~:text=Label%20fifty")
    expect(reader.locator("#q-design-a-judge .answer")).to_have_attribute("open", "")


def test_recall_shows_the_short_answer_first_and_the_rest_at_the_next_step(reader):
    reader.keyboard.press("r")
    question = reader.locator(".question").first
    short, rest = question.locator(".short"), question.locator(".rest .prose")
    expect(short).to_be_hidden()
    reader.keyboard.press("o")
    expect(short).to_be_visible()
    expect(rest).to_be_hidden()
    reader.keyboard.press("o")
    expect(rest).to_be_visible()
    reader.keyboard.press("o")
    expect(short).to_be_hidden()
    question.get_by_text("Show the short answer").click()
    expect(rest).to_be_hidden()  # once more from the beginning
    question.get_by_text("Show the rest").click()
    expect(rest).to_be_visible()


def test_a_hint_is_behind_its_question(reader):
    question = reader.locator(".question").first
    hint = question.get_by_text("what a short list can hold")
    expect(hint).to_be_hidden()
    question.get_by_text("Hint", exact=True).click()
    expect(hint).to_be_visible()
