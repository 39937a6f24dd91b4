"""Long lists with script: addresses of questions that name no part, and the roles of home by their names."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from interviewprep import views
from questions import listing, parts, places
from tests.browser.conftest import PAGES

pytestmark = pytest.mark.django_db
ROLE = PAGES["role"]


@pytest.fixture
def role_in_parts(monkeypatch, bank):
    """The AI Engineer role has four questions: two parts of two."""
    monkeypatch.setattr(parts, "WHOLE", 3)
    monkeypatch.setattr(parts, "PART", 2)


@pytest.mark.parametrize(
    "address", ["#q-design-a-judge", "?part=1#q-design-a-judge", "?part=9#q-design-a-judge"]
)
def test_the_address_of_a_question_in_another_part_leads_there(role_in_parts, page, at, address):
    page.goto(at(ROLE + address))
    page.wait_for_url(f"**{ROLE}?part=2#q-design-a-judge")
    expect(page.locator("#q-design-a-judge")).to_be_in_viewport()
    page.goto(at(f"{ROLE}?part=2#q-what-is-recall"))
    page.wait_for_url(f"**{ROLE}#q-what-is-recall")


def test_the_address_of_no_question_stays(role_in_parts, page, at):
    page.goto(at(f"{ROLE}#q-nowhere"))
    page.wait_for_load_state("networkidle")
    assert page.url.endswith(f"{ROLE}#q-nowhere")


def test_a_filter_leaves_the_part_and_back_returns_to_it(role_in_parts, reader, at):
    reader.goto(at(f"{ROLE}?part=2"))
    expect(reader.locator(".subtitle")).to_have_text("Questions 3 to 4")
    reader.get_by_label("Hard").first.check()
    reader.wait_for_url(f"**{ROLE}?difficulty=hard")
    expect(reader.locator(".question")).to_have_count(2)
    expect(reader.locator(".subtitle")).not_to_have_text("Questions 3 to 4")
    expect(reader.locator("#path")).to_be_visible()
    expect(reader.locator("#parts")).to_be_hidden()
    reader.go_back()
    expect(reader.locator(".subtitle")).to_have_text("Questions 3 to 4")
    expect(reader.locator("#parts")).to_be_visible()


def test_the_keys_go_from_question_to_question_and_not_to_the_next_part(role_in_parts, reader, at):
    reader.goto(at(ROLE))
    reader.keyboard.press("j")
    assert reader.url == at(ROLE)


def test_the_link_of_a_question_names_its_part(role_in_parts, reader, at):
    reader.goto(at(f"{ROLE}?part=2"))
    reader.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    reader.locator("#q-design-a-judge [data-copy]").click()
    assert reader.evaluate("window.copied") == at(f"{ROLE}?part=2#q-design-a-judge")


@pytest.fixture
def home(monkeypatch, page, bank, at):
    """Home, as it is where it has many roles."""
    monkeypatch.setattr(views, "MANY_ROLES", 1)
    page.goto(at("/"))
    return page


def names(home):
    return home.locator(".entry:visible .name").all_inner_texts()


def test_roles_are_found_by_their_names_while_one_types(home):
    field, status = home.get_by_label("Find a role by its name"), home.locator(".find-role [role=status]")
    everything = names(home)
    field.press_sequentially("eng AI")
    assert names(home) == ["AI Engineer"]
    expect(status).to_have_text("1 role")
    expect(home.get_by_role("heading", name="Empty field")).to_be_hidden()
    field.fill("zzz")
    expect(status).to_have_text("No role has such a name.")
    assert names(home) == []
    field.press("Escape")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    assert names(home) == everything
    expect(status).to_have_text("")


def test_enter_opens_the_one_role_that_is_left(home):
    field = home.get_by_label("Find a role by its name")
    field.fill("ai engineer")
    field.press("Enter")
    home.wait_for_url(f"**{ROLE}")


LONG = {
    "role": f"{ROLE}?part=2",
    "role filtered": f"{ROLE}?topic=evaluation&part=2",
    "topic": "/topics/evaluation/?page=2",
    "question": "/questions/design-a-judge/?topic=evaluation",
    "home": "/",
}


@pytest.mark.parametrize("name", LONG)
def test_axe_finds_nothing_in_long_lists_and_they_do_not_scroll_sideways(
    role_in_parts, monkeypatch, page, at, name
):
    monkeypatch.setattr(views, "MANY_ROLES", 1)
    for module in listing, places:
        monkeypatch.setattr(module, "TOPIC_PART", 3)
    for scheme in "light", "dark":
        page.emulate_media(color_scheme=scheme)
        for width in 320, 360, 1440, 2560:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(at(LONG[name]))
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            results = Axe().run(page)
            assert results.violations_count == 0, f"{width}, {scheme}: {results.generate_report()}"
