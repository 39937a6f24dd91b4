"""The link *Edit* of public pages: for curators alone, on pages that are the same for everybody."""

from datetime import timedelta

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from questions.models import Question
from tests.factories import make_curator, make_question, make_role, make_topic
from tests.layer import Site
from tests.questions.test_admin import change_url
from tests.questions.test_desk import member

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"


@pytest.fixture
def browser():
    """A client whose cookies show, with somebody to log in."""
    make_curator(username="Ada", password=PASSWORD)
    return Client()


def log_in(browser, path="/admin/login/"):
    return browser.post(path, {"username": "Ada", "password": PASSWORD})


def marker(browser):
    """The marker as a browser keeps it, or None."""
    cookie = browser.cookies.get("curator")
    return cookie if cookie is not None and cookie.value else None


def test_the_marker_comes_with_the_log_in_and_lasts_as_long_as_the_session(browser):
    browser.get("/admin/login/")
    browser.post("/admin/login/", {"username": "Ada", "password": "wrong"})
    assert marker(browser) is None
    log_in(browser)
    cookie, session = marker(browser), browser.cookies["sessionid"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("1", "Lax", "")
    assert (cookie["max-age"], cookie["path"]) == (session["max-age"], session["path"])


def test_the_marker_is_as_secure_as_the_session(browser, settings):
    settings.SESSION_COOKIE_SECURE = True
    log_in(browser)
    assert marker(browser)["secure"]


def test_the_marker_goes_with_the_log_out(browser):
    log_in(browser)
    browser.post("/admin/logout/")
    assert marker(browser) is None


def test_where_the_session_has_ended_the_link_leads_to_the_log_in_and_on_to_the_form(browser, time_machine):
    question = make_question()
    log_in(browser)
    time_machine.move_to(timezone.now() + timedelta(days=15))
    address = reverse("admin:edit", args=["question", question.slug])
    page = browser.get(address)
    assertRedirects(page, f"/admin/login/?next={address}", fetch_redirect_response=False)
    assert marker(browser) is None
    page = log_in(browser, page.url)
    assertRedirects(page, address, fetch_redirect_response=False)
    assertRedirects(browser.get(address), change_url(question))


def test_the_link_leads_to_the_form_by_any_address(client):
    editor, question = member("Editors"), make_question(slug="old")
    question.slug = "new"
    question.save()
    for slug in ("old", "new"):
        assertRedirects(editor.get(f"/admin/edit/question/{slug}/"), change_url(question))
    for row in (make_role(), make_topic()):
        assertRedirects(editor.get(f"/admin/edit/{row.kind}/{row.slug}/"), change_url(row))


def test_what_is_gone_has_a_page_in_the_desk():
    editor, question = member("Editors"), make_question(slug="gone", status="draft")
    question.delete()
    assertContains(editor.get("/admin/edit/question/gone/"), "There is nothing to edit here", status_code=404)
    assert editor.get("/admin/edit/user/Ada/").status_code == 404
    assert editor.post("/admin/edit/question/gone/").status_code == 405


def test_who_may_not_see_the_bank_is_led_nowhere(client):
    question = make_question()
    nobody = member("Writers")
    nobody.user.groups.clear()
    assert nobody.get(f"/admin/edit/question/{question.slug}/").status_code == 403


PAGES = ["/questions/shown/", "/interview-questions/tester/", "/topics/subjects/"]


@pytest.fixture
def bank():
    role, topic = make_role(name="Tester"), make_topic(name="Subjects")
    make_question(roles=[role], topics=[topic], text="Shown?")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_the_form_and_is_the_same_for_a_curator(client, bank, path):
    page = client.get(path)
    kind = {"questions": "question", "interview-questions": "role", "topics": "topic"}[path.split("/")[1]]
    assertContains(page, f'href="/admin/edit/{kind}/{path.split("/")[2]}/"')
    assert client.get(path, headers={"cookie": "curator=1; sessionid=x"}).content == page.content


@pytest.mark.usefixtures("connection_of_the_test")
def test_a_kept_page_is_kept_for_curators_too(bank):
    site = Site(get_wsgi_application())
    answers = [site.ask(PAGES[0]), site.ask(PAGES[0], cookie="curator=1; sessionid=x"), site.ask(PAGES[0])]
    assert len(site.renders) == 1
    assert answers[0] == answers[1] == answers[2]


def test_other_pages_have_no_such_link(client, bank):
    for path in ("/", "/topics/", "/about/"):
        assert "/admin/" not in client.get(path).content.decode()
    assert Question.objects.count() == 1
