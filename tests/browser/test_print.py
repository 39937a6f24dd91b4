"""On paper."""

from .conftest import PAGES


def test_paper_has_the_answers_open_and_the_addresses_shown(page, at):
    page.goto(at(PAGES["role recalled"]))
    page.emulate_media(media="print")
    assert page.get_by_text("The share found.").is_visible()
    assert not page.locator(".filters").is_visible()
    after = "getComputedStyle(document.querySelector('.sources a'), '::after').content"
    assert page.evaluate(after) == '" <https://a.example/page>"'
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
