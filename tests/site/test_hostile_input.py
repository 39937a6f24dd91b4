"""No byte of a request ends in a server error: it is an error of the form, a refusal or a page.

Each address of the site is requested with hostile values in its path, in each parameter that its page
links to or that Django's admin reads, and in each field of each form on it: one value in each place.
HOSTILE=all in the environment tries more values, each in every place.
"""

import os
import re
from contextlib import contextmanager
from copy import deepcopy
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote_plus, urljoin, urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.urls import get_resolver

from questions.changes import Change, ChangeSet
from questions.documents import KINDS
from questions.models import LinkUse, Question, Report, Synonym, Upload
from questions.previews import preview_address
from tests.factories import (
    make_curator,
    make_import,
    make_question,
    make_role,
    make_step,
    make_tip,
    make_topic,
)
from tests.layer import Site

pytestmark = pytest.mark.django_db

# As percent-encoded bytes, for some are no text.
# One database refuses what the other one takes: a NUL, a number of more than 64 bits.
VALUES = ["9" * 30, "%ED%A0%80%FFx"] if "sqlite" in settings.DATABASES["default"]["ENGINE"] else ["%00"]
if os.environ.get("HOSTILE") == "all":
    VALUES = ["%00", "9" * 30, "%ED%A0%80%FFx"]
    VALUES += (
        "-1 1e9 nan 1_0 %D9%A3 %C0%80 a%00b %F0%9D %0D%0AX:y %01%1B%7F%C2%85 %E2%80%AE %EF%BF%BF".split()
    )
    VALUES += ["", "2147483648", "9223372036854775808", "-9223372036854775809", "x" * 5_000]


def tried(place):
    """The values for the place with this number: each in turn, or all of them."""
    return VALUES if os.environ.get("HOSTILE") == "all" else [VALUES[place % len(VALUES)]]


PARAMETERS = (
    "q p o all e _popup _to_field _changelist_filters next page changeset term app_label model_name "
    "field_name nosuch__x edit left answers role topic difficulty id__exact pk__in created__year "
    "created__month"
).split()


def addresses_of(resolver, path=""):
    for pattern in resolver.url_patterns:
        whole = path + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses_of(pattern, whole)
        else:
            yield "/" + whole


ADDRESSES = [
    *addresses_of(get_resolver()),
    "/healthz",
    "/interview-questions/<word:slug>/export.apkg?difficulty=easy&topic=subjects",
    "/admin/questions/category/<path:object_id>/change/?_popup=1&_to_field=id",
    "/admin/questions/question/<path:object_id>/change/?changeset=1",
]
_OF_ONE_ANSWER = re.compile(rb'name="(csrfmiddlewaretoken|key|once)" value="[^"]*"|data-seen="[^"]*"')
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


class Forms(HTMLParser):
    """The forms of a page, each `(method, action, [(name, value), …])`, and the parameters it links to."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.parameters = [], set()
        self.actions, self.selected = [], []  # what can be done to rows of a list, and the last of them
        self.filling = ""  # the select or the text area that is open
        self.feed(page.content.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name, value = attrs.get("name"), attrs.get("value") or ""
        if tag == "a":
            self.parameters |= dict(parse_qsl(urlsplit(attrs.get("href") or "").query)).keys()
        elif tag == "form":
            self.forms.append((attrs.get("method", "get").lower(), attrs.get("action", ""), []))
        elif tag in {"select", "textarea"}:
            self.filling = name
            self.add(name, None)
        elif tag == "option" and "selected" in attrs:
            self.add(self.filling, value)
        elif tag == "option" and self.filling == "action" and value:
            self.actions.append(value)
        elif name == "_selected_action":
            self.selected = [(name, value)]
        elif tag in {"input", "button"}:
            is_sent = "checked" in attrs or attrs.get("type") not in {"radio", "checkbox", "submit"}
            self.add(name, value if is_sent else None)

    def handle_endtag(self, tag):
        self.filling = "" if tag in {"select", "textarea"} else self.filling

    def handle_data(self, data):
        if self.filling and self.lasttag == "textarea":
            self.add(self.filling, data)

    def add(self, name, value):
        if self.forms and name:
            self.forms[-1][2].append((name, value))


@pytest.fixture(scope="module")
def curator(shared_rows):
    """An administrator; there is a row of every kind."""
    with shared_rows():
        return make_all()


def make_all():
    role = make_role(name="Tester")
    question = make_question(roles=[role], topics=[make_topic(name="Subjects")], text="Shown?")
    make_question(text="In review?", status="review")
    make_step(role=role)
    make_tip(role=role)
    Synonym.objects.create(name="Shown", also=["seen"])
    moved = make_topic(name="Moved", slug="moved", former_slugs=["before"])
    make_question(topics=[moved], sources=[{"title": "A page", "url": "https://a.example"}])
    LinkUse.objects.refresh()
    Report.objects.create(question=question, kind="wrong", text="It is.")
    curator = make_curator()
    make_import(
        "question,answer\nWhat?,So.\nIs it shown?,Yes.\n" + "x" * 301 + "?,\n,left over\n", "list.csv"
    )
    Upload.objects.begin("key", curator, "list.csv", b"a;b\nWhat?;So.\n")
    words = KINDS["question"].read([question.uid])[question.uid].document | {"answer": "It is *that*."}
    ChangeSet.objects.propose(curator, question.uid, words)
    return curator


@pytest.fixture
def site(client, curator):
    """A client in the name of an administrator."""
    client.force_login(curator)
    client.raise_request_exception = False
    return client


SLUGS = {
    "interview-questions": "tester",
    "questions": "shown",
    "report": "shown",
    "topics": "subjects",
    "admin": "shown",
    "shelf": "shown",
    "path": "tester",
}


def filled(pattern):
    """The address of a `pattern` with what exists in its places, and those with each hostile value."""
    pattern = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern).replace("^", "").replace("$", "")
    yield _PLACE.sub(lambda place: existing(pattern, place[1]), pattern)
    for number, place in enumerate(_PLACE.finditer(pattern)):
        for value in tried(number):
            whole = pattern[: place.start()] + value + pattern[place.end() :]
            yield _PLACE.sub(lambda place: existing(pattern, place[1]), whole)


def existing(pattern, name):
    parts = pattern.split("/")
    if name == "token":
        return preview_address("question", Question.objects.first().uid).split("/")[2]
    place = parts[2] if parts[1] == "practice" else parts[1]
    if name == "slug" and place in SLUGS:
        return SLUGS[place]
    others = {"verb": "discard", "section": "questions", "number": "0", "content_type_id": "1"}
    others |= {"page": "role"} if parts[1] == "kit" else {}
    others |= {"key": "key", "ending": "csv", "app_label": "auth", "url": "nowhere", "kind": "question"}
    if name in others:
        return others[name]
    model = Question if parts[2] in {"r", "still-right"} else apps.get_model(parts[2], parts[3])
    rows = Change.objects.all() if "bring-back" in parts else model._base_manager.all()
    row = rows.order_by("pk").last()
    return row.uid if name == "uid" else str(row.pk)


@contextmanager
def taken_back(client):
    """What a request writes, a log-out too, is undone."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def answer(client, method, address, body=None):
    """What a request is answered, and what of it is a failure: one line, or none."""
    path, _, query = address.partition("?")
    with taken_back(client):
        response = client.generic(
            method,
            path,
            (body or "").encode(),
            content_type="application/x-www-form-urlencoded",
            QUERY_STRING=query,
        )
        response.getvalue()  # a page that is rendered late, or a file that is sent in pieces
    if response.status_code < 500:
        return response, []
    exc = response.exc_info[1] if response.exc_info else ""
    return response, [f"{method} {address} {body}: {response.status_code} {exc!r}"[:1500]]


def failures(client, method, addresses, body=None):
    """Those requests that end in a server error."""
    for address in addresses:
        yield from answer(client, method, address, body)[1]


def failures_of_parameters(client, address, page, pairs):
    """Those of the hostile `pairs` as parameters of the `page` at this address.

    Pairs that leave the page as it is are tried together: what changes it may keep it from the others.
    """
    path, _, query = address.partition("?")
    others = [(name, value) for name, value in parse_qsl(query) if name not in dict(pairs)]
    whole = "&".join([encoded(others), *(f"{quote_plus(name)}={value}" for name, value in pairs)])
    response, found = answer(client, "GET", f"{path}?{whole}")
    yield from found
    if len(pairs) > 1 and shown(response) != shown(page):
        half = len(pairs) // 2
        yield from failures_of_parameters(client, address, page, pairs[:half])
        yield from failures_of_parameters(client, address, page, pairs[half:])


def shown(page):
    """What a page shows, without what is another each time: tokens of its forms, and the time."""
    return page.status_code, _OF_ONE_ANSWER.sub(b"", page.getvalue())


def with_each_value(pairs):
    """The form or query `pairs`, encoded, with each hostile value at each name; of rows alike at one."""
    names = {re.sub(r"-(\d+|__prefix__)-", "-n-", name): name for name, _value in pairs}.values()
    for number, name in enumerate(names):
        for value in tried(number):
            others = [(n, v) for n, v in pairs if n != name and v is not None]
            yield "&".join([encoded(others), f"{quote_plus(name)}={value}"])


def encoded(pairs):
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def forms_of(client, address, page):
    """`(method, address, fields)` of the forms of a page, and of those that actions of its list lead to."""
    parsed = Forms(page)
    for method, action, fields in parsed.forms:
        yield method, urljoin(address, action), fields
    for action in parsed.actions:
        selected = [name_and_value for name_and_value in parsed.selected if name_and_value[1]]
        fields = [("action", action), *selected]
        yield "post", address, fields
        with taken_back(client):
            following = client.post(address, {"action": action, **dict(selected)})
        if following.status_code == 200:
            for method, target, of_action in Forms(following).forms:
                yield method, urljoin(address, target), of_action


@pytest.mark.ignore_template_errors  # Django's own pages of users have some
@pytest.mark.parametrize("pattern", ADDRESSES)
def test_no_hostile_value_ends_in_a_server_error(site, pattern):
    address, *hostile = filled(pattern)
    found = [*failures(site, "GET", hostile), *failures(site, "POST", [*hostile, address], "a=%00")]
    page = site.get(address)
    if page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
        linked = Forms(page).parameters | dict(parse_qsl(urlsplit(address).query)).keys()
        names = [*PARAMETERS, *sorted(linked - set(PARAMETERS))]
        for values in zip(*map(tried, range(len(names))), strict=True):
            pairs = list(zip(names, values, strict=True))
            found += failures_of_parameters(site, address, page, pairs)
        for method, action, fields in forms_of(site, address, page):
            for query_or_body in with_each_value(fields):
                if method == "get":
                    found += failures(site, "GET", [f"{urlsplit(action).path}?{query_or_body}"])
                else:
                    found += failures(site, "POST", [action], query_or_body)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "session", ['"\\000abcdefghijkl"', '"\\355\\240\\200abcdefghijkl"', "\xff" * 20, "x" * 5_000]
)
def test_a_broken_session_is_none(client, session):
    assert client.get("/admin/", headers={"cookie": f"sessionid={session}"}).status_code == 302


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=\0",
        f"multipart/form-data; boundary={'a' * 300}",
        "application/json",
        "\xff",
    ],
)
def test_a_body_of_another_form_than_it_says_is_no_server_error(site, content_type):
    body = b'--a\r\nContent-Disposition: form-data; name="a\0"; filename="\xff\0/../x"\r\n\r\n\0\r\n--a--'
    for path in ("/", "/admin/login/", "/admin/questions/topic/add/", "/admin/questions/question/preview/"):
        assert site.post(path, body, content_type=content_type).status_code < 500


@pytest.mark.parametrize("address", ["/admin/questions/question/?q=", "/admin/autocomplete/?term="])
def test_a_search_of_a_thousand_words_is_refused(site, address):
    assert site.get(address + "a+" * 1_000).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/admin/questions/question/?created__year=-1", 400),
        ("/admin/auth/user/?date_joined__year=-1", 400),
        ("/admin/questions/topic/add/?_to_field=", 400),
        ("/admin/questions/question/?reviewed_on__lt=x", 302),
    ],
)
def test_a_filter_that_means_nothing_is_refused(site, address, status):
    assert site.get(address).status_code == status


def test_a_form_that_names_no_field_is_refused(site):
    assert (
        site.post("/admin/questions/topic/add/?_popup=1", {"name": "x", "_to_field": ""}).status_code == 400
    )


def test_more_fields_than_any_form_has_are_refused(site):
    body = "a=1&" * 20_000
    address = "/admin/questions/topic/add/"
    page = site.post(address, body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("", 200),
        ("application/x-www-form-urlencoded", 200),
        ("text/html; charset=UTF-8", 200),
        ('text/html; charset="utf-8"', 200),
        ("x/y; charset=undefined", 400),
        ("x/y; charset=\0", 400),
        ("multipart/form-data; boundary*=nosuch''x", 400),
    ],
)
def test_requests_are_read_as_utf_8_only(content_type, status):
    answer = Site().ask("/admin/", method="POST", body=b"q=x", environ={"CONTENT_TYPE": content_type})
    assert answer.status == status
