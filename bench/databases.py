"""Databases that a bench may change: copies of one that is made once."""

import contextlib
import shutil
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent


class SQLite:
    """Files in the folder `kept`, with their copies in the folder `copies`."""

    def __init__(self, kept, copies):
        self.name, self.kept, self.copies = f"SQLite {sqlite3.sqlite_version}", kept, copies

    def make(self, name, fill):
        """Let `fill(address)` fill the database `name`, unless there is one."""
        path = self.kept / f"{name}.sqlite3"
        if not path.exists():
            part = path.with_suffix(".part")
            part.unlink(missing_ok=True)
            fill(f"sqlite:///{part}")
            part.rename(path)

    def address(self, name):
        """That of the database `name` itself."""
        return f"sqlite:///{self.kept / name}.sqlite3"

    def copy(self, name):
        """The address of a new copy of the database `name`, in place of the last one."""
        path = self.copies / f"{name}_copy.sqlite3"
        for old in self.copies.glob(f"{path.name}*"):
            old.unlink()
        shutil.copyfile(self.kept / f"{name}.sqlite3", path)
        return f"sqlite:///{path}"


class PostgreSQL:
    """Databases of the server at `url`, which names one of them."""

    def __init__(self, url):
        self.url, self.copies = url, set()
        self.name = f"PostgreSQL {self._execute('SHOW server_version')[0].split()[0]}"

    def make(self, name, fill):
        """Let `fill(address)` fill the database `name`, unless there is one."""
        if not self._execute(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            part = f"{name}_part"
            self._drop(part)
            self._execute(f"CREATE DATABASE {part}")
            fill(self.address(part))
            self._execute("VACUUM ANALYZE", part)  # as the server would by itself, at a time of its choice
            self._execute(f"ALTER DATABASE {part} RENAME TO {name}")

    def address(self, name):
        """That of the database `name` itself."""
        return f"{self.url.rpartition('/')[0]}/{name}"

    def copy(self, name):
        """The address of a new copy of the database `name`, in place of the last one."""
        copy = f"{name}_copy"
        self.copies.add(copy)
        self._drop(copy)
        self._execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        return self.address(copy)

    def drop_copies(self):
        for copy in self.copies:
            self._drop(copy)

    def _drop(self, name):
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _execute(self, sql, name="postgres"):
        """The first row of what `sql` finds, if it finds any."""
        import psycopg

        parts = environ.Env.db_url_config(self.url)
        server = {key.lower(): parts[key] or None for key in ("HOST", "PORT", "USER", "PASSWORD")}
        with psycopg.connect(**server, dbname=name, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchone() if cursor.description else None


@contextlib.contextmanager
def sqlite(kept=None):
    """Databases in files; those in the folder `kept` stay there."""
    with tempfile.TemporaryDirectory() as folder:
        yield SQLite(Path(kept or folder), Path(folder))


@contextlib.contextmanager
def postgresql(server=None):
    """Databases of the server at the URL `server`, or of one that is gone afterwards."""
    with contextlib.nullcontext(server) if server else throw_away_server() as address:
        database = PostgreSQL(address)
        try:
            yield database
        finally:
            database.drop_copies()


@contextlib.contextmanager
def throw_away_server():
    command = [".ci/with-postgres", "sh", "-c", 'echo "$DATABASE_URL"; read -r end']
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


def available(name):
    return name != "postgresql" or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
