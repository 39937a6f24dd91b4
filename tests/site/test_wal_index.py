"""Reading the index of SQLite's log must not cost SQLite its locks."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

HOLD = """
import gc, os, sqlite3, sys
from interviewprep import wal_index
path, way = sys.argv[1:]
writer = sqlite3.connect(path, isolation_level=None)
writer.execute("BEGIN IMMEDIATE")
if way == "map":
    head = wal_index.head_of(path)
    assert len(head()) == 48
    del head
    gc.collect()
else:
    os.close(os.open(path + "-shm", os.O_RDONLY))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE numbers (number INTEGER)")
        yield str(path)


def can_write_beside(database, way):
    """Whether another process can begin to write while one that went `way` holds the lock."""
    command = [sys.executable, "-c", HOLD, database, way]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        try:
            with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
            return True
        except sqlite3.OperationalError:
            return False
        finally:
            holder.communicate()


def test_a_mapping_leaves_sqlite_its_locks(database):
    assert not can_write_beside(database, "map")


def test_a_descriptor_that_is_closed_takes_them(database):
    """The trap that the module describes: without it, the other test would prove nothing."""
    assert can_write_beside(database, "close")
