"""The shipped bank at its real length: links end where they say, and what does not fit says so."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("sqlite")

WINDOWS = [(390, 844), (1024, 768), (844, 390)]
ROLE = "/interview-questions/ai-engineer/"

# How far the top of the heading that belongs to the address is below the bar, in px.
GAP = """() => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const heading = target.matches("h2") ? target : target.querySelector("h2, h3");
  const bar = document.querySelector("#filters");
  const isBar = bar && getComputedStyle(bar).position === "sticky";
  if (scrollY + innerHeight >= document.documentElement.scrollHeight - 2) return 0; // the page has ended
  return heading.getBoundingClientRect().top - (isBar ? bar.getBoundingClientRect().bottom : 0);
}"""


def wait_for(page, script):
    """Until `script` is true. Playwright's own way needs eval(), which the policy forbids."""
    for _try in range(50):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"It did not become true: {script}")


def slugs(page):
    ids = page.locator(".question").evaluate_all("questions => questions.map((each) => each.id)")
    return [ids[0], ids[16], ids[-1], "path", "tips", "internships"]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_links_put_the_heading_just_below_the_bar(page, shipped_bank, window):
    page.set_viewport_size({"width": window[0], "height": window[1]})
    for path in (ROLE, f"{ROLE}?answers=hidden", "/interview-questions/backend-engineer/"):
        page.goto(shipped_bank + path)
        for name in slugs(page):
            page.goto(f"{shipped_bank}{path}#{name}")
            assert 0 <= page.evaluate(GAP) <= 90, (path, name)
            page.goto(f"{shipped_bank}/about/")
            page.goto(f"{shipped_bank}{path}#{name}")
            assert 0 <= page.evaluate(GAP) <= 90, (path, name, "from another page")


@pytest.mark.parametrize("window", [(390, 844), (1440, 900)], ids=str)
def test_reload_and_back_restore_the_place_to_the_pixel(page, shipped_bank, window):
    page.set_viewport_size({"width": window[0], "height": window[1]})
    page.goto(shipped_bank + ROLE)
    wait_for(page, "!document.querySelector('.from-top')")  # all is drawn
    page.evaluate("scrollTo(0, 12345)")
    page.wait_for_timeout(300)
    place = page.evaluate("scrollY")
    page.reload()
    wait_for(page, f"Math.abs(scrollY - {place}) <= 1")
    page.goto(f"{shipped_bank}/topics/")
    page.go_back()
    wait_for(page, f"Math.abs(scrollY - {place}) <= 1")


def test_a_link_works_while_questions_out_of_sight_are_not_drawn_yet(page, shipped_bank):
    page.set_viewport_size({"width": 390, "height": 844})
    page.add_init_script("requestIdleCallback = () => {}")  # nothing is ever drawn in idle time
    page.goto(shipped_bank + ROLE)
    name = slugs(page)[2]
    assert page.evaluate("document.documentElement.className") == "from-top"
    page.evaluate(f"location.hash = '{name}'")
    wait_for(page, f"0 <= ({GAP})() && ({GAP})() <= 90")
    page.goto(f"{shipped_bank}/about/")
    page.goto(shipped_bank + ROLE)
    page.get_by_role("button", name="Contents").click()
    page.locator(f"#outline a[href='#{name}']").click()
    wait_for(page, f"0 <= ({GAP})() && ({GAP})() <= 90")


def test_keys_put_each_heading_below_the_bar(page, shipped_bank):
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto(shipped_bank + ROLE)
    for _step in range(18):
        page.keyboard.press("j")
    page.keyboard.press("k")
    number = page.evaluate("document.activeElement.textContent.trim().split(/\\s+/).pop()")
    assert number == "17"
    page.evaluate("location.hash = document.activeElement.hash")
    assert 0 <= page.evaluate(GAP) <= 90


def test_contents_open_at_the_current_question_on_a_phone(page, shipped_bank):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(shipped_bank + ROLE)
    last = page.locator(".question").last.get_attribute("id")
    page.goto(f"{shipped_bank}{ROLE}#{last}")
    current = page.locator("#outline [aria-current]")
    expect(current).to_have_attribute("href", f"#{last}")
    page.get_by_role("button", name="Contents").click()
    expect(current).to_be_in_viewport()
    page.get_by_role("button", name="Close").first.click()
    assert 0 <= page.evaluate(GAP) <= 90


@pytest.mark.parametrize("width", [320, 390])
def test_what_does_not_fit_a_phone_scrolls_with_a_sign_and_a_name(page, shipped_bank, width):
    page.set_viewport_size({"width": width, "height": 844})
    stops = "document.querySelectorAll('.prose [tabindex]').length"
    for role in ("ai-engineer", "machine-learning-engineer", "data-analyst"):
        page.goto(f"{shipped_bank}/interview-questions/{role}/")
        wait_for(page, "!document.querySelector('.from-top')")  # all is drawn
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wrong = page.locator(".prose :is(.scroll, .code, .formula)").evaluate_all(
            """parts => parts.filter((part) => {
                 const overflows = part.scrollWidth > part.clientWidth + 1;
                 const sign = (part.closest(".code-block") || part).nextElementSibling;
                 const isSigned = Boolean(sign?.matches(".slide:not([hidden])"));
                 const isNamed = Boolean(part.getAttribute("aria-label")) && part.tabIndex === 0;
                 return overflows !== isSigned || overflows !== isNamed;
               }).map((part) => part.textContent.slice(0, 60))"""
        )
        assert wrong == []
        assert page.evaluate(stops) == page.locator(".overflows").count()
