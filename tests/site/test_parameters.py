"""A page's query parameters: declared at its view, and the same in development, in tests and from memory."""

import pytest
from django.http import JsonResponse
from django.urls import include, path

from interviewprep.pagecache import PageCache
from questions.parameters import normal_query, reads


def echo(request):
    return JsonResponse({"read": dict(request.GET.lists()), "query": request.META["QUERY_STRING"]})


urlpatterns = [
    path("declared/", reads("a", "b")(lambda request: echo(request))),
    path("undeclared/", echo),
    path("admin/echo/", echo),
    path("", include("interviewprep.urls")),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("/declared/?b=2&a=1&b=1&b=2&c=3&a=", {"a": ["1"], "b": ["1", "2"]}),
        ("/declared/", {}),
        ("/undeclared/?a=1", {}),
        ("/admin/echo/?c=3&c=", {"c": ["3", ""]}),
    ],
)
def test_a_view_is_given_what_it_declares(client, address, read):
    assert client.get(address).json()["read"] == read


def test_a_redirect_to_the_slash_keeps_what_is_declared(client):
    assert client.get("/declared?c=3&a=1").url == "/declared/?a=1"


@pytest.mark.parametrize(
    "query", ["b=2&c=3&a=1", "a=%C3%A9", "a=é".encode().decode("latin-1"), "a=%FF&b=+", "&&=&a"]
)
def test_the_page_cache_gives_the_view_the_same(client, query):
    heard = []

    def application(environ, start_response):
        heard.append(environ["QUERY_STRING"])
        start_response("200 OK", [])
        return [b"words"]

    layer = PageCache(application, version=lambda: 1)
    environ = {
        "PATH_INFO": "/declared/",
        "QUERY_STRING": query,
        "REQUEST_METHOD": "GET",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
    }
    layer(environ, lambda *_said: None)
    assert heard == [client.get("/declared/", QUERY_STRING=query).json()["query"]]
    assert heard == [normal_query("/declared/", heard[0])]


def test_an_address_without_a_view_reads_nothing():
    assert normal_query("/nowhere/", "a=1") == ""
    assert normal_query("/\xff/", "a=1") == ""
