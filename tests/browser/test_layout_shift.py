"""Nothing jumps when the fonts arrive late."""

import pytest

from .conftest import PAGES

WATCH = """window.shift = 0; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true })"""


@pytest.mark.parametrize("name", ["home", "role", "question in a role", "search results"])
@pytest.mark.parametrize("width", [412, 1440])
def test_late_fonts_move_nothing(page, at, name, width):
    page.set_viewport_size({"width": width, "height": 823})
    page.route("**/*.woff2", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.add_init_script(WATCH)
    page.goto(at(PAGES[name]))
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    assert page.evaluate("window.shift") < 0.05  # "good" is below 0.1; a line may wrap differently
