"""On paper."""

from .conftest import PAGES


def test_paper_has_the_answers_open_and_the_addresses_shown(page, at):
    page.goto(at(PAGES["role"]))
    for answer in page.locator(".answer").all():
        answer.evaluate("answer => { answer.open = false }")
    page.emulate_media(media="print")
    for text in ("what one would say first", "The share found.", "what a short list can hold"):
        assert page.get_by_text(text).first.is_visible()
    assert not page.locator(".filters").is_visible()
    after = "getComputedStyle(document.querySelector('.sources a'), '::after').content"
    assert page.evaluate(after) == '" <https://a.example/page>"'
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_key_points_are_below_the_answer_and_not_on_it(page, at):
    page.goto(at(PAGES["role"]))
    page.emulate_media(media="print")
    for question in page.locator(".question").all():
        answer, points = (question.locator(part).bounding_box() for part in (".prose", ".gloss"))
        assert points["y"] >= answer["y"] + answer["height"]


def test_in_recall_one_prints_the_questions_only_with_lines_to_write_on(page, at):
    page.goto(at(PAGES["role recalled"]))
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="What is recall?").is_visible()
    assert not page.get_by_text("The share found.").is_visible()
    assert not page.get_by_text("Show the short answer").first.is_visible()
    assert not page.get_by_role("heading", name="Learning path").is_visible()
    lines = page.evaluate("getComputedStyle(document.querySelector('.question'), '::after').height")
    assert float(lines.removesuffix("px")) > 90
