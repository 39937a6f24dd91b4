"""Servers that a drill may kill: the site and PostgreSQL, each in a folder of its own."""

import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from copy import copy
from functools import cache
from getpass import getuser
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {
    "DEBUG": "0",
    "SECRET_KEY": "signs-0nly-what-these-Drills-make,and-nobody-keeps-it-afterwards",
}
PATIENCE = 30  # seconds until something counts as never happening
CUT_OFF = (OSError, HTTPException)  # what a client sees of a server that dies
_PREPARING = Lock()


def free_port():
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


def wait_until(holds, what):
    """Raise TimeoutError, which names `what`, unless `holds()` is soon true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {PATIENCE} s")
        time.sleep(0.01)


class Site:
    """A site with a database of its own, which `broken` (see `bench.drills.broken`) may break on purpose.

    `path` names an SQLite file that is there already.
    """

    def __init__(self, folder, *, database=None, path=None, broken="", **environment):
        self.folder, self.port, self.process = Path(folder), free_port(), None
        self.path = None if database else path or self.folder / "db.sqlite3"
        self.database = database
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = (
            os.environ
            | ENVIRONMENT
            | {
                "DJANGO_SETTINGS_MODULE": "bench.drills.broken" if broken else "bench.plain_settings",
                "BROKEN": broken,
                "DATABASE_URL": database.url if database else f"sqlite:///{self.path}",
                "PORT": str(self.port),
                "SITE_URL": self.address,
            }
            | environment
        )

    def manage(self, *command):
        """The completed process of a command of manage.py."""
        return self.python(ROOT / "manage.py", *command)

    def python(self, *arguments):
        """The completed process of Python with these arguments."""
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )

    def prepare(self):
        """Load the shipped bank; returns the password of the first account."""
        if self.path:
            database, password = prepared()
            shutil.copy(database, self.path)
            return password
        return password_in(self.manage("prepare"))

    def start(self):
        """Serve; returns the seconds until the first answer."""
        began = time.monotonic()
        command = [sys.executable, str(ROOT / "manage.py"), "serve"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until(self.answers, "the server answers")
        except (TimeoutError, ChildProcessError) as error:
            self.kill()
            raise RuntimeError((self.folder / "log").read_text()[-2000:]) from error
        return time.monotonic() - began

    def answers(self):
        if self.process.poll() is not None:
            raise ChildProcessError("the server has ended")
        with contextlib.suppress(OSError), urlopen(f"{self.address}/healthz", timeout=5):
            return True
        return False

    @contextlib.contextmanager
    def running(self):
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """Kill the server and its workers, which have process groups of their own, with SIGKILL."""
        for pid in [self.process.pid, *processes_of_session(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not processes_of_session(self.process.pid), "the workers are gone")

    def get(self, path, **headers):
        """The status, the headers and the text of a page. Raises what `CUT_OFF` names."""
        return request(self.port, "GET", path, headers=headers)

    def query(self, sql):
        """The rows that a connection of the drill's own reads."""
        if self.path is None:
            with self.database.connect() as connection:
                return connection.execute(sql).fetchall()
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()


def request(port, method, path, body=None, headers=()):
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode(errors="replace")


def processes_of_session(leader):
    """Ids of the processes, other than itself, of the session that `leader` began."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, _group, session = stat.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z" and int(stat.parent.name) != leader:
                found.append(int(stat.parent.name))
    return found


def prepared():
    """An SQLite file with the shipped bank, made once, and the password of its first account."""
    with _PREPARING:
        return _prepared()


@cache
def _prepared():
    folder = mkdtemp()
    atexit.register(shutil.rmtree, folder)
    site = Site(folder)
    return site.path, password_in(site.manage("prepare"))


def password_in(run):
    if run.returncode:
        raise RuntimeError(run.stderr)
    return re.search(r"password\s+(\S+)", run.stdout)[1]


class PostgreSQL:
    """A server of its own, whose options `options` sets; gone with `remove()`."""

    BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parts[4]))

    def __init__(self, **options):
        # Not in the folder of a site, for the server's own user has to reach it.
        self.folder, self.name, self.numbers = Path(mkdtemp()), "postgres", count(1)
        self.options = f"-k {self.folder} -c listen_addresses= "
        self.options += " ".join(f"-c {name}={value}" for name, value in options.items())
        self.as_owner = []
        if os.getuid() == 0:  # as whom the server refuses to run
            self.as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            shutil.chown(self.folder, "postgres")
        self.run("initdb", f"--username={getuser()}", "--auth=trust", "--encoding=UTF8", "--no-sync")

    @property
    def url(self):
        return f"postgres:///{self.folder}/{self.name}"

    @classmethod
    def is_available(cls):
        return bool(cls.BINARIES)

    def run(self, binary, *arguments):
        # Its output is no pipe, which the server would keep open.
        with (self.folder / "log").open("ab") as log:
            command = [*self.as_owner, str(self.BINARIES[-1] / binary), "-D", str(self.folder / "data")]
            subprocess.run([*command, *arguments], cwd=self.folder, stdout=log, stderr=log, check=True)

    def start(self):
        self.run("pg_ctl", "start", "-w", "-o", self.options)

    def stop(self):
        """Stop it as a crash would: at once, with nothing written any more."""
        self.run("pg_ctl", "stop", "-m", "immediate")

    @contextlib.contextmanager
    def running(self):
        self.start()
        try:
            yield self
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):  # a drill may have stopped it
                self.stop()
            shutil.rmtree(self.folder)

    def connect(self):
        import psycopg

        return psycopg.connect(host=str(self.folder), dbname=self.name, autocommit=True)

    def empty_database(self):
        """The same server, with an empty database in place of this one."""
        other = copy(self)
        other.name = f"empty{next(self.numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {other.name} TEMPLATE template0")
        return other
