"""What holds for every page and state, on a phone and on a wide screen, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import PAGES

PHONE = {"width": 360, "height": 740}
ALL_RULES = {"resultTypes": ["violations"]}
# The dark theme changes colours alone.
RULES_OF_COLOURS = ALL_RULES | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
}


def assert_axe_finds_nothing_in_either_theme(page):
    for scheme, options in ("light", ALL_RULES), ("dark", RULES_OF_COLOURS):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
        results = Axe().run(page, options=options)
        assert results.violations_count == 0, f"{page.url}, {scheme}: {results.generate_report()}"


@pytest.mark.parametrize("name", PAGES)
def test_nothing_scrolls_sideways_the_console_is_silent_and_axe_finds_nothing(page, at, name):
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    # 320 px are a wide screen at 400 %; 720 px are one at 200 %.
    for width in 320, 720, 1440, 2560, 360:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(at(PAGES[name]))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    assert [text for text in messages if "status of 4" not in text] == []  # before axe adds to them
    assert_axe_finds_nothing_in_either_theme(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES[name]))
    assert_axe_finds_nothing_in_either_theme(page)


def test_axe_finds_nothing_in_what_opens(reader):
    reader.keyboard.press("?")
    assert Axe().run(reader).violations_count == 0
    reader.keyboard.press("Escape")
    reader.set_viewport_size(PHONE)
    reader.get_by_role("button", name="Contents").click()
    results = Axe().run(reader)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("name", ["home", "role", "question in a role", "topic", "search narrowed"])
@pytest.mark.parametrize("width", [360, 1440])
def test_tab_reaches_every_control_and_shows_where_it_is(page, at, name, width):
    page.emulate_media(reduced_motion="reduce")  # no smooth scrolling to wait for
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(at(PAGES[name]))
    reached = set()
    for _press in range(200):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        if here is None or here["id"] in reached:
            break
        reached.add(here["id"])
        assert here["ring"], f"{here['html']} shows no focus"
        assert here["seen"], f"{here['html']} is out of sight"
    missed = page.evaluate(MISSED)
    assert not missed


# Each element gets a number when it is reached; a radio group is one stop.
WHERE = """() => {
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    it.dataset.reached ??= String(document.querySelectorAll("[data-reached]").length + 1);
    const ringed = it.matches("input[type=radio], .search-line input") ? it.parentElement : it;
    const style = getComputedStyle(ringed);
    const box = it.getBoundingClientRect();
    const x = box.x + Math.min(box.width / 2, 40), y = box.y + Math.min(box.height / 2, 12);
    const top = document.elementFromPoint(x, y);
    return {
        id: it.dataset.reached,
        html: it.outerHTML.slice(0, 120),
        ring: style.outlineStyle !== "none" || style.boxShadow !== "none",
        seen: !!top && (it.contains(top) || top.contains(it) || top.closest("label")?.contains(it)),
    };
}"""
MISSED = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
    .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && !it.dataset.reached)
    .filter((it) => it.type !== "radio" && it.type !== "hidden")
    .map((it) => it.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", ["home", "role", "question in a role", "search narrowed"])
def test_colours_may_be_forced(page, at, name):
    page.emulate_media(forced_colors="active")
    page.goto(at(PAGES[name]))
    assert page.locator("h1").is_visible()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_the_header_of_a_tablet_breaks_no_word(page, at):
    page.set_viewport_size({"width": 768, "height": 1024})
    page.goto(at("/"))
    links = page.locator(".site-nav a:visible")
    lines = "links => links.map(link => { const words = new Range(); words.selectNodeContents(link); "
    lines += "return words.getClientRects().length; })"
    assert links.evaluate_all(lines) == [1, 1, 1, 1]
