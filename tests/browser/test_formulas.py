"""The formulas of the shipped bank, on a phone: each fits or scrolls, in the letters that the site brings."""

import re

import pytest
from django.conf import settings

from tests.factories import make_question

MATH = re.compile(r"^```math\n.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def formulas(page, transactional_db, live_server):
    """A page with every formula of the bank, opened at a width."""
    texts = [path.read_text() for path in sorted((settings.BASE_DIR / "content/questions").glob("*.md"))]
    blocks = [block for text in texts for block in MATH.findall(text)]
    question = make_question(text="Formulas?", answer="\n\n".join(blocks))

    def opened(width):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{live_server.url}{question.get_absolute_url()}")
        page.evaluate("document.fonts.ready")
        assert page.locator(".formula").count() == len(blocks) > 20
        return page

    return opened


@pytest.mark.parametrize("width", [320, 390])
def test_each_formula_fits_or_scrolls(formulas, width):
    page = formulas(width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CUT) == []


# Formulas wider than their place that cannot be scrolled to their ends.
CUT = """() => [...document.querySelectorAll(".formula")]
    .filter((it) => {
        it.scrollLeft = 10_000;
        const end = it.querySelector("math > *").getBoundingClientRect().right;
        return end > it.getBoundingClientRect().right + 1;
    })
    .map((it) => it.textContent)"""


def test_most_formulas_fit_on_a_phone(formulas):
    page = formulas(390)
    wide = page.locator(".formula").evaluate_all("all => all.map((it) => it.scrollWidth > it.clientWidth)")
    assert sum(wide) <= len(wide) / 4


def test_formulas_are_set_in_the_faces_that_the_site_brings(formulas):
    page = formulas(390)
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    nodes = devtools.send("DOM.querySelectorAll", {"nodeId": root, "selector": "mi, mn, mo, mtext"})[
        "nodeIds"
    ]
    fonts = [
        font
        for node in nodes
        for font in devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    ]
    assert {(font["familyName"].split()[0], font["isCustomFont"]) for font in fonts} == {
        ("Formula", True),
        ("Literata", True),
    }


def test_brackets_grow_with_a_fraction_only(page, formulas):
    page = formulas(390)
    heights = page.locator("mo").evaluate_all(
        "all => all.filter((it) => it.textContent === '(' && !it.closest('msup, msub'))"
        ".map((it) => [it.getAttribute('stretchy'), it.getBoundingClientRect().height])"
    )
    small = [height for stretchy, height in heights if stretchy == "false"]
    tall = [height for stretchy, height in heights if stretchy == "true"]
    assert max(small) * 1.5 < min(tall)


def test_page_without_a_formula_fetches_no_maths_font(page, transactional_db, live_server):
    question = make_question(text="None?", answer="Words only.")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{live_server.url}{question.get_absolute_url()}")
    page.evaluate("document.fonts.ready")
    assert any(url.endswith("literata.woff2") for url in fetched)
    assert not any("formula.woff2" in url for url in fetched)
