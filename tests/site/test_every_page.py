"""Sweeps: what holds for every page of the site, the admin and the errors included."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import translation

import practice.urls
from questions.models import Question
from tests.factories import make_curator, make_question, make_role, make_step, make_tip, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bank(shared_rows):
    with shared_rows():
        make_rows()


def make_rows():
    role = make_role(name="Tester", internships_url="https://jobs.example.org")
    topic = make_topic(name="Subjects")
    make_question(
        roles=[role],
        topics=[topic],
        text="Shown?",
        key_points=["Says it"],
        follow_ups=["And then?"],
        sources=[{"title": "A book"}, {"title": "A page", "url": "https://a.example"}],
    )
    make_step(role=role, resources=[{"title": "A course", "url": "https://b.example"}])
    make_tip(role=role)
    retired = make_question(text="Retired?")
    Question.objects.filter(pk=retired.pk).update(status="retired")


PUBLIC = {
    "/": 200,
    "/about/": 200,
    "/interview-questions/tester/": 200,
    "/interview-questions/tester/?answers=hidden": 200,
    "/interview-questions/tester/?difficulty=hard": 200,
    "/interview-questions/tester/?difficulty=impossible": 400,
    "/questions/shown/": 200,
    "/questions/shown/?role=tester": 200,
    "/topics/": 200,
    "/topics/subjects/": 200,
    "/search/": 200,
    "/search/?q=shown": 200,
    "/search/?q=subjects&topic=subjects": 200,
    "/search/?q=nowhere": 200,
    "/search/?difficulty=impossible": 400,
    "/questions/retired/": 410,
    "/nowhere/": 404,
}
# These are not kept, and the first of them is sent.
OF_REPORTS = {
    "/report/shown/": 200,
    "/report/shown/?role=tester": 200,
    "/report/shown/thanks/": 200,
    "/report/retired/": 410,
}
# These have cookies. The first address leads to a session.
OF_PRACTICE = {
    "/practice/start/?role=tester": 200,
    "/practice/": 200,
    "/practice/start/?role=impossible": 400,
    "/practice/unknown/": 400,
    "/practice/session/": 400,
    "/practice/progress/": 200,
    "/practice/shelf/": 200,
    "/practice/shelf/shown/": 200,
    "/practice/shelf/retired/": 404,
    "/practice/path/tester/": 200,
    "/practice/devices/": 200,
    "/practice/devices/enter/": 200,
    "/practice/data/": 200,
    "/practice/delete/": 200,
    "/practice/settings/": 200,
}
# What is no page.
FILES = {
    "/interview-questions/tester/export.apkg": 200,
    "/interview-questions/tester/export.md": 200,
    "/interview-questions/tester/export.csv?difficulty=hard": 200,
    "/interview-questions/tester/export.csv?difficulty=impossible": 302,
    "/interview-questions/tester/export.exe": 404,
    "/schema.json": 200,
}
ADMIN = [
    "/admin/",
    "/admin/questions/question/",
    "/admin/questions/question/add/",
    "/admin/questions/role/add/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/questions/import/",
    "/admin/questions/import/export/",
    "/admin/questions/link/",
    "/admin/questions/report/",
]


@pytest.mark.parametrize(("path", "status"), (PUBLIC | OF_REPORTS).items())
def test_public_pages_are_whole_and_hold_nothing_personal(client, bank, path, status):
    page = client.get(path, headers={"cookie": "sessionid=x; csrftoken=y"})
    assert page.status_code == status
    assert not set(page.headers) & {"Set-Cookie"}
    assert "Cookie" not in page.headers.get("Vary", "")
    assert_whole(page)


@pytest.mark.parametrize(("path", "status"), OF_PRACTICE.items())
def test_pages_of_practice_are_whole_and_never_kept_and_a_visit_makes_no_learner(client, bank, path, status):
    page = client.get(path, follow=True)
    assert (page.status_code, page.headers["Cache-Control"]) == (status, "no-store")
    assert '<meta name="robots" content="noindex">' in page.content.decode()
    assert client.cookies.keys() <= {"csrftoken"}
    assert_whole(page)


def test_nothing_is_kept_of_practice_that_is_sent_without_its_token(bank):
    stranger = Client(enforce_csrf_checks=True)
    for address in practice.urls.urlpatterns:
        path = f"/practice/{str(address.pattern).replace('<word:slug>', 'shown')}"
        assert (path, stranger.post(path).status_code) == (path, 403)
    assert stranger.cookies.keys() <= {"csrftoken"}


def assert_whole(page):
    text = page.content.decode()
    assert len(re.findall(r"<h1[ >]", text)) == 1
    assert re.search(r"<title>[^<]{5,}</title>", text)
    assert_safe(page)


@pytest.mark.parametrize(("path", "status"), FILES.items())
def test_files_hold_nothing_personal_and_are_read_only(client, bank, path, status):
    plain = client.get(path)
    asked = client.get(path, headers={"cookie": "sessionid=x; csrftoken=y"})
    assert (asked.status_code, asked.content) == (status, plain.content)
    assert not set(asked.headers) & {"Set-Cookie", "Vary"}
    assert asked.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert (client.head(path).status_code, client.post(path).status_code) == (status, 405)


@pytest.mark.parametrize("path", ADMIN)
def test_admin_pages_hold_the_policy_too(client, bank, path):
    client.force_login(make_curator())
    assert_safe(client.get(path))


def assert_safe(page):
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    text = page.content.decode()
    assert not re.search(r"<[^>]+\s(style|on\w+)=", text)
    assert not re.search(r"<style|<script(?![^>]*(\ssrc=|json))", text)


def test_errors_are_pages_of_the_site(bank, client, monkeypatch):
    assert "cannot be read" in Client(headers={"host": "evil.example"}).get("/").content.decode()
    refused = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})
    assert (refused.status_code, "has expired" in refused.content.decode()) == (403, True)

    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(Question.objects, "published", broken)
    client.raise_request_exception = False
    page = client.get("/questions/shown/")
    assert (page.status_code, "Something went wrong on our side" in page.content.decode()) == (500, True)
    assert_safe(page)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_read_only(client, bank, path):
    assert client.post(path).status_code == (404 if PUBLIC[path] == 404 else 405)
    assert client.head(path).status_code == PUBLIC[path]


def test_robots_and_sitemap(client, bank):
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in client.get("/robots.txt").content.decode()
    assert client.get("/robots.txt").headers["Content-Type"] == "text/plain; charset=utf-8"


def test_forwarded_headers_are_believed_from_a_trusted_proxy_only(client, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    forwarded = {
        "x-forwarded-proto": "https",
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-host": "evil.example",
    }
    assert client.get("/about/", headers=forwarded).status_code == 301
    settings.TRUSTED_PROXY = ["127.0.0.0/8"]
    believing = Client()
    assert believing.get("/about/", headers=forwarded).status_code == 200


def dotted(message):
    return re.sub(r"%\(\w+\)s|<[^>]*>|\w", lambda match: match[0] if len(match[0]) > 1 else "·", str(message))


@pytest.mark.parametrize("path", PUBLIC | OF_REPORTS | OF_PRACTICE)
def test_no_english_of_the_interface_is_outside_translation(client, bank, path, monkeypatch):
    """With every translation replaced by dots, only the bank's own words are left."""
    trans = translation._trans
    monkeypatch.setattr(trans, "gettext", dotted)
    monkeypatch.setattr(trans, "pgettext", lambda context, message: dotted(message))
    monkeypatch.setattr(trans, "ngettext", lambda one, many, number: dotted(many))
    text = client.get(path, follow=True).content.decode()
    # Scripts, and the names of time zones, which nobody translates here.
    body = re.sub("(?s)<(script|optgroup).*?</\\1>", "", text[text.index("<body") :])
    words = " ".join(
        re.findall(r">([^<]+)<", body) + re.findall(r'(?:aria-label|placeholder|title|alt)="([^"]*)"', body)
    )
    bank_words = (
        "Tester Field Subjects Shown Retired Says it And then A book page course "
        "What is Learn Step Tip number this It Q impossible jobs example org UTC"
    )
    left = set(re.findall(r"[^\W\d_]{2,}", words)) - set(bank_words.split())
    assert not {word for word in left if word.isascii()}, left


def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, skip_checks=True)


def test_every_setting_of_the_environment_is_in_the_readme_and_the_other_way():
    source = (settings.BASE_DIR / "interviewprep" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    documented = set(
        re.findall(r"^\| `([A-Z_]+)` \|", (settings.BASE_DIR / "README.md").read_text(), re.MULTILINE)
    )
    assert read == documented
