"""The page cache, asked as a server asks it; and the site in several processes, with writers beside it."""

import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from gzip import decompress
from urllib.parse import quote

import brotli
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.serializers import serialize
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, connection, transaction
from django.db.utils import ConnectionHandler

from interviewprep.freshness import PostgreSQLVersion, SQLiteVersion, at_most_every, content_version
from questions import listing, parts
from questions.models import Question, Topic
from questions.recording import record
from tests.factories import make_question, make_role, make_topic
from tests.layer import WORDS, Site

pytestmark = pytest.mark.usefixtures("connection_of_the_test")


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def bank(db):
    """The layer around the site itself, with a role `tester`."""
    role = make_role(name="Tester")
    make_question(roles=[role], topics=[make_topic(name="Subjects")], text="Shown?")
    site = Site(get_wsgi_application())
    site.role = role
    return site


# What is one page


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/interview-questions/tester/", "/questions/shown/", "/topics/", "/search/", "/feed/"),
        *("/schema.json", "/interview-questions/tester/export.apkg"),
        "/interview-questions/tester/export.csv?difficulty=medium&topic=subjects",
    ],
)
def test_a_page_is_rendered_once(bank, path):
    first, second = bank.ask(path), bank.ask(path)
    assert (first.status, first, len(bank.renders)) == (200, second, 1)


@pytest.mark.parametrize("ending", ["apkg", "md", "csv"])
def test_a_file_is_the_same_from_each_worker_until_the_bank_changes(bank, ending):
    address = f"/interview-questions/tester/export.{ending}"
    first, other = bank.ask(f"{address}?q=x"), Site(get_wsgi_application()).ask(address)
    assert (first.body, first.headers["ETag"]) == (other.body, other.headers["ETag"])
    assert bank.ask(address, if_none_match=first.headers["ETag"]).status == 304
    with record():
        Question.objects.filter(text="Shown?").update(answer="It is *that*.")
    bank.number += 1
    assert bank.ask(address).body != first.body


@pytest.mark.parametrize(
    "same",
    [
        "?difficulty=easy&difficulty=medium",
        "?difficulty=medium&difficulty=easy&difficulty=medium",
        "?utm_source=x&difficulty=medium&topic=&difficulty=easy",
        "?difficulty=%6dedium&%64ifficulty=easy&&=&x",
    ],
)
def test_order_repetition_and_unknown_or_empty_parameters_make_no_page(bank, same):
    path = "/interview-questions/tester/"
    first = bank.ask(f"{path}?difficulty=easy&difficulty=medium")
    assert bank.ask(path + same).body == first.body
    assert bank.renders == [f"{path}?difficulty=easy&difficulty=medium"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:1234", "localhost", "LOCALHOST:80", "[::1]:8000"])
def test_host_and_port_make_no_page(bank, host):
    first = bank.ask("/")
    assert bank.ask("/", host=host) == first
    assert len(bank.renders) == 1


def test_a_foreign_host_gets_no_page_from_memory(bank):
    bank.ask("/")
    for host in ("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil", "", "x" * 70_000):
        assert bank.ask("/", host=host).status == 400


def test_nothing_of_a_request_but_its_address_gets_into_a_page(bank):
    plain = bank.ask("/interview-questions/tester/")
    other = Site(get_wsgi_application())
    odd = {"accept_language": "de", "cookie": "sessionid=x", "hx_request": "true", "x_forwarded_host": "evil"}
    extra = {"SCRIPT_NAME": "/evil", "CONTENT_TYPE": "a; charset*=bogus'x'%41", "REMOTE_USER": "evil"}
    assert other.ask("/interview-questions/tester/?x=evil", host="localhost", environ=extra, **odd) == plain


def test_words_are_rendered_and_never_kept(bank):
    for _again in range(2):
        answer = bank.ask("/interview-questions/tester/?q=shown", accept_encoding="br")
        assert b"Shown?" in brotli.decompress(answer.body)
    assert (len(bank.renders), len(bank.layer.pages)) == (2, 0)


@pytest.mark.parametrize(
    "address",
    [
        "/questions/shown/?role=junk{}",
        "/interview-questions/tester/?topic=junk{}",
        "/interview-questions/tester/?difficulty=junk{}",
        "/interview-questions/tester/?q=junk{}",
        "/interview-questions/tester/?answers=junk{}",
        "/nowhere/{}",
        "/sitemap.xml?p={}",
        "/?junk={}",
        "/about/?page={}",
        "/topics/subjects/?page=9{}",
        "/interview-questions/tester/?part=9{}",
    ],
)
def test_junk_is_not_kept(bank, address):
    for number in range(1, 4):
        bank.ask(address.format(number))
    assert len(bank.layer.pages) <= 1
    assert all("junk" not in query for _path, query in bank.layer.pages._pages)


def test_a_question_in_a_role_is_a_page_of_its_own(bank):
    inside, alone = (bank.ask(f"/questions/shown/{query}") for query in ("?role=tester", ""))
    assert inside.body != alone.body
    assert bank.ask("/questions/shown/?role=tester") == inside
    assert (len(bank.renders), len(bank.layer.pages)) == (2, 2)


def test_the_parts_of_a_long_list_are_kept(bank, monkeypatch):
    monkeypatch.setattr(parts, "WHOLE", 1)
    monkeypatch.setattr(parts, "PART", 1)
    monkeypatch.setattr(listing, "TOPIC_PART", 1)
    make_question(roles=[bank.role], topics=list(Topic.objects.all()))
    addresses = ["/interview-questions/tester/?part=2", "/topics/subjects/?page=2"]
    for address in addresses * 2:
        assert bank.ask(address).status == 200
    assert bank.renders == addresses


def test_an_address_of_any_script_is_kept(db):
    role = make_role(name="Prüfer")
    site = Site(get_wsgi_application())
    assert quote("prüfer") in role.get_absolute_url()
    for _again in range(2):
        address = f"/interview-questions/{'prüfer'.encode().decode('latin-1')}/?answers=hidden"
        assert site.ask(address).status == 200
    assert len(site.renders) == 1


# What is not for the layer


@pytest.mark.parametrize("path", ["/admin/login/", "/healthz", "/readyz"])
def test_some_paths_pass_by(bank, path):
    statuses = [bank.ask(path, cookie="csrftoken=x").status for _again in range(2)]
    assert statuses == [200, 200]
    assert len(bank.layer.pages) == 0


@pytest.mark.parametrize(
    "header", [("Set-Cookie", "a=b"), ("Vary", "Cookie"), ("Cache-Control", "private, no-store")]
)
def test_what_is_personal_is_not_kept(header):
    def personal(environ, start_response):
        start_response("200 OK", [header])
        return [WORDS]

    site = Site(personal)
    assert site.ask().headers[header[0]] in {header[1], "Accept-Encoding"}
    site.ask()
    assert len(site.renders) == 2


@pytest.mark.parametrize(
    "headers", [{"transfer_encoding": "chunked"}, {"host": "127.0.0.1,evil.example"}, {"query": "x" * 5000}]
)
def test_ambiguous_and_endless_requests_are_refused(site, headers):
    answer = site.ask(f"/?{headers.pop('query', '')}", **headers)
    assert (answer.status, site.renders) == (400, [])
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_without_tls_there_is_only_the_redirect_to_it(db, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.TRUSTED_PROXY = ["127.0.0.0/8"]
    site = Site(get_wsgi_application())
    assert site.ask("/about/", x_forwarded_proto="https").status == 200
    assert site.ask("/about/").status == 301
    assert site.ask("/about/", x_forwarded_proto="http").status == 301
    assert site.ask("/about/", x_forwarded_proto="https, http").status == 200
    assert len(site.layer.pages) == 1
    settings.TRUSTED_PROXY = []
    site = Site(get_wsgi_application())
    assert site.ask("/about/", x_forwarded_proto="https").status == 301


# What is sent


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("br", "br"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("gzip;q=0.2, identity", None),
        ("deflate", None),
        ("*", "br"),
        ("*;q=0, gzip", "gzip"),
        ("br;q=oops", "br"),
        ("", None),
        ("GZIP", "gzip"),
        (";;,,q=", None),
    ],
)
def test_the_encoding_is_the_best_that_is_accepted(site, asked, given):
    answer = site.ask(accept_encoding=asked)
    assert answer.headers.get("Content-Encoding") == given
    decode = {"br": brotli.decompress, "gzip": decompress, None: bytes}[given]
    assert decode(answer.body) == WORDS
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_each_encoding_is_made_once_and_has_a_tag_of_its_own(site):
    tags = [site.ask(accept_encoding=coding).headers["ETag"] for coding in ("br", "gzip", "", "br")]
    assert len(set(tags)) == 3
    assert len(site.renders) == 1


@pytest.mark.parametrize(
    ("asked", "status"),
    [("{}", 304), ("W/{}", 304), ('"x", W/{}', 304), ("*", 304), ('"x"', 200), ("", 200), ("x{}", 200)],
)
def test_what_a_reader_has_is_not_sent_again(site, asked, status):
    tag = site.ask(accept_encoding="br").headers["ETag"]
    answer = site.ask(accept_encoding="br", if_none_match=asked.format(tag))
    assert answer.status == status
    assert (answer.body == b"") == (status == 304)
    assert answer.headers["ETag"] == tag
    assert {"Cache-Control", "Vary"} <= set(answer.headers)
    assert ("Content-Length" in answer.headers) == (status == 200)


def test_a_page_that_is_asked_for_often_becomes_smaller_under_the_same_tag():
    words = " ".join(f"word{number * number % 997}" for number in range(3000)).encode()

    def long(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [words]

    site = Site(long)
    first = site.ask(accept_encoding="br")
    for _ in range(25):
        site.ask(accept_encoding="br")
    site.layer.recompressor.shutdown()
    later = site.ask(accept_encoding="br")
    assert len(later.body) < len(first.body)
    assert (brotli.decompress(later.body), later.headers["ETag"]) == (words, first.headers["ETag"])


def test_the_tag_of_another_encoding_is_not_what_a_reader_has(site):
    tag = site.ask(accept_encoding="br").headers["ETag"]
    assert site.ask(accept_encoding="gzip", if_none_match=tag).status == 200


def test_head_is_get_without_its_body(bank):
    for path in ("/about/", "/nowhere/", "/interview-questions/tester/?q=x"):
        head, get = (bank.ask(path, method=method, accept_encoding="br") for method in ("HEAD", "GET"))
        assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


def test_an_error_has_no_tag(bank):
    answer = bank.ask("/nowhere/", if_none_match="*")
    assert (answer.status, "ETag" in answer.headers) == (404, False)
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    refused = bank.ask("/interview-questions/tester/?difficulty=x")
    assert (refused.status, refused.headers["Cache-Control"]) == (400, "no-store")


def test_pages_are_asked_for_each_time_unless_a_cdn_may_keep_them(bank, settings):
    assert bank.ask("/").headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    settings.CDN_SECONDS = 60
    kept = Site(get_wsgi_application()).ask("/").headers["Cache-Control"]
    assert kept == "public, max-age=0, must-revalidate, s-maxage=60, stale-while-revalidate=60"


# Never stale


def test_a_change_is_seen_by_the_next_request(site):
    site.ask()
    site.number = 2
    site.ask()
    site.ask()
    assert len(site.renders) == 2


def test_a_page_that_was_overtaken_while_it_was_rendered_is_not_served_again():
    site = Site()

    def overtaken(environ, start_response):
        site.number += len(site.renders) == 1
        return site.words(environ, start_response)

    site.answer = overtaken
    for _again in range(3):
        site.ask()
    assert len(site.renders) == 2


def test_freshness_can_be_asked_for_less_often():
    numbers = iter([1, 2])
    version = at_most_every(0.05, lambda: next(numbers))
    assert [version(), version()] == [1, 1]
    time.sleep(0.06)
    assert version() == 2


def test_while_the_database_is_gone_the_last_page_is_served_for_nobody_to_keep(site, caplog):
    page = site.ask()
    site.number = None
    for _again in range(3):
        answer = site.ask(if_none_match="x")
        assert (answer.status, answer.body) == (200, page.body)
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(caplog.records) == 1
    assert "gone" in caplog.text
    assert site.ask("/other/").headers["Cache-Control"] == "no-store"
    site.number = 2
    assert site.ask().headers["Cache-Control"] != "no-store"
    assert len(site.renders) == 3


@pytest.mark.django_db(transaction=True)
def test_each_commit_of_public_words_is_reported_and_nothing_else():
    version = content_version()
    before = version()
    question = make_question(roles=[make_role()])
    published = version()
    assert published > before
    make_question(status="draft")
    assert version() == published
    with record():
        Question.objects.filter(pk=question.pk).update(text="Another?")
        assert version() == published
    assert version() == published + 1
    version._connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_fixture_is_seen_too(tmp_path):
    question = make_question(roles=[make_role()], text="Old?")
    version = content_version()
    before = version()
    fixture = tmp_path / "question.json"
    fixture.write_text(serialize("json", [question]).replace("Old?", "New?"))
    call_command("loaddata", fixture, verbosity=0)
    assert version() > before
    assert Question.objects.get().text == "New?"
    version._connection.close()


def test_sqlite_is_asked_through_a_link_and_before_there_is_a_table(tmp_path):
    file, link = tmp_path / "real.sqlite3", tmp_path / "link.sqlite3"
    link.symlink_to(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(link)}
        version = SQLiteVersion(ConnectionHandler({"default": engine})["default"])
        with pytest.raises(OperationalError):
            version()
        writer.execute("CREATE TABLE questions_contentversion (id INTEGER PRIMARY KEY, number INTEGER)")
        assert version() == 0
        writer.execute("INSERT INTO questions_contentversion VALUES (1, 5)")
        assert [version(), version()] == [5, 5]
        writer.execute("UPDATE questions_contentversion SET number = 6")
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert version() == 6
        version._connection.close()


def test_nobody_waits_for_one_who_has_lost_patience(monkeypatch):
    monkeypatch.setattr("interviewprep.freshness._PATIENCE", 0.2)
    asked, let_go = threading.Event(), threading.Event()
    version = PostgreSQLVersion(None)

    def hanging():
        version._asking = time.monotonic()
        asked.set()
        let_go.wait(5)
        return 7

    monkeypatch.setattr(version, "_ask", hanging)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(version)
        asked.wait(5)
        for _again in range(2):
            with pytest.raises(OperationalError):
                pool.submit(version).result(5)
        let_go.set()
        assert (first.result(5), version()) == (7, 7)


if "postgresql" in settings.DATABASES["default"]["ENGINE"]:  # SQLite has no connection to lose

    @pytest.mark.django_db(transaction=True)
    def test_a_lost_connection_is_made_anew():
        version = content_version()
        number = version()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [version._connection.info.backend_pid])
        assert version() == number
        version._connection.close()

    @pytest.mark.django_db(transaction=True)
    def test_a_locked_row_is_not_waited_for(monkeypatch):
        monkeypatch.setattr("interviewprep.freshness._PATIENCE", 0.2)
        version = content_version()
        number = version()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE questions_contentversion IN ACCESS EXCLUSIVE MODE")
            for _again in range(2):
                with pytest.raises(OperationalError):
                    version()
        time.sleep(0.5)
        assert version() == number
        version._connection.close()


# Many at once


def test_sixteen_requests_right_after_a_save_are_one_render():
    site = Site()
    site.ask()

    def slow(environ, start_response):
        time.sleep(0.1)
        return site.words(environ, start_response)

    site.answer, site.number = slow, 2
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _n: site.ask(accept_encoding="br"), range(16)))
    assert len(site.renders) == 2
    assert {answer.status for answer in answers} == {200}


def test_a_render_that_fails_is_made_anew():
    site = Site()

    def broken(environ, start_response):
        raise RuntimeError("broken")

    site.answer = broken
    with pytest.raises(RuntimeError):
        site.ask()
    site.answer = site.words
    assert site.ask().status == 200
    assert not site.layer.rendering


def hang(site):
    """Let renders of `site` wait: returns a semaphore that each releases, and the event that lets them go."""
    entered, let_go = threading.Semaphore(0), threading.Event()

    def hanging(environ, start_response):
        entered.release()
        let_go.wait(5)
        return site.words(environ, start_response)

    site.answer = hanging
    return entered, let_go


def test_when_too_many_wait_others_are_refused_and_hits_go_on():
    site = Site()
    site.ask("/kept/")
    entered, let_go = hang(site)
    with ThreadPoolExecutor(50) as pool:
        misses = [pool.submit(site.ask, f"/{number}/") for number in range(50)]
        entered.acquire(timeout=5)
        assert site.ask("/kept/").status == 200
        busy = site.ask("/another/")
        for _ in range(500):
            if sum(miss.done() for miss in misses) == 34:  # refused; the others wait
                break
            time.sleep(0.01)
        let_go.set()
    statuses = [miss.result(5).status for miss in misses]
    assert (busy.status, busy.headers["Retry-After"], busy.headers["Cache-Control"]) == (503, "1", "no-store")
    assert (statuses.count(200), statuses.count(503)) == (16, 34)
    assert site.ask("/another/").status == 200


def test_misses_are_rendered_one_at_a_time_and_hits_are_served_meanwhile():
    site = Site()
    site.ask("/kept/")
    entered, let_go = hang(site)
    with ThreadPoolExecutor(8) as pool:
        misses = [pool.submit(site.ask, f"/{number}/") for number in range(8)]
        entered.acquire(timeout=5)
        assert site.ask("/kept/").status == 200
        assert not entered.acquire(timeout=0.1)
        let_go.set()
        assert {miss.result(5).status for miss in misses} == {200}


def test_a_page_that_cannot_be_rendered_again_is_served_as_it_was():
    site = Site()
    site.ask("/kept/")

    def gone(environ, start_response):
        start_response("503 Service Unavailable", [("Retry-After", "10")])
        return [b"gone"]

    site.answer, site.number = gone, 2
    old = site.ask("/kept/")
    assert (old.status, old.body, old.headers["Cache-Control"]) == (200, WORDS, "no-store")
    assert site.ask("/new/").status == 503
    site.answer = site.words
    assert "no-store" not in site.ask("/kept/").headers["Cache-Control"]


# Memory


def test_memory_is_bounded_and_the_least_asked_for_goes_first():
    site = Site(limit=100_000)
    for number in range(200):
        site.ask("/favourite/")
        for coding in ("br", "gzip", ""):
            site.ask(f"/page/{number}/", accept_encoding=coding)
        assert site.layer.pages.bytes <= 100_000
    assert site.renders.count("/favourite/?") == 1
    assert 10 < len(site.layer.pages) < 60
    counted = sum(page.weigh() for page in site.layer.pages._pages.values())
    assert site.layer.pages.bytes == counted


def test_without_memory_the_site_works_as_well():
    site = Site(limit=0)
    assert [site.ask().body, site.ask().body] == [WORDS, WORDS]
    assert len(site.renders) == 2


# The site in several processes


@pytest.fixture(scope="module")
def own_database(tmp_path_factory):
    """The address of an empty database, of the kind that these tests run on, for processes of their own."""
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        yield f"sqlite:///{tmp_path_factory.mktemp('stale')}/db.sqlite3"
        return
    address, name = os.environ["DATABASE_URL"], f"stale_{os.getpid()}"
    default = settings.DATABASES["default"]
    with psycopg.connect(host=default["HOST"], dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"{address.rpartition('/')[0]}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def python(*arguments, database):
    environment = os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "interviewprep.settings"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_no_reader_sees_what_was_before_a_commit(own_database, port):
    options = ["--reads", "1000", "--workers", "2", "--writers", "3", "--every", "0.05", "--port", str(port)]
    result = python("-m", "bench.stale", *options, "--dying", "2", database=own_database)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith(" 0 stale\n")
