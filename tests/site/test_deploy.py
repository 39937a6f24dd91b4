"""The files of `deploy/`: the site behind the nginx that an operator gets, with their names and ports."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

pytestmark = pytest.mark.once

DEPLOY = settings.BASE_DIR / "deploy"
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]
HOST = "prep.example.org"  # as in deploy/nginx.conf
SECURITY = set(
    "content-security-policy cross-origin-embedder-policy cross-origin-opener-policy "
    "cross-origin-resource-policy permissions-policy referrer-policy strict-transport-security "
    "x-content-type-options x-frame-options".split()
)
# The site's own settings, with static files as they are in the project, and a header for the tests.
SITE_SETTINGS = """
from interviewprep.settings import *

STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
MIDDLEWARE = [*MIDDLEWARE, "deployed.show_request"]


def show_request(get_response):
    def middleware(request):
        response = get_response(request)
        response.headers["X-Seen"] = f"{request.META['REMOTE_ADDR']} {request.scheme} {request.get_host()}"
        return response

    return middleware
"""
# Around the file of the site. A request says whose it is, so that tests do not use up each other's limits.
NGINX = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    types {{ text/html html; text/css css; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    set_real_ip_from 127.0.0.1;
    real_ip_header X-Visitor;
    include {folder}/site.conf;
}}
"""


def free_port():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def wait_for(port):
    for _attempt in range(200):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"Nothing listens at port {port}.")


@contextmanager
def running(command, port, **options):
    with subprocess.Popen(command, **options) as process:
        try:
            wait_for(port)
            yield process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Makes a certificate for the site, signed by itself, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"),
            *("-out", folder / "fullchain.pem", "-keyout", folder / "privkey.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site's own server, without its static files collected: its port, its log and its admin."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "deployed.py").write_text(SITE_SETTINGS)
    port, password = free_port(), "correct horse battery staple"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "deployed",
        "PYTHONPATH": f"{folder}:{settings.BASE_DIR}",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "SITE_URL": f"https://{HOST}",
        "PORT": str(port),
        "TRUSTED_PROXY": "127.0.0.1",
        "LOG_FORMAT": "json",
        "DJANGO_SUPERUSER_PASSWORD": password,
    }
    admin = "createsuperuser", "--no-input", "--username", "curator", "--email", ""
    for command in ("migrate", "--verbosity", "0"), admin:
        subprocess.run([*MANAGE, *command], env=environment, check=True, stdout=subprocess.DEVNULL)
    with (
        (folder / "log").open("w") as log,
        running([*MANAGE, "serve"], port, env=environment, stdout=subprocess.DEVNULL, stderr=log),
    ):
        yield {"port": port, "log": folder / "log", "password": password}


class Nginx:
    """An nginx with `deploy/nginx.conf`, and a visitor of it."""

    def __init__(self, folder, certificate, port):
        self.port, self.plain_port, self.log = free_port(), free_port(), folder / "access.log"
        changes = {
            "listen [::]:80;": "",
            "listen [::]:443 ssl http2;": "",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "server 127.0.0.1:8000 ": f"server 127.0.0.1:{port} ",
            "/etc/letsencrypt/live/prep.example.org": str(certificate),
            "/var/log/nginx/interviewprep.log": str(self.log),
            "/var/www/acme": str(folder / "acme"),
            "/srv/interviewprep": str(settings.BASE_DIR),
            "client_body_timeout 10s;": "client_body_timeout 3s;",
        }
        text = (DEPLOY / "nginx.conf").read_text()
        for shipped, tested in changes.items():
            assert shipped in text
            text = text.replace(shipped, tested)
        (folder / "site.conf").write_text(text)
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=user))
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        self.command = [program, "-e", folder / "error.log", "-p", folder, "-c", folder / "nginx.conf"]
        self.certificate = certificate / "fullchain.pem"

    def connect(self, protocol="http/1.1"):
        context = ssl.create_default_context(cafile=self.certificate)
        context.set_alpn_protocols([protocol])
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return context.wrap_socket(connection, server_hostname=HOST)

    def ask(self, path, method="GET", body=None, visitor="198.51.100.1", **headers):
        """The answer to a request by https, with its `body`."""
        connection = HTTPConnection(HOST)
        connection.sock = self.connect()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(connection):
            connection.request(method, path, body, {"X-Visitor": visitor} | named)
            answer = connection.getresponse()
            answer.body = answer.read().decode(errors="replace")
            return answer

    def ask_plainly(self, path, port=None):
        """The answer to a request by http."""
        with closing(HTTPConnection("127.0.0.1", port or self.plain_port, timeout=30)) as connection:
            connection.request("GET", path, headers={"Host": HOST})
            answer = connection.getresponse()
            answer.body = answer.read().decode()
            return answer


@pytest.fixture(scope="module")
def nginx(tmp_path_factory, certificate, site):
    """The site behind nginx."""
    found = Nginx(tmp_path_factory.mktemp("nginx"), certificate, site["port"])
    with running(found.command, found.port):
        yield found


@pytest.fixture(scope="module")
def alone(tmp_path_factory, certificate):
    """An nginx whose site does not run."""
    found = Nginx(tmp_path_factory.mktemp("alone"), certificate, free_port())
    with running(found.command, found.port):
        yield found


def security_of(answer):
    """The security headers of an answer: each that it has, it has once."""
    headers = [(name.lower(), value) for name, value in answer.headers.items()]
    found = [(name, value) for name, value in headers if name in SECURITY]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_http_leads_to_the_same_page_by_https(nginx):
    answer = nginx.ask_plainly("/roles/?q=recall")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/roles/?q=recall")
    assert security_of(answer).keys() == SECURITY


def test_https_is_modern(nginx):
    with closing(nginx.connect("h2")) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == "TLSv1.3"


def test_pages_pass_as_the_site_made_them(nginx):
    page = nginx.ask("/", Accept_Encoding="br")
    assert (page.status, page.headers["Content-Encoding"]) == (200, "br")
    again = nginx.ask("/", Accept_Encoding="br", If_None_Match=page.headers["ETag"])
    assert (again.status, again.body) == (304, "")
    assert page.headers["Server"] == "nginx"


def malformed(nginx):
    return nginx.ask("/", Host="a b")


def too_large(nginx):
    return nginx.ask("/admin/login/", "POST", body=b"x" * 5_300_000)


def too_large_to_import(nginx):
    return nginx.ask("/admin/questions/import/", "POST", body=b"x" * 22_100_000)


def of_long_header(nginx):
    return nginx.ask("/", X_Long="x" * 40_000)


def to_the_wrong_port(nginx):
    return nginx.ask_plainly("/", port=nginx.port)


def too_often(nginx):
    answers = (nginx.ask("/admin/login/", "POST", visitor="198.51.100.9") for _again in range(20))
    return next(answer for answer in answers if answer.status == 429)


def test_files_to_import_get_through_nginx(nginx):
    answer = nginx.ask("/admin/questions/import/", "POST", body=b"x" * 6_000_000)
    assert (answer.status, "cookie" in answer.body) == (403, True)  # the site's own answer


@pytest.mark.parametrize(
    ("act", "status", "words"),
    [
        (malformed, 400, "cannot be understood"),
        (too_large, 413, "too large"),
        (too_large_to_import, 413, "too large"),
        (of_long_header, 400, "cannot be understood"),
        (to_the_wrong_port, 400, "cannot be understood"),
        (too_often, 429, "Wait ten seconds"),
    ],
)
def test_what_nginx_answers_itself_is_calm_and_safe(nginx, act, status, words):
    answer = act(nginx)
    assert answer.status == status
    assert words in answer.body
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "style=" not in answer.body
    assert security_of(answer).keys() == SECURITY
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in answer.headers) == (status == 429)


def test_a_site_that_does_not_answer_has_a_page_that_says_so(alone):
    answer = alone.ask("/")
    assert (answer.status, answer.headers["Retry-After"]) == (502, "30")
    assert "Try again in a minute." in answer.body
    assert security_of(answer).keys() == SECURITY
    style = alone.ask(re.search(r'href="(/errors/\S+)"', answer.body)[1])
    assert (style.status, style.headers["Content-Type"]) == (200, "text/css")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/nothing/", 404),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/static/img/favicon.svg", 200),
    ],
)
def test_headers_of_the_site_are_neither_doubled_nor_other_than_those_of_nginx(nginx, alone, path, status):
    answer = nginx.ask(path)
    assert answer.status == status
    found = security_of(answer)
    assert found.items() <= security_of(alone.ask("/")).items()
    assert {"content-security-policy", "x-content-type-options", "strict-transport-security"} <= found.keys()


def test_another_host_is_refused(nginx):
    answer = nginx.ask("/", Host="other.example")
    assert answer.status == 400
    assert {"content-security-policy", "x-content-type-options"} <= security_of(answer).keys()


@pytest.mark.parametrize("visitor", ["203.0.113.7", "2001:db8::7", "127.0.0.1"])
def test_the_site_sees_who_asks_and_not_who_they_say_they_are(nginx, visitor):
    forged = {
        "X_Forwarded_For": "192.0.2.1, 127.0.0.1",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "other.example",
        "Forwarded": "for=192.0.2.1;host=other.example;proto=http",
    }
    answer = nginx.ask("/admin/login/", visitor=visitor, **forged)
    assert answer.headers["X-Seen"] == f"{visitor} https {HOST}"


def test_a_curator_logs_in_with_cookies_for_https_only(nginx, site):
    visitor, address = "198.51.100.20", "/admin/login/?next=/admin/"
    form = nginx.ask(address, visitor=visitor)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.body)[1]
    cookies = SimpleCookie(form.headers["Set-Cookie"])
    assert cookies["__Host-csrftoken"]["secure"]
    data = {"username": "curator", "password": site["password"], "csrfmiddlewaretoken": token}
    answer = nginx.ask(
        address,
        "POST",
        body=urlencode(data),
        visitor=visitor,
        Content_Type="application/x-www-form-urlencoded",
        Referer=f"https://{HOST}{address}",
        Cookie=f"__Host-csrftoken={cookies['__Host-csrftoken'].value}",
    )
    assert (answer.status, answer.headers["Location"]) == (302, "/admin/")
    for line in answer.headers.get_all("Set-Cookie"):
        cookies.load(line)
    assert cookies["__Host-sessionid"]["secure"]
    session = f"__Host-sessionid={cookies['__Host-sessionid'].value}"
    assert nginx.ask("/admin/", visitor=visitor, Cookie=session).status == 200


def statuses(nginx, times, *request, visitor):
    return [nginx.ask(*request, visitor=visitor).status for _again in range(times)]


def test_who_guesses_passwords_is_slowed_down_alone(nginx):
    guesses = statuses(nginx, 14, "/admin/login/", "POST", visitor="198.51.100.30")
    assert guesses[:10] == [403] * 10  # as many as somebody who mistypes needs; they hold no CSRF token
    assert guesses[-1] == 429
    assert nginx.ask("/admin/login/", visitor="198.51.100.30").status == 200
    assert nginx.ask("/admin/login/", "POST", visitor="198.51.100.31").status == 403


def test_a_network_of_ipv6_is_one_visitor(nginx):
    for number in range(20):
        nginx.ask("/admin/login/", "POST", visitor=f"2001:db8:1:1::{number:x}")
    assert nginx.ask("/admin/login/", "POST", visitor="2001:db8:1:1:ffff::").status == 429
    assert nginx.ask("/admin/login/", "POST", visitor="2001:db8:1:2::").status == 403


def test_a_class_that_reads_from_one_address_is_not_slowed_down(nginx):
    assert set(statuses(nginx, 400, "/", visitor="198.51.100.40")) == {200}


def send_slowly(nginx, method, visitor):
    """The connection of a request whose body has only begun."""
    connection = nginx.connect()
    connection.sendall(
        f"{method} /admin/login/ HTTP/1.1\r\nHost: {HOST}\r\nX-Visitor: {visitor}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nu".encode()
    )
    return connection


def test_a_visitor_has_some_requests_at_once_and_leaves_others_theirs(nginx):
    with ExitStack() as stack:
        for _again in range(200):
            stack.enter_context(closing(send_slowly(nginx, "GET", visitor="198.51.100.45")))
        assert nginx.ask("/", visitor="198.51.100.45").status == 429
        assert nginx.ask("/", visitor="198.51.100.46").status == 200


def is_ended(connection):
    """Whether the other side ends a connection without a word, before our own time-out."""
    try:
        return connection.recv(1) == b""
    except (ConnectionResetError, ssl.SSLEOFError):
        return True


# More of them than the site has threads.
def test_slow_bodies_take_no_thread_of_the_site_and_end(nginx):
    slow = [send_slowly(nginx, "POST", f"198.51.100.{number}") for number in range(100, 140)]
    for _again in range(3):
        for connection in slow:
            connection.sendall(b"u")
        assert nginx.ask("/admin/login/", visitor="198.51.100.49").status == 200
    for connection in slow:
        with closing(connection):
            assert is_ended(connection)


def logged_by(nginx, request_id):
    """The line of a request, which nginx writes after the answer."""
    for _attempt in range(100):
        lines = [line for line in nginx.log.read_text().splitlines() if line.endswith(request_id)]
        if lines:
            return lines[0]
        time.sleep(0.05)
    return ""


def test_logs_meet_in_the_id_of_a_request_and_have_no_query(nginx, site):
    forged = "f" * 32
    answer = nginx.ask("/admin/login/?q=private", "POST", visitor="198.51.100.60", X_Request_ID=forged)
    request_id = answer.headers["X-Request-ID"]
    assert (answer.status, request_id == forged) == (403, False)
    lines = [json.loads(line) for line in site["log"].read_text().splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == request_id]
    assert (line["path"], line["status"]) == ("/admin/login/", 403)
    access = logged_by(nginx, request_id)
    assert access.startswith("198.51.100.60 ")
    assert '"POST /admin/login/" 403 ' in access
    assert "private" not in site["log"].read_text() + nginx.log.read_text()


def worker_of(server, port):
    """The process that the server has started, once it answers."""
    wait_for(port)
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    (worker,) = [child for child in children if b"granian" in Path(f"/proc/{child}/cmdline").read_bytes()]
    return int(worker)


def test_the_server_of_the_site_logs_as_the_site_does(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "interviewprep.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "PORT": str(port := free_port()),
        "LOG_FORMAT": "json",
    }
    subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], env=environment, check=True)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with running([*MANAGE, "serve"], port, env=environment, cwd=settings.BASE_DIR, **pipes) as server:
        os.kill(worker_of(server, port), signal.SIGKILL)
        line = json.loads(server.stderr.readline())
        worker_of(server, port)  # granian 2.8 ends half a minute late while a worker starts
        server.terminate()
        output, _errors = server.communicate()
    assert (line["level"], line["message"]) == ("ERROR", "Unexpected exit from worker-1")
    assert output.splitlines() == [f"Serving {settings.SITE_URL}/ (Ctrl+C stops it)."]


UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_services_run_commands_that_the_site_has(path):
    lines = re.findall(r"^ExecStart(?:Pre)?=(.+)$", path.read_text(), re.MULTILINE)
    assert lines
    for line in lines:
        python, manage, name, *arguments = shlex.split(line)
        assert (python, manage) == ("/srv/interviewprep/.venv/bin/python", "manage.py")
        command = load_command_class(get_commands()[name], name)
        command.create_parser(manage, name).parse_args(arguments)  # raises CommandError for an unknown option


needs_systemd = pytest.mark.needs("systemd-analyze")


@needs_systemd
def test_systemd_accepts_the_units(tmp_path):
    for path in UNITS:
        text = path.read_text().replace("/srv/interviewprep/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    result = run("systemd-analyze", "verify", "--man=no", *tmp_path.iterdir())
    assert (result.returncode, result.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_services_may_do_little(path):
    result = run("systemd-analyze", "security", "--offline=true", "--threshold=15", path)
    assert result.returncode == 0, result.stdout


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)
