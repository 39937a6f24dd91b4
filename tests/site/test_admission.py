"""What is let in at once: bodies, log-ins and the desk, so that readers find a thread."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from io import BytesIO

import pytest

from tests.layer import Site

LOG_IN = "/admin/login/"


class SlowBody(BytesIO):
    """A body of which nothing arrives until `arrives` is set."""

    def __init__(self, arrives):
        super().__init__(b"username=x")
        self.arrives = arrives

    def read(self, size=-1):
        self.arrives.wait(5)
        return super().read(size)


def post(site, address=LOG_IN, body=b"username=x", **environ):
    return site.ask(address, method="POST", body=body, environ=environ)


def hang(site):
    """Let the application of `site` wait for the event that is returned."""
    let_go = threading.Event()

    def hanging(environ, start_response):
        let_go.wait(5)
        return site.words(environ, start_response)

    site.answer = hanging
    return let_go


def together(number, ask, until):
    """The answers to `number` requests at once, for which `until` is set once some are refused."""
    with ThreadPoolExecutor(number) as pool:
        answers = [pool.submit(ask, position) for position in range(number)]
        wait(answers, timeout=0.5)
        until.set()
        return [answer.result().status for answer in answers]


def test_only_so_many_bodies_are_waited_for():
    site, arrives = Site(), threading.Event()
    site.ask("/kept/")

    def ask(_position):
        return post(site, "/admin/", **{"wsgi.input": SlowBody(arrives)})

    with ThreadPoolExecutor(1) as pool:
        statuses = pool.submit(together, 30, ask, arrives)
        assert site.ask("/kept/").status == 200
    assert (statuses.result().count(200), statuses.result().count(503)) == (8, 22)
    assert post(site).status == 200


def test_only_so_many_log_in_at_once_and_the_desk_goes_on():
    site = Site()
    let_go = hang(site)
    with ThreadPoolExecutor(1) as pool:
        statuses = pool.submit(together, 30, lambda _position: post(site), let_go)
        assert site.ask(LOG_IN).status == 200
    assert (statuses.result().count(200), statuses.result().count(503)) == (5, 25)


def test_only_so_many_are_at_the_desk_at_once():
    site = Site()
    site.ask("/kept/")
    let_go = hang(site)
    statuses = together(40, lambda number: site.ask(f"/admin/{number}/"), let_go)
    assert (statuses.count(200), statuses.count(503)) == (20, 20)
    assert site.ask("/kept/").status == 200


def test_who_floods_the_form_of_reports_delays_other_reports_alone():
    site, arrives = Site(), threading.Event()
    site.ask("/kept/")

    def ask(_position):
        return post(site, "/report/a-question/", **{"wsgi.input": SlowBody(arrives)})

    with ThreadPoolExecutor(1) as pool:
        statuses = pool.submit(together, 30, ask, arrives)
        assert post(site, "/admin/").status == 200
        assert site.ask("/kept/").status == 200
    assert (statuses.result().count(200), statuses.result().count(503)) == (2, 28)
    let_go = hang(site)
    statuses = together(30, lambda _position: site.ask("/report/a-question/"), let_go)
    assert (statuses.count(200), statuses.count(503)) == (4, 26)


def test_who_is_refused_learns_that_nothing_was_saved():
    site = Site()
    let_go = hang(site)
    answers = []
    together(20, lambda number: answers.append(post(site)) or answers[-1], let_go)
    refused = next(answer for answer in answers if answer.status == 503)
    assert b"nothing was saved" in refused.body
    assert refused.headers["Retry-After"] == "2"


@pytest.mark.parametrize("path", ["/", "/interview-questions/tester/", "/preview/x/", "/nowhere/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "NONSENSE"])
def test_a_public_page_reads_no_body(path, method):
    site = Site()
    answer = site.ask(path, method=method, environ={"wsgi.input": None, "CONTENT_LENGTH": "100000"})
    assert (answer.status, answer.headers["Allow"], site.renders) == (405, "GET, HEAD", [])


def test_the_body_of_a_request_to_read_is_ignored():
    site = Site()
    for path in ("/", "/admin/"):
        environ = {"wsgi.input": None, "CONTENT_LENGTH": "100000"}
        assert site.ask(path, environ=environ).status == 200


@pytest.mark.parametrize(
    ("length", "status"), [("5000000", 400), ("5000001", 413), ("9" * 5000, 413), ("-1", 400), ("١٢", 400)]
)
def test_a_body_has_an_announced_length_within_bounds(length, status):
    site = Site()
    answer = post(site, CONTENT_LENGTH=length)
    assert (answer.status, site.renders) == (status, [])
    assert b"othing was saved" in answer.body


def test_files_to_import_have_a_bound_of_their_own(settings):
    site = Site()
    path = "/admin/questions/import/"
    length = {"CONTENT_LENGTH": str(settings.IMPORT_MAX_SIZE + 1), "wsgi.input": None}
    answer = site.ask(path, method="POST", environ=length)
    assert (answer.status, answer.body) == (413, b"Nothing was read: send 20 MB at most. Split the file.\n")
    body = b"x" * 6_000_000
    assert site.ask(path, method="POST", body=body).status == 200
    assert site.ask("/admin/questions/import/1/choose/", method="POST", body=body).status == 413


def test_a_learners_file_has_a_bound_of_its_own(settings):
    site = Site()
    length = {"CONTENT_LENGTH": "100000000", "wsgi.input": None}
    answer = site.ask("/practice/data/", method="POST", environ=length)
    assert (answer.status, b"has 10 MB at most" in answer.body) == (413, True)
    body = b"x" * 6_000_000
    assert site.ask("/practice/data/", method="POST", body=body).status == 200
    assert site.ask("/practice/delete/", method="POST", body=body).status == 413


def test_who_floods_practice_delays_other_learners_alone():
    site, arrives = Site(), threading.Event()
    site.ask("/kept/")

    def ask(_position):
        return post(site, "/practice/data/", **{"wsgi.input": SlowBody(arrives)})

    with ThreadPoolExecutor(1) as pool:
        statuses = pool.submit(together, 30, ask, arrives)
        assert post(site, "/admin/").status == 200
        assert site.ask("/kept/").status == 200
    assert (statuses.result().count(200), statuses.result().count(503)) == (16, 14)


def test_a_body_that_is_cut_off_reaches_nobody():
    site = Site()

    class Broken(BytesIO):
        def read(self, size=-1):
            raise ConnectionResetError

    assert post(site, CONTENT_LENGTH="11").status == 400
    assert post(site, **{"wsgi.input": Broken(b"username=x")}).status == 400
    assert site.renders == []


def test_a_body_arrives_as_it_was_sent():
    site = Site()

    def echo(environ, start_response):
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    site.answer = echo
    assert post(site, body=b"note=\x00\xff").body == b"note=\x00\xff"


def test_a_file_that_is_missing_costs_no_page():
    site = Site()
    assert (site.ask("/static/none.css").status, site.renders) == (404, [])


def test_a_file_of_the_desk_is_read_by_the_server_and_gives_its_place_back():
    class File:
        streaming = True
        closed, threads = 0, set()

        def __iter__(self):
            for piece in (b"a large ", b"file"):
                self.threads.add(threading.current_thread())
                yield piece

        def close(self):
            File.closed += 1

    def answer(environ, start_response):
        start_response("200 OK", [("Content-Disposition", "attachment")])
        return File()

    site = Site(answer)
    for _number in range(30):  # more than there are places
        assert site.ask("/admin/export/").body == b"a large file"
    assert File.closed == 30
    assert File.threads == {threading.current_thread()}
