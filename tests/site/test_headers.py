"""The same headers with every answer, whoever gives it."""

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from django.test import override_settings

from questions.models import Question
from tests.factories import make_question, make_role
from tests.layer import Site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("connection_of_the_test")]

HEADERS = {
    "Content-Security-Policy",
    "Cross-Origin-Embedder-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
}
SECURE = {
    "SITE_URL": "https://127.0.0.1:8000",
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 3600,
    "TRUSTED_PROXY": ["127.0.0.1"],
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}


@pytest.fixture(scope="module")
def bank(shared_rows):
    with shared_rows():
        make_question(roles=[make_role(name="Tester")], text="Shown?")
        retired = make_question(text="Retired?")
        Question.objects.filter(pk=retired.pk).update(status="retired")


@pytest.fixture
def site(bank, tmp_path):
    (tmp_path / "style.css").write_text("a{}")
    with override_settings(**SECURE, STATIC_ROOT=tmp_path):
        yield Site(get_wsgi_application())


@pytest.mark.parametrize(
    ("address", "options", "status"),
    [
        ("/", {}, 200),
        ("/interview-questions/tester/", {"accept_encoding": "br"}, 200),
        ("/interview-questions/tester/", {"method": "HEAD"}, 200),
        ("/interview-questions/tester/", {"if_none_match": "*"}, 304),
        ("/interview-questions/tester/?difficulty=none", {}, 400),
        ("/questions/retired/", {}, 410),
        ("/nowhere/", {}, 404),
        ("/feed/", {}, 200),
        ("/favicon.ico", {}, 302),
        ("/about", {}, 301),
        ("/", {"method": "POST", "body": b"x"}, 405),
        ("/", {"host": "evil.example"}, 400),
        ("/?q=" + "x" * 5000, {}, 400),
        ("/admin/", {}, 302),
        ("/admin/login/", {}, 200),
        ("/admin/login/", {"method": "POST", "body": b"username=x"}, 403),
        ("/admin/login/", {"method": "POST", "environ": {"CONTENT_LENGTH": "999999999"}}, 413),
        ("/admin/login/", {"method": "POST", "environ": {"CONTENT_LENGTH": "10"}}, 400),
        ("/static/style.css", {}, 200),
        ("/static/none.css", {}, 404),
        ("/healthz", {}, 200),
        ("/readyz", {}, 200),
    ],
)
def test_every_kind_of_answer_has_them(site, address, options, status):
    answer = site.ask(address, x_forwarded_proto="https", **options)
    assert answer.status == status
    assert set(answer.headers) >= HEADERS
    assert {name: answer.headers[name] for name in HEADERS} == {
        name: site.ask("/about/", x_forwarded_proto="https").headers[name] for name in HEADERS
    }


def test_an_answer_of_a_broken_database_has_them(site, monkeypatch):
    def broken(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(Question.objects, "published", broken)
    answer = site.ask("/questions/shown/", x_forwarded_proto="https")
    assert answer.status == 503
    assert set(answer.headers) >= HEADERS


def test_the_policy_lets_nothing_in_from_elsewhere(site):
    headers = site.ask("/", x_forwarded_proto="https").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Strict-Transport-Security"] == "max-age=3600"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
