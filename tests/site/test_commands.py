"""The commands that start the site, as an operator runs them."""

import os
import re
import socket
import stat
import subprocess
import sys
import time
from contextlib import closing, suppress
from io import StringIO
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command

from questions.models import Question

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def prepare():
    output = StringIO()
    call_command("prepare", stdout=output)
    return output.getvalue()


def site_environment(**environment):
    return os.environ | {"DJANGO_SETTINGS_MODULE": "interviewprep.settings"} | environment


def run(*command, **environment):
    """Run a command in a process of its own, with the site's own settings."""
    environment = site_environment(**environment)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def port():
    """A port of this machine that nothing listens to."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.mark.django_db
def test_prepare_loads_the_bank_and_makes_an_admin_once(client):
    output = prepare()
    assert Question.objects.published().count() >= 300
    assert "http://127.0.0.1:8000/admin/" in output
    password = output.split("password")[1].split()[0]
    logged_in = client.post("/admin/login/", {"username": "curator", "password": password})
    assert logged_in.status_code == 302
    assert User.objects.get().is_superuser
    assert prepare() == ""  # there is nothing left to do
    User.objects.update(username="someone", is_staff=False, is_superuser=False)
    assert prepare() == ""
    assert not User.objects.filter(username="curator").exists()


@pytest.mark.once
def test_prepare_backs_up_an_sqlite_database_before_it_migrates(tmp_path):
    database = f"sqlite:///{tmp_path}/bank.sqlite3"
    first = run(*MANAGE, "prepare", DATABASE_URL=database)
    assert "Backed up" not in first.stdout
    run(*MANAGE, "migrate", "sessions", "zero", DATABASE_URL=database)
    (tmp_path / "backups").mkdir()
    for day in range(10, 22):
        (tmp_path / "backups" / f"bank-202501{day}T000000Z.zip").touch()
    (tmp_path / "backups" / "bank-mine.zip").touch()

    second = run(*MANAGE, "prepare", DATABASE_URL=database)

    assert "Backed up" in second.stdout
    assert "Applied 1 migrations" in second.stdout
    *older, newest, mine = sorted((tmp_path / "backups").iterdir())
    assert [path.name[:13] for path in older] == [f"bank-202501{day}" for day in range(13, 22)]
    assert mine.name == "bank-mine.zip"
    other = f"sqlite:///{tmp_path}/other.sqlite3"
    assert run(*MANAGE, "restore", str(newest), DATABASE_URL=other).returncode == 0
    assert run(*MANAGE, "prepare", DATABASE_URL=other).stdout == ""


@pytest.mark.parametrize(
    "database", ["sqlite:////no/such/folder/db.sqlite3", "postgres://nobody@127.0.0.1:1/nothing"]
)
def test_a_database_out_of_reach_is_one_plain_line(database):
    result = run(*MANAGE, "prepare", DATABASE_URL=database)
    assert result.returncode == 1
    assert re.match(r"CommandError: The database (cannot be used|does not answer) \(", result.stderr)
    assert result.stderr.count("\n") == 1


def test_serve_answers_at_its_address_until_it_is_stopped(port, tmp_path):
    address = f"http://127.0.0.1:{port}"
    environment = site_environment(
        PORT=str(port), SITE_URL=address, DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3"
    )
    run(*MANAGE, "migrate", **environment)
    with subprocess.Popen([*MANAGE, "serve"], env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert f"{address}/" in server.stdout.readline()
            assert status_of(f"{address}/healthz") == 200
        finally:
            server.terminate()
    assert server.returncode == 0


def status_of(address):
    """The status with which `address` answers, once it does."""
    for _attempt in range(100):
        with suppress(ConnectionError, URLError), urlopen(address) as response:
            return response.status
        time.sleep(0.1)
    return None


def test_serve_says_in_one_line_that_its_port_is_taken():
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        result = run(*MANAGE, "serve", PORT=str(other.getsockname()[1]))
    assert "the port is taken. Stop what uses it, or set PORT" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_serve_says_in_one_line_that_its_host_is_none_of_this_machine(port, host):
    result = run(*MANAGE, "serve", HOST=host, PORT=str(port))
    assert f"Cannot listen at {host}, port {port}: HOST is no address of this machine." in result.stderr
    assert result.stderr.count("\n") == 1


def test_serve_says_in_one_line_that_its_port_is_none():
    result = run(*MANAGE, "serve", PORT="70000")
    assert result.stderr.startswith("CommandError: Cannot listen at 127.0.0.1, port 70000: ")
    assert result.stderr.count("\n") == 1


def make(*arguments, **environment):
    return run("make", "-f", str(settings.BASE_DIR / "Makefile"), *arguments, **environment)


def test_make_lists_its_commands():
    listed = make().stdout
    for command in "install", "run", "dev", "test", "lint", "test-next", "requirements", "clean":
        assert f"make {command} " in listed


def test_make_says_in_one_line_that_python_is_too_old(tmp_path):
    (tmp_path / "requirements.txt").touch()
    result = make("-C", str(tmp_path), "install", "PYTHON=false")
    assert result.returncode == 2
    assert "Python 3.11 or newer is needed" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.fixture
def installed(tmp_path):
    """A folder in which `make` takes the environment for installed."""
    (tmp_path / "requirements.txt").touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "installed").touch()
    return tmp_path


def test_install_writes_a_secret_once_for_its_owner_only(installed):
    for _again in range(2):
        make("-C", str(installed), "install", SECRET_KEY="")
    env = installed / ".env"
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert re.fullmatch(r"SECRET_KEY=\S{50,}\n", env.read_text())


def test_install_adds_a_secret_to_settings_that_have_none(installed):
    (installed / ".env").write_text("PORT=8100\n")
    make("-C", str(installed), "install", SECRET_KEY="")
    assert re.fullmatch(r"PORT=8100\n\nSECRET_KEY=\S{50,}\n", (installed / ".env").read_text())


def test_install_writes_no_secret_where_the_environment_has_one(installed):
    make("-C", str(installed), "install", SECRET_KEY="of the operator")
    assert not (installed / ".env").exists()


def test_a_process_that_shows_pages_has_no_parsers_of_files_in_memory():
    parsers = ["bs4", "lxml", "markdownify", "openpyxl", "zstandard"]
    program = f"import sys, interviewprep.wsgi; print([each for each in {parsers} if each in sys.modules])"
    shown = run(sys.executable, "-c", program, SECRET_KEY="x" * 60, PYTHONPATH=str(settings.BASE_DIR))
    assert shown.stdout == "[]\n", shown.stderr
