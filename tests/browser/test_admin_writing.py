"""Writing in the admin: the preview follows the words, and unsaved words are kept."""

import pytest
from playwright.sync_api import expect

from questions.models import Question
from tests.factories import make_curator, make_question, make_role

from .curator import PASSWORD, listen, log_in, log_in_by_form

NOTICE = "These are your unsaved words"


@pytest.fixture
def question(transactional_db):
    return make_question(text="What is recall?", answer="The share.", roles=[make_role(name="AI Engineer")])


@pytest.fixture
def address(live_server, question):
    return f"{live_server.url}/admin/questions/question/{question.pk}/change/"


@pytest.fixture
def form(page, client, live_server, address):
    """The question's form, open on a wide screen before a curator who is logged in."""
    log_in(page, client, live_server, make_curator(password=PASSWORD))
    page.set_viewport_size({"width": 1440, "height": 900})
    console_messages = listen(page)
    page.goto(address)
    answer(page).scroll_into_view_if_needed()  # a preview is made when it comes into sight
    yield page
    assert [text for text in console_messages if "status of 403" not in text] == []


def answer(page):
    return page.locator("#id_answer")


def preview(page):
    return page.locator(".field-answer .markdown-preview")


def type_and_wait(page, text):
    """Type an answer, and wait until the browser has stored it."""
    answer(page).fill(text)
    page.wait_for_timeout(600)


def test_the_preview_follows_what_is_typed(form):
    expect(preview(form).locator("p")).to_have_text("The share.")
    answer(form).fill("The share **found**.")
    expect(preview(form).locator("strong")).to_have_text("found")


def test_the_preview_has_the_font_of_the_site_and_the_height_of_the_field(form):
    expect(preview(form).locator("p")).to_be_visible()
    left, right = answer(form).bounding_box(), preview(form).bounding_box()
    assert right["x"] > left["x"] + left["width"]
    assert abs(left["height"] - right["height"]) < 2
    font = "getComputedStyle(document.querySelector('.field-answer .markdown-preview')).fontFamily"
    assert form.evaluate(font).startswith("Literata")


def test_the_preview_shows_the_words_that_were_typed_last(form):
    """A slow answer to earlier words never replaces that to later ones."""
    form.route("**/preview/", lambda route: (form.wait_for_timeout(200), route.continue_()))
    for text in "First.", "Second.", "Third.":
        answer(form).fill(text)
        form.wait_for_timeout(350)
    expect(preview(form).locator("p")).to_have_text("Third.")


def test_an_empty_answer_has_a_message_in_place_of_a_preview(form):
    answer(form).fill("")
    expect(form.locator(".field-answer [role=status]")).to_have_text("Nothing to show yet.")


def test_a_failed_preview_says_so_and_keeps_the_words(form):
    form.context.clear_cookies()
    answer(form).fill("Typed after the log-in expired.")
    expect(form.locator(".field-answer [role=status]")).to_contain_text("Are you still logged in?")
    expect(answer(form)).to_have_value("Typed after the log-in expired.")


def test_on_a_phone_a_button_shows_the_preview_below(form):
    form.set_viewport_size({"width": 360, "height": 740})
    form.reload()
    assert not preview(form).is_visible()
    form.locator(".field-answer").get_by_role("button", name="Preview").click()
    expect(preview(form).locator("p")).to_have_text("The share.")
    assert preview(form).bounding_box()["y"] > answer(form).bounding_box()["y"]


def test_unsaved_words_survive_a_closed_page_and_a_new_log_in(form, address):
    type_and_wait(form, "Half an answer")
    another = form.context.new_page()
    form.close(run_before_unload=False)
    another.context.clear_cookies()
    another.goto(address)
    log_in_by_form(another)
    expect(answer(another)).to_have_value("Half an answer")
    assert another.get_by_role("status").filter(has_text=NOTICE).is_visible()


def test_unsaved_words_survive_a_save_after_the_log_in_expired(form):
    type_and_wait(form, "Sent too late")
    form.context.clear_cookies(name="sessionid")
    form.get_by_role("button", name="Save", exact=True).click()
    log_in_by_form(form)
    expect(answer(form)).to_have_value("Sent too late")


def test_unsaved_words_are_forgotten_after_a_save(form, address, question):
    type_and_wait(form, "A whole answer.")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.locator(".messagelist .success")).to_be_visible()
    assert Question.objects.get(pk=question.pk).answer == "A whole answer."
    form.goto(address)
    assert form.get_by_text(NOTICE).count() == 0
    assert form.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('words:'))") == []


def test_unsaved_words_stay_after_an_error(form, address):
    type_and_wait(form, "Good words")
    form.locator("#id_text").fill("")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.locator(".errornote")).to_be_visible()
    assert form.get_by_text(NOTICE).count() == 0
    form.goto(address)
    expect(answer(form)).to_have_value("Good words")


def test_unsaved_words_can_be_discarded(form, address):
    type_and_wait(form, "Bad words")
    form.goto(address)
    form.get_by_role("button", name="Discard them").click()
    expect(form.get_by_text(NOTICE)).to_have_count(0)
    expect(answer(form)).to_have_value("The share.")
    form.goto(address)
    expect(answer(form)).to_have_value("The share.")


def test_restored_words_do_not_overwrite_what_another_curator_saved(form, address, question):
    """They carry the version that they began from."""
    type_and_wait(form, "Mine")
    form.goto("about:blank")
    question.answer = "Theirs."
    question.save()
    form.goto(address)
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.locator(".conflict")).to_be_focused()
    assert Question.objects.get(pk=question.pk).answer == "Theirs."


def test_a_new_row_and_its_choice_are_kept(form, address):
    make_role(name="Data Engineer")
    form.get_by_role("button", name="Add another Role").click()
    row = form.locator("#placements-1")
    row.locator(".select2-selection").click()
    form.get_by_role("option", name="Data Engineer").click()
    form.wait_for_timeout(600)
    form.goto(address)
    expect(form.locator("#placements-1 .select2-selection__rendered")).to_contain_text("Data Engineer")


def test_each_curator_has_words_of_their_own(form, address, client, live_server):
    type_and_wait(form, "Mine")
    log_in(form, client, live_server, make_curator(username="other", password=PASSWORD))
    form.goto(address)
    expect(answer(form)).to_have_value("The share.")


def test_at_most_fifty_forms_are_stored(form):
    form.evaluate(
        "for (let n = 0; n < 60; n += 1)"
        " localStorage.setItem(`words:1:/${n}`, JSON.stringify({at: n, words: {}}))"
    )
    type_and_wait(form, "One more")
    kept = form.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('words:'))")
    assert len(kept) == 50
    assert "words:1:/0" not in kept


def test_typing_works_while_the_storage_is_full(form):
    form.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    type_and_wait(form, "Still typed")
    expect(answer(form)).to_have_value("Still typed")


def test_words_and_characters_are_counted_while_they_are_typed(form):
    short = form.get_by_label("Short answer", exact=False)
    counter = form.locator(".field-short_answer output")
    short.fill("Far too few.")
    expect(counter).to_have_text("3 words; 25 to 70 are wanted")
    expect(counter).to_have_class("counter out-of-range")
    short.fill("word " * 30)
    expect(counter).to_have_class("counter")
    form.locator("#id_label").fill("Recall")
    expect(form.locator(".field-label output")).to_have_text("6 of 50 characters")
