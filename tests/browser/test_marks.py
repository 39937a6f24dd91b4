"""Marks where one reads."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from practice.models import Learner, Review
from questions.models import Question

from .conftest import PAGES

RECALL = PAGES["role recalled"]


@pytest.fixture
def requests(page):
    """The requests of `page` to what is personal: method and path."""
    found = []
    page.on("request", lambda request: "/practice/" in request.url and found.append(request.method))
    return found


def reveal(page, slug):
    """Show all of an answer, as a reader does it in recall."""
    question = page.locator(f"#q-{slug}")
    question.locator(".answer > summary").click()
    question.locator(".rest > summary").click()
    return question


def number(page, slug):
    return page.locator(f"#q-{slug} .number")


def test_a_reader_ticks_marks_by_key_and_by_tap_and_undoes(page, at, bank, requests):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(RECALL))
    question = reveal(page, "what-is-recall")
    question.get_by_label("Says what it is").check()
    expect(question.get_by_text("1 of 2 points proposes “Shaky”")).to_be_visible()
    assert requests == []  # to look is nobody's business
    page.keyboard.press("3")
    expect(question.get_by_text("Comes back in 2 days")).to_be_visible()
    expect(number(page, "what-is-recall")).to_contain_text("Knew it")
    expect(page.locator("#outline-list").get_by_role("link", name="What is recall?")).to_contain_text(
        "Knew it"
    )
    assert requests == ["GET", "POST"]
    assert (Review.objects.get().said, Review.objects.get().points) == (1, 2)
    page.keyboard.press("u")
    expect(number(page, "what-is-recall")).not_to_contain_text("Knew it")
    other = reveal(page, "what-is-drift")
    other.get_by_role("button", name="Not yet").click()
    expect(other.get_by_text("Comes back in 10 minutes")).to_be_visible()
    expect(other.get_by_role("button", name="Undo")).to_be_focused()
    page.locator("#keys [data-use-keys]").evaluate("box => box.click()")
    page.keyboard.press("u")  # the keys are off
    expect(other.get_by_role("button", name="Undo")).to_be_visible()
    page.reload()
    expect(number(page, "what-is-drift")).to_contain_text("Not yet")
    expect(number(page, "what-is-recall")).not_to_contain_text("Knew it")
    assert list(Review.objects.standing().values_list("rating", flat=True)) == [1]


def test_points_that_are_ticked_before_the_scripts_come_count(page, at, bank):
    held = []
    page.route("**/kit/**", lambda route: held.append(route))
    page.goto(at(RECALL))
    with page.expect_request("**/kit/**"):
        question = reveal(page, "what-is-recall")
    question.get_by_label("Says what it is").check()
    held[0].continue_()
    expect(question.get_by_text("1 of 2 points proposes “Shaky”")).to_be_visible()


def test_marks_are_found_again_and_lead_on(page, at, bank):
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["question"]))
    page.get_by_role("button", name="Knew it").click()
    expect(page.locator(".judge").get_by_text("Comes back in 2 days")).to_be_visible()
    page.goto(at(f"{PAGES['question']}?role=ai-engineer"))
    for width in (1440, 390):  # a phone shows the mark without the number
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.locator(".masthead .mark")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["topic"]))
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.get_by_role("link", name="What is recall? Knew it")).to_be_visible()
        expect(page.locator(".found .mark")).to_be_in_viewport()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at("/"))
    expect(page.get_by_role("link", name=re.compile("AI Engineer"))).to_have_count(2)
    expect(page.locator(".entry", has_text="AI Engineer")).to_contain_text("1 of them marked")
    page.get_by_role("link", name="Go on with AI Engineer at question 2").click()
    expect(page.get_by_text("1 of 4 marked")).to_be_attached()
    page.get_by_role("button", name="Not yet known 3").click()
    expect(page.locator("#q-what-is-recall")).to_be_hidden()
    expect(page.locator("#count")).to_contain_text("3 of 4")
    page.get_by_label("Hard").check()  # the filter of the page takes its part from the server
    expect(page.locator("#count")).to_contain_text("2 of 4")
    page.get_by_label("Hard").uncheck()
    expect(page.locator("#count")).to_contain_text("3 of 4")
    expect(page.locator("#q-what-is-recall")).to_be_hidden()
    page.locator("#outline-list a", has_text="What is recall?").click()
    expect(number(page, "what-is-recall")).to_be_in_viewport()
    page.get_by_role("link", name="What is recall?").last.click()
    page.go_back()
    expect(number(page, "what-is-recall")).to_contain_text("Knew it")


def test_marks_of_two_tabs_are_one_learners(page, at, bank):
    other = page.context.new_page()
    for tab, slug in ((page, "what-is-recall"), (other, "what-is-drift")):
        tab.goto(at(RECALL))
        expect(reveal(tab, slug).locator(".ratings")).to_be_visible()
    for tab in (page, other):
        tab.evaluate("document.querySelector('.ratings [value=\"2\"]').click()")
    for tab in (page, other):
        expect(tab.locator(".judge").get_by_text("Comes back in 15 minutes")).to_be_visible()
    assert Learner.objects.get().reviews.count() == 2


def test_a_mark_that_could_not_be_sent_is_kept_and_sent_once(page, at, bank):
    page.goto(at(RECALL))
    question = reveal(page, "what-is-recall")
    statuses = [503, 429]  # of a site, and of a proxy, that has too much to do
    page.route("**/practice/marks/", lambda route: route.fulfill(status=statuses.pop(), body="busy"))
    page.keyboard.press("3")
    expect(question.get_by_text("Will be sent")).to_be_visible()
    with page.expect_response("**/practice/marks/"):
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(question.get_by_text("Will be sent")).to_be_visible()
    expect(number(page, "what-is-recall")).to_contain_text("Knew it")
    page.unroute("**/practice/marks/")
    page.context.set_offline(True)
    dropped = reveal(page, "what-is-drift")
    page.keyboard.press("1")
    expect(dropped.get_by_text("Will be sent")).to_be_visible()
    page.keyboard.press("u")
    expect(dropped.get_by_role("button", name="Not yet")).to_be_visible()
    page.context.set_offline(False)
    expect(question.get_by_text("Comes back in 2 days")).to_be_visible()
    page.reload()
    expect(number(page, "what-is-recall")).to_contain_text("Knew it")
    assert Review.objects.get().rating == 3
    page.context.set_offline(True)
    reveal(page, "what-is-drift")
    page.keyboard.press("2")
    expect(dropped.get_by_text("Will be sent")).to_be_visible()
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(at("/practice/delete/"))  # what waits has to be gone with everything
    page.locator("main form").get_by_role("button").click()
    expect(page).to_have_url(re.compile("done"))
    page.goto(at(RECALL))
    reveal(page, "what-is-drift")
    assert not Review.objects.exists()


def test_a_mark_that_is_refused_says_why(page, at, bank):
    page.goto(at(RECALL))
    question = reveal(page, "what-is-recall")
    Question.objects.filter(slug="what-is-recall").update(status="retired")
    page.keyboard.press("3")
    expect(question.get_by_text("This question is not in the bank any more.")).to_be_visible()
    expect(number(page, "what-is-recall")).not_to_contain_text("Knew it")
    assert page.evaluate("localStorage.length") == 0


WATCH = """window.shift = 0; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true })"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_is_the_same_for_everybody_and_nothing_moves_when_marks_arrive(
    page, at, bank, width, requests
):
    page.set_viewport_size({"width": width, "height": 844})
    addresses = [at(PAGES[name]) for name in ("home", "role", "topic", "question in a role")]
    bodies = [page.request.get(address).body() for address in addresses]
    for address in addresses:
        page.goto(address)
        page.mouse.move(50, 50)
    assert requests == []
    page.keyboard.press("2")
    expect(page.locator(".judge").get_by_text("Comes back in 15 minutes")).to_be_visible()
    page.add_init_script(WATCH)
    for address in addresses:
        with page.expect_response("**/practice/marks/**"):
            page.goto(address)
        page.wait_for_timeout(200)
        assert page.evaluate("window.shift") == 0
    assert [page.request.get(address).body() for address in addresses] == bodies


def test_axe_finds_nothing_in_marks(page, at, bank):
    page.goto(at(PAGES["question"]))
    page.get_by_role("button", name="Shaky").click()
    expect(page.locator(".judge").get_by_text("Comes back")).to_be_visible()
    for name in ("home", "role recalled", "topic", "question"):
        for scheme in "light", "dark":
            page.emulate_media(color_scheme=scheme)
            with page.expect_response("**/practice/marks/**"):
                page.goto(at(PAGES[name]))
            if name == "role recalled":
                reveal(page, "what-is-recall").get_by_label("Says what it is").check()
                reveal(page, "what-is-drift")
                page.keyboard.press("1")
            results = Axe().run(page)
            assert results.violations_count == 0, f"{name}, {scheme}: {results.generate_report()}"


def test_what_is_not_known_of_a_role_in_parts_is_a_page_of_its_own(page, at, bank, monkeypatch):
    monkeypatch.setattr("questions.parts.WHOLE", 2)
    monkeypatch.setattr("questions.parts.PART", 2)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at("/questions/design-a-judge/?role=ai-engineer"))
    page.get_by_role("button", name="Knew it").click()
    expect(page.locator(".judge").get_by_text("Comes back in 2 days")).to_be_visible()
    page.goto(at(PAGES["role"] + "?part=2"))
    expect(number(page, "design-a-judge")).to_contain_text("Knew it")
    expect(page.get_by_role("link", name="Practise", exact=True)).to_be_visible()
    page.get_by_role("link", name="Not yet known 3").click()
    expect(page.locator("#questions .number")).to_have_text(["Question 1", "Question 2", "Question 3"])
    question = page.locator("#q-what-is-drift")
    question.get_by_role("button", name="Mark", exact=True).click()
    question.get_by_role("button", name="Knew it").click()
    expect(number(page, "what-is-drift")).to_contain_text("Knew it")
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    question.get_by_role("button", name="Copy link").click()
    assert page.evaluate("window.copied") == at(f"{PAGES['role']}#q-what-is-drift")
    for scheme in "light", "dark":
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    page.go_back()
    expect(page.get_by_role("link", name="Not yet known 2")).to_be_visible()
    page.get_by_role("link", name="Go on at question 3").click()  # after the one that was marked last
    expect(page.locator("#q-design-a-search")).to_be_in_viewport()
