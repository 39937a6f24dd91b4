"""The log, as a machine reads it."""

import json
import logging
import logging.config
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path


def noisy(request):
    logging.getLogger("questions").warning("One of\ntwo lines.")
    logging.getLogger("questions").warning("Another.")
    return HttpResponse()


def broken(request):
    raise RuntimeError("It is\nbroken.")


urlpatterns = [path("noisy/", noisy), path("broken/", broken), path("", include("interviewprep.urls"))]


@pytest.fixture
def logged(settings):
    """Returns what has been logged as JSON."""
    settings.ROOT_URLCONF = __name__
    output = StringIO()
    console = settings.LOGGING["handlers"]["console"] | {"formatter": "json", "stream": output}
    logging.config.dictConfig(settings.LOGGING | {"handlers": {"console": console}})
    yield lambda: [json.loads(line) for line in output.getvalue().splitlines()]
    logging.config.dictConfig(settings.LOGGING)


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_an_event_is_one_line_with_its_request(client, logged):
    client.get("/noisy/?q=private", headers={"user-agent": "Private"})
    first, second = logged()
    assert datetime.fromisoformat(first.pop("time")).utcoffset() == timedelta(0)
    assert len(first.pop("request_id")) == 32
    assert first == {
        "level": "WARNING",
        "logger": "questions",
        "message": "One of\ntwo lines.",
        "method": "GET",
        "path": "/noisy/",
    }
    assert second["message"] == "Another."


def test_lines_of_one_request_share_its_id(client, logged):
    client.get("/noisy/")
    client.get("/noisy/")
    ids = [line["request_id"] for line in logged()]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_line_outside_of_requests_has_no_id(client, logged):
    client.get("/noisy/")
    logging.getLogger("questions").warning("Later.")
    assert logged()[-1].keys() == {"time", "level", "logger", "message"}


def test_a_traceback_is_a_part_of_its_line(client, logged):
    client.get("/broken/?q=private")
    (line,) = logged()
    assert (line["level"], line["status"], line["path"]) == ("ERROR", 500, "/broken/")
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert line["exception"].endswith("RuntimeError: It is\nbroken.")
    assert len(line["request_id"]) == 32


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_logged_once_without_its_query(client, logged):
    client.get("/nothing/?q=private")
    (line,) = logged()
    assert (line["message"], line["status"]) == ("Not Found: /nothing/", 404)
    assert len(line["request_id"]) == 32
    assert "private" not in json.dumps(line)


def test_a_refused_form_does_not_log_the_address_that_it_came_from(logged):
    client = Client(enforce_csrf_checks=True)
    origin = {"referer": "https://other.example/people/?name=private#private"}
    client.post("/admin/login/", {"username": "private"}, secure=True, headers=origin)
    (line,) = logged()
    assert line["message"].startswith("Forbidden (Referer checking failed - https://other.example/people/")
    assert "private" not in json.dumps(line)


def test_failed_logins_are_not_logged_with_names_and_addresses(logged):
    logging.getLogger("axes.handlers.database").warning("AXES: New login failure by %s", "private")
    assert logged() == []


@pytest.mark.parametrize(
    ("trusted", "given", "is_taken"),
    [
        (["127.0.0.1"], "0f8fad5b-d9cb-469f-a165-70867728950e", True),
        (["127.0.0.1"], "short", False),
        (["127.0.0.1"], "x" * 65, False),
        (["127.0.0.1"], "with blanks and\ttabs", False),
        (["127.0.0.1"], "äöüßäöüß", False),
        ([], "0f8fad5b-d9cb-469f-a165-70867728950e", False),
    ],
)
def test_the_id_is_the_one_of_a_trusted_proxy(client, logged, settings, trusted, given, is_taken):
    settings.TRUSTED_PROXY = trusted
    response = client.get("/noisy/", headers={"x-request-id": given})
    assert (logged()[0]["request_id"] == given) == is_taken
    assert "X-Request-ID" not in response.headers


def test_a_level_holds_for_django_too(client, logged, settings):
    logging.getLogger("django.request").info("Of no interest.")
    assert logged() == []
