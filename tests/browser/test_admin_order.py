"""The order of a role's lists: by buttons, by a number, by a drag; one save stores it."""

import pytest
from playwright.sync_api import expect

from questions.changes import ChangeSet
from questions.recording import record
from tests.factories import make_curator, make_question, make_role, make_step, make_tip

from .curator import listen, log_in

TIP = "Tie every concept to something you built."
QUESTIONS = ["What is recall?", "What is drift?", "Design a search."]


@pytest.fixture
@record()
def role(transactional_db):
    role = make_role(name="AI Engineer")
    for text in QUESTIONS:
        make_question(roles=[role], text=text)
    for title in "Foundations", "Production":
        make_step(role=role, title=title)
    make_tip(role=role, text=TIP)
    return role


@pytest.fixture
def form(page, client, live_server, role):
    """The role's form on a wide screen."""
    log_in(page, client, live_server, make_curator())
    page.set_viewport_size({"width": 1440, "height": 900})
    console_messages = listen(page)
    page.goto(f"{live_server.url}/admin/questions/role/{role.pk}/change/")
    yield page
    assert console_messages == []


def rows(form):
    return form.locator("#placements-group tr.has_original")


def positions(form):
    return [box.input_value() for box in rows(form).locator("[name$=-position]").all()]


def texts(form):
    return [text.strip() for text in rows(form).locator("option:checked").all_text_contents()]


def save(form):
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.locator(".messagelist .success")).to_be_visible()


def test_up_and_down_and_one_save_change_the_page(form, role, live_server):
    before = ChangeSet.objects.count()
    form.get_by_role("button", name="Up: Design a search.").click()
    form.get_by_role("button", name="Down: What is recall?").click()
    form.get_by_role("button", name="Down: What is recall?").click()
    assert positions(form) == ["1", "2", "3"]
    save(form)
    assert ChangeSet.objects.count() == before + 1
    form.goto(f"{live_server.url}{role.get_absolute_url()}")
    shown = form.locator(".question h3").all_inner_texts()
    assert shown == ["Design a search.", "What is drift?", "What is recall?"]


def test_focus_stays_on_the_row_and_the_move_is_announced(form):
    up = form.get_by_role("button", name="Up: Design a search.")
    up.focus()
    form.keyboard.press("Enter")
    form.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(form.get_by_text("Moved to 1 of 3.")).to_be_attached()
    form.keyboard.press("Enter")  # there is no further up
    expect(up).to_be_focused()
    assert texts(form)[0] == "Design a search."


def test_a_typed_number_moves_the_row(form):
    rows(form).nth(0).locator("[name$=-position]").fill("3")
    form.keyboard.press("Tab")
    assert texts(form) == ["What is drift?", "Design a search.", "What is recall?"]
    assert positions(form) == ["1", "2", "3"]
    expect(form.get_by_role("button", name="Up: What is recall?")).to_be_focused()


def test_a_drag_by_the_handle_moves_the_row(form):
    rows(form).nth(2).scroll_into_view_if_needed()
    handle = rows(form).nth(2).locator(".order-handle").bounding_box()
    target = rows(form).nth(0).bounding_box()
    form.mouse.move(handle["x"] + 8, handle["y"] + 8)
    form.mouse.down()
    form.mouse.move(handle["x"] + 8, target["y"] + 4, steps=5)
    form.wait_for_timeout(100)
    form.mouse.up()
    assert texts(form) == ["Design a search.", "What is recall?", "What is drift?"]
    assert positions(form) == ["1", "2", "3"]


def test_escape_ends_a_drag_without_a_move(form):
    rows(form).nth(2).scroll_into_view_if_needed()
    handle = rows(form).nth(2).locator(".order-handle").bounding_box()
    form.mouse.move(handle["x"] + 8, handle["y"] + 8)
    form.mouse.down()
    form.mouse.move(handle["x"] + 8, handle["y"] - 100, steps=5)
    form.keyboard.press("Escape")
    form.mouse.up()
    assert texts(form) == QUESTIONS


def test_what_is_marked_for_deletion_is_not_counted(form):
    rows(form).nth(0).locator("[name$=-DELETE]").check()
    assert positions(form)[1:] == ["1", "2"]


def test_a_new_row_takes_part_once_it_is_filled(form, role):
    form.get_by_role("button", name="Add another Tip").click()
    form.get_by_role("button", name="Add another Tip").click()  # stays empty
    row = form.locator("#tips-1")
    row.locator("[name$=-text]").fill("Say what it costs.")
    form.keyboard.press("Tab")
    row.get_by_role("button", name="Up: Say what it costs.").click()
    save(form)
    assert [tip.text for tip in role.tips.all()] == ["Say what it costs.", TIP]


def test_the_buttons_move_steps(form, role):
    form.get_by_role("button", name="Up: Production").click()
    save(form)
    assert list(role.steps.values_list("title", flat=True)) == ["Production", "Foundations"]


def test_a_list_of_more_than_a_hundred_is_ordered(page, client, live_server, role):
    with record():
        for n in range(120):
            make_question(roles=[role], text=f"Question {n} of many?")
    log_in(page, client, live_server, make_curator())
    page.goto(f"{live_server.url}/admin/questions/role/{role.pk}/change/")
    up = page.get_by_role("button", name="Up: Question 119 of many?")
    for _ in range(3):
        up.click()
    numbers = page.locator("#placements-group [name$=-position]")
    shown = [box.input_value() for box in numbers.all() if box.input_value()]
    assert shown == [str(number) for number in range(1, len(shown) + 1)]
    expect(page.locator("#placements-group tr.form-row").nth(-5)).to_contain_text("Question 119 of many?")


def test_the_roles_of_a_category_move_by_buttons(page, client, live_server, role):
    make_role(name="Analyst", category=role.category)
    log_in(page, client, live_server, make_curator())
    page.goto(f"{live_server.url}/admin/questions/category/{role.category.pk}/change/")
    page.get_by_role("button", name="Down: AI Engineer").click()
    save(page)
    assert [each.name for each in role.category.roles.all()] == ["Analyst", "AI Engineer"]
