"""Links of the bank: what a look finds at other sites, and how a curator mends them."""

import json
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from questions import looks
from questions.links import Link, LinkUse
from questions.looks import Look, Looker, State
from questions.models import ChangeSet, Question
from tests.factories import make_question, make_role, make_step
from tests.questions.test_desk import confirm, fresh, member

PATIENCE = 0.3  # seconds for an address that never answers; the others may take their time on a slow machine


@pytest.fixture
def writer(db):
    return member("Writers")


@pytest.fixture
def editor(db):
    return member("Editors")


class OtherSite(BaseHTTPRequestHandler):
    """A host of other people, on which each path behaves in its own way."""

    def log_message(self, *args):
        pass

    def answer(self, status, text="", **headers):
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", len(body))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def page(self, title):
        self.answer(200, f"<title>{title}</title><p>{title}</p>")

    def do_GET(self):
        with self.server.lock:
            self.server.requests.append((self.command, self.path, self.headers["User-Agent"]))
        with suppress(ConnectionError):
            self.respond(*self.path.strip("/").split("/"))

    do_HEAD = do_GET

    def respond(self, act, *rest):
        if "no-such-page" in self.path and act not in ("soft", "home"):
            self.answer(404)
        elif act == "fine":
            self.page("Fine")
        elif act == "status":
            self.answer(int(rest[0]))
        elif act == "head":  # refused with a status, or by hanging up
            if self.command == "GET":
                self.page("Fine")
            elif rest[0] == "silent":
                self.server.done.wait(5)
            elif rest[0] != "hang-up":
                self.answer(int(rest[0]))
        elif act == "hang-up":
            pass
        elif act == "silent":
            self.server.done.wait(5)
        elif act == "drips":
            for letter in b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999:
                self.wfile.write(bytes([letter]))
                if self.server.done.wait(0.05):
                    return
        elif act == "redirect":
            self.answer(int(rest[0]), Location="/" + "/".join(rest[1:]))
        elif act == "ever":
            self.answer(302, Location=f"/ever/{int(rest[0]) + 1}")
        elif act == "cookies":
            self.answer(302, Location=self.path, Set_Cookie="seen=1")
        elif act == "away":
            self.answer(301, Location=self.server.away)
        elif act == "soft":
            self.page("Recall" if rest[0] == "there" else "Sorry!")
        elif act == "home":  # leads everything that it does not know to its first page
            self.page("Known") if rest[0] == "known" else self.answer(301, Location="/soft/there")
        elif act == "slow":
            self.take_time()
            self.page("Slow")
        else:
            self.answer(404)

    def take_time(self):
        """Note how many ask the same host at the same time."""
        site, host = self.server, self.headers["Host"]
        with site.lock:
            site.open[host] = site.open.get(host, 0) + 1
            site.most = max(site.most, site.open[host])
        time.sleep(0.03)
        with site.lock:
            site.open[host] -= 1


@pytest.fixture
def site(monkeypatch):
    """Another site on this machine, which looks may reach; the rest of the machine they may not."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), OtherSite)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # of looks that hang up
    server.lock, server.requests, server.open, server.most = threading.Lock(), [], {}, 0
    server.done, server.away = threading.Event(), ""
    server.url = f"http://127.0.0.1:{server.server_port}"
    allowed = looks.may_reach
    monkeypatch.setattr(looks, "may_reach", lambda ip, port: port == server.server_port or allowed(ip, port))
    monkeypatch.setattr(looks.Looker.__init__, "__kwdefaults__", {"seconds": 10, "pause": 0})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.done.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("path", "state", "words"),
    [
        ("/fine/page", State.FINE, ""),
        ("/fine/straße?q=ü#part", State.FINE, ""),
        ("/head/405", State.FINE, ""),
        ("/head/403", State.FINE, ""),
        ("/head/501", State.FINE, ""),
        ("/head/404", State.FINE, ""),
        ("/head/hang-up", State.FINE, ""),
        ("/status/404", State.DEAD, "404 Not Found"),
        ("/status/410", State.DEAD, "410 Gone"),
        ("/status/403", State.DOUBTFUL, "403 Forbidden"),
        ("/status/429", State.DOUBTFUL, "429"),
        ("/status/500", State.UNKNOWN, "500"),
        ("/hang-up", State.UNKNOWN, "broke off"),
        ("/silent", State.UNKNOWN, "within 0.3 seconds"),
        ("/drips", State.UNKNOWN, "within 0.3 seconds"),
        ("/ever/1", State.DEAD, "redirects for ever"),
        ("/cookies/1", State.DOUBTFUL, "without its cookies"),
        ("/redirect/302/fine/page", State.FINE, "not for good"),
        ("/redirect/301/status/404", State.DEAD, "404"),
        ("/soft/there", State.FINE, ""),
        ("/soft/gone", State.DOUBTFUL, "cannot exist"),
        ("/home/known", State.FINE, ""),
        ("/home/forgotten", State.DOUBTFUL, "cannot exist"),
    ],
)
def test_a_look_tells_what_a_visitor_would_find(site, path, state, words):
    looker = Looker(seconds=PATIENCE) if "within" in words else Looker()
    look = looker.look(site.url + path)
    assert look.state == state
    assert words in look.reason
    assert bool(words) == bool(look.reason)
    assert not look.new_address


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/redirect/301/fine/new", "/fine/new"),
        ("/redirect/308/redirect/301/fine/new#part", "/fine/new#part"),
        ("/redirect/301/redirect/302/fine/new", ""),
        ("/redirect/307/redirect/301/fine/new", ""),
    ],
)
def test_an_address_has_moved_if_every_redirect_is_for_good(site, path, end):
    look = Looker().look(site.url + path)
    assert look.state == (State.MOVED if end else State.FINE)
    assert look.new_address == (site.url + end if end else "")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://0.0.0.0/",
        "http://93.184.215.14:22/",
    ],
)
def test_nobody_looks_into_a_private_network(monkeypatch, address):
    monkeypatch.setattr(looks.socket, "create_connection", None)  # none is made
    look = Looker().look(address)
    assert (look.state, look.status) == (State.DOUBTFUL, None)
    assert "not on the public web" in look.reason


@pytest.mark.parametrize("away", ["http://127.0.0.1:1/", "http://localhost:1/", "file:///etc/passwd"])
def test_a_redirect_leads_into_no_private_network(site, away):
    site.away = away
    look = Looker().look(f"{site.url}/away")
    assert look.state == State.DOUBTFUL
    assert not look.new_address


def test_a_name_with_one_private_address_is_refused(monkeypatch):
    ips = ["93.184.215.14", "10.0.0.1"]
    infos = [(0, 0, 0, "", (ip, 80)) for ip in ips]
    monkeypatch.setattr(looks.socket, "getaddrinfo", lambda *args, **kwargs: infos)
    monkeypatch.setattr(looks.socket, "create_connection", None)
    assert "not on the public web" in Looker().look("http://rebound.example/").reason


@pytest.mark.parametrize(
    "address", ["http://[::1", "https://", "http://exa mple.org/", "http://a..b/", "http://x.example:99999/"]
)
def test_what_is_no_address_is_dead(address):
    assert Looker().look(address) == Look(State.DEAD, reason="no browser could open this address")


def test_a_host_that_never_answers_a_head_is_asked_for_the_page(site):
    assert Looker(seconds=2).look(f"{site.url}/head/silent").state == State.FINE


def test_an_international_name_is_asked_for_in_its_ascii_form(monkeypatch):
    asked = []
    monkeypatch.setattr(looks.socket, "getaddrinfo", lambda host, *args, **kwargs: asked.append(host) or [])
    Looker().look("https://bücher.example/straße")
    assert asked[0] == "xn--bcher-kva.example"


def test_a_host_that_takes_no_connection_is_told(site):
    site.shutdown()
    site.server_close()
    assert "takes no connection" in Looker().look(f"{site.url}/fine/page").reason


def test_a_host_gets_one_request_at_a_time_and_who_asks_is_told(site):
    names = ["127.0.0.1", "localhost"]
    addresses = [f"http://{name}:{site.server_port}/slow/{n}" for n in range(4) for name in names]
    found = dict(Looker().look_at(addresses))
    assert {look.state for look in found.values()} == {State.FINE}
    assert len(found) == 8
    assert site.most == 1
    assert {agent for _method, _path, agent in site.requests} == {
        "InterviewPrep-links (+http://127.0.0.1:8000/about/)"
    }


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost, and its key, in one file."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-out", path, "-keyout", path.with_suffix(".key")]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_suffix(".key").read_bytes())
    return path


@pytest.mark.needs("openssl")
@pytest.mark.parametrize(
    ("host", "is_trusted", "reason"),
    [
        ("localhost", True, ""),
        ("localhost", False, "certificate does not hold: self-signed"),
        ("127.0.0.1", True, "certificate does not hold: IP address mismatch"),
    ],
)
def test_a_certificate_has_to_hold_for_the_name_in_the_address(site, certificate, host, is_trusted, reason):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    site.socket = tls.wrap_socket(site.socket, server_side=True, do_handshake_on_connect=False)
    looker = Looker()
    if is_trusted:
        looker.tls.load_verify_locations(certificate)
    look = looker.look(f"https://{host}:{site.server_port}/fine/page")
    assert look.state == (State.UNKNOWN if reason else State.FINE)
    assert reason in look.reason


def test_a_host_that_begins_no_tls_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(looks, "may_reach", lambda ip, port: True)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        assert "within 0.3 seconds" in Looker(seconds=PATIENCE).look(address).reason


# The command


@pytest.fixture
def bank(db, site):
    """A role whose documents lead to the other site in every way that there is."""
    role = make_role(
        name="Tester",
        intro=f"What [it]({site.url}/fine/intro) is.",
        internships_url=f"{site.url}/status/410",
    )
    make_step(role=role, body=f"Learn [it]({site.url}/fine/step).", resources=[source(f"{site.url}/hang-up")])
    make_question(
        roles=[role],
        text="Where from?",
        short_answer=f"[Here]({site.url}/fine/short).",
        answer=f"A page, {site.url}/redirect/301/fine/new, and `{site.url}/status/404`.",
        weak_answer=f"![A picture]({site.url}/fine/weak)",
        sources=[source(f"{site.url}/redirect/301/fine/new"), {"title": "A book"}],
    )
    make_question(text="Elsewhere?", sources=[source(f"{site.url}/status/404")])
    return role


def source(url):
    return {"title": "A page", "url": url}


def check(*arguments):
    output = StringIO()
    call_command("checklinks", *arguments, stdout=output)
    return output.getvalue()


def states(site):
    """`{path: state}` of all links."""
    links = Link.objects.values_list("address", "state")
    return {address.removeprefix(site.url): str(state) for address, state in links}


def test_the_command_looks_at_every_address_of_the_bank(bank, site):
    output = check()
    assert states(site) == {
        "/fine/intro": "fine",
        "/fine/short": "fine",
        "/fine/step": "fine",
        "/fine/weak": "fine",
        "/redirect/301/fine/new": "moved",
        "/hang-up": "unknown",
        "/status/404": "dead",
        "/status/410": "dead",
    }
    assert "Looked at 8 addresses: 4 fine, 1 moved for good, 2 dead, 0 doubtful, 1 unknown." in output
    assert f"moved for good {site.url}/redirect/301/fine/new → {site.url}/fine/new" in output


def test_no_answer_counts_as_dead_from_the_second_look_on(bank, site):
    check()
    silent = Link.objects.get(address__endswith="/hang-up")
    assert (silent.state, silent.failed_looks, silent.failing_since) == ("unknown", 1, silent.looked_at)
    check("--all")
    again = fresh(silent)
    assert (again.state, again.failed_looks, again.failing_since) == ("dead", 2, silent.failing_since)
    again.save_look(Look(State.FINE, 200))
    assert (fresh(silent).failed_looks, fresh(silent).failing_since) == (0, None)


def test_a_run_leaves_out_what_was_looked_at_within_a_day(bank, site, time_machine):
    check()
    site.requests.clear()
    assert "Looked at 0 addresses" in check()
    assert site.requests == []
    time_machine.move_to(timezone.now() + timedelta(days=2))
    assert "Looked at 4 addresses" in check("--dead")
    assert "/fine/intro" not in [path for _method, path, _agent in site.requests]


def test_a_run_that_is_ended_keeps_what_it_found(bank, site, monkeypatch):
    save_look, seen = Link.save_look, []

    def save_two(link, look):
        save_look(link, look)
        seen.append(link)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Link, "save_look", save_two)
        with pytest.raises(KeyboardInterrupt):
            check()
    assert Link.objects.exclude(looked_at=None).count() == 2
    assert "Looked at 6 addresses" in check()


def test_a_role_can_be_looked_at_alone_and_a_wrong_one_is_told(bank, site):
    assert "Looked at 7 addresses" in check("--role", "tester")
    with pytest.raises(CommandError, match="There is no role “testers”"):
        check("--role", "testers")


def test_strict_ends_with_1_if_something_is_dead(bank, site):
    with pytest.raises(SystemExit, match="1"):
        check("--strict")


def test_the_report_can_be_json(bank, site):
    report = json.loads(check("--json"))
    assert report["looked"] == 8
    gone = next(link for link in report["links"] if link["status"] == 410)
    assert gone["state"] == "dead"
    assert gone["documents"] == [{"kind": "role", "uid": "tester"}]


def test_addresses_that_left_the_bank_leave_the_table(bank, site):
    check()
    question = Question.objects.get(text="Elsewhere?")
    question.sources = []
    question.save()
    assert not Link.objects.dead().filter(address__endswith="/404").exists()  # at once
    check()
    assert not Link.objects.filter(address__endswith="/404").exists()


# The page


PAGE = "/admin/questions/link/"


def make_link(address="https://a.example/old", state=State.DEAD, new_address="", **values):
    """A link that a look has found so, and its uses by what is in the bank."""
    LinkUse.objects.refresh()
    link, _made = Link.objects.get_or_create(address=address)
    link.save_look(
        Look(state, reason="404 Not Found" if state == State.DEAD else "", new_address=new_address)
    )
    return link


def press(client, link, verb, **values):
    return client.post(reverse("admin:questions_link_act", args=[link.pk, verb]), values, follow=True)


OLD, NEW = "https://a.example/old", "https://a.example/new?a=1&b=2"


@pytest.fixture
def moved(db):
    """An address that has moved, in several fields of several documents."""
    role = make_role(name="Tester", intro=f"See <{OLD}>.")
    make_step(role=role, resources=[source(OLD)], body=f"Read [it]({OLD} 'now').")
    make_question(
        text="Everywhere?",
        roles=[role],
        answer=f"[One]({OLD}), {OLD}, [two][2] and `{OLD}`; not {OLD}er.\n\n[2]: {OLD}",
        sources=[source(OLD), source(f"{OLD}/other")],
    )
    return make_link(OLD, State.MOVED, NEW)


def test_the_page_lists_by_role_what_is_wrong_and_who_leads_there(db, writer):
    make_question(text="Of no role?", sources=[source("https://b.example/gone")])
    make_question(text="Of a tester?", roles=[make_role(name="Tester")], sources=[source(OLD)])
    make_question(text="Fine?", sources=[source("https://c.example/fine")])
    make_link("https://b.example/gone")
    make_link("https://c.example/fine", State.FINE)
    make_link()
    page = writer.get(PAGE)
    for words in (
        "Tester",
        "Of a tester?",
        "In no role",
        "Of no role?",
        "404 Not Found",
        "one look",
        "sources",
    ):
        assertContains(page, words)
    assertNotContains(page, "c.example")
    assertNotContains(page, "It is fine")  # which is for Editors
    assertNotContains(writer.get(PAGE, {"role": "tester"}), "b.example")
    assertContains(writer.get(PAGE, {"state": "moved"}), "No link is like that.")
    assertContains(writer.get(PAGE, {"state": "odd", "role": "odd"}), "Select a valid choice", 2)


def test_the_page_tells_that_nobody_has_looked_and_that_nothing_is_wrong(db, writer):
    assertContains(writer.get(PAGE), "manage.py checklinks")
    make_question(sources=[source(OLD)])
    make_link(state=State.FINE)
    assertContains(writer.get(PAGE), "Nothing is wrong")
    assertRedirects(writer.get("/admin/links/?state=dead"), f"{PAGE}?state=dead")
    assertContains(writer.get("/admin/"), PAGE)


def test_a_mended_link_leaves_the_page_at_once_and_an_undo_brings_it_back(db, editor):
    question = make_question(sources=[source(OLD)])
    make_link()
    question.sources = [source(NEW)]
    question.save()
    assertNotContains(editor.get(PAGE), OLD)
    ChangeSet.objects.first().undo(editor.user)
    assertContains(editor.get(PAGE), OLD)
    draft = make_question(text="A draft?", status="draft", published_at=None, sources=[source(NEW)])
    make_link(NEW)
    draft.delete()
    assertNotContains(editor.get(PAGE), NEW)


def test_a_new_address_is_taken_everywhere_as_one_change_and_can_be_undone(moved, editor):
    before = Question.objects.get().answer
    page = press(editor, moved, "take", new_address=NEW)
    assertContains(page, "New address in 2 documents")
    question = Question.objects.get()
    assert question.answer == f"[One]({NEW}), {NEW}, [two][2] and `{OLD}`; not {OLD}er.\n\n[2]: {NEW}"
    assert question.sources == [source(NEW), source(f"{OLD}/other")]
    step = question.roles.get().steps.get()
    assert (question.roles.get().intro, step.body) == (f"See <{NEW}>.", f"Read [it]({NEW} 'now').")
    assert step.resources == [source(NEW)]
    assertContains(editor.get(PAGE), "Nothing is wrong")
    assert Link.objects.used().get(address=NEW).state == "fine"
    changeset = ChangeSet.objects.first()
    assert (changeset.author, changeset.source) == (editor.user, "admin")
    changeset.undo(editor.user)
    assert Question.objects.get().answer == before
    assertContains(editor.get(PAGE), "Take the new address")


def test_a_new_address_that_would_break_markdown_is_left_to_a_person(db, editor):
    question = make_question(answer=f"[One]({OLD}).")
    link = make_link(OLD, State.MOVED, "https://a.example/)**loud**(")
    assertContains(press(editor, link, "take", new_address=link.new_address), "by hand")
    assert fresh(question).answer == f"[One]({OLD})."


def test_a_new_address_is_for_editors(moved, writer, client):
    for verb in "take", "accept", "list", "look":
        assert press(writer, moved, verb, new_address=NEW).status_code == 403
    assertRedirects(
        press(client, moved, "take"), reverse("admin:login") + f"?next={PAGE}act/{moved.pk}/take/"
    )
    assert OLD in Question.objects.get().answer


def test_many_documents_take_a_new_address_only_when_asked_twice(db, editor):
    for number in range(11):
        make_question(text=f"Number {number}?", sources=[source(OLD)])
    link = make_link(OLD, State.MOVED, NEW)
    page = press(editor, link, "take", new_address=NEW)
    assertContains(page, "What changes")
    assertContains(page, "Number 10?")
    assert OLD in str(Question.objects.first().sources)
    assertContains(confirm(editor, page), "New address in 11 documents")


def test_another_new_address_than_was_shown_is_asked_about(moved, editor):
    make_link(OLD, State.MOVED, "https://a.example/newest")
    page = press(editor, moved, "take", new_address=NEW)
    assertContains(page, "https://a.example/newest")
    assert OLD in Question.objects.get().answer


def test_what_has_been_mended_meanwhile_is_told(moved, editor):
    make_link(OLD, State.FINE)
    assertContains(press(editor, moved, "take", new_address=NEW), "leads nowhere else any more")
    make_link(OLD, State.MOVED, NEW)
    press(editor, moved, "take", new_address=NEW)
    assertContains(press(editor, moved, "take", new_address=NEW), "No document leads to")
    LinkUse.objects.refresh()
    assertContains(press(editor, moved, "take", new_address=NEW), "not in the bank any more")


def test_a_person_finds_a_link_fine_until_a_look_finds_another_state(db, editor):
    make_question(sources=[source(OLD)])
    link = make_link(state=State.DOUBTFUL)
    assertContains(press(editor, link, "accept", back="state=doubtful"), "Found fine by you")
    make_link(state=State.DOUBTFUL)
    assertNotContains(editor.get(PAGE), f'href="{OLD}"')
    assertContains(editor.get(PAGE, {"state": "accepted"}), "List it again")
    make_link(state=State.DEAD)
    assertContains(editor.get(PAGE), f'href="{OLD}"')


def test_one_address_can_be_looked_at_again_without_the_command(db, editor, site):
    make_question(sources=[source(f"{site.url}/fine/page")])
    link = make_link(f"{site.url}/fine/page")
    assertContains(press(editor, link, "look"), "/fine/page is fine")
    assertContains(editor.get(PAGE), "Nothing is wrong")


@pytest.mark.parametrize("number", [1, 60])
def test_the_page_costs_the_same_queries_however_many_links_there_are(
    db, editor, django_assert_num_queries, number
):
    role = make_role(internships_url=f"{OLD}/0")
    make_question(roles=[role], sources=[source(f"{OLD}/{n}") for n in range(number)])
    LinkUse.objects.refresh()
    for link in Link.objects.all():
        link.save_look(Look(State.DEAD, 404))
    editor.get(PAGE)
    with django_assert_num_queries(14):
        page = editor.get(PAGE)
    assertContains(page, "Look again", min(number, 50))
