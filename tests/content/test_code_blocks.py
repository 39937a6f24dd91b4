"""Every answer's code that claims a result is run, and must print what it claims.

A block of Python, JavaScript, SQL or shell is run on its own unless the word `sketch` follows its
language. JavaScript says whether it is a `module` or a `script`, SQL on which databases it runs:
PostgreSQL's are run in the suite that has one, all others in SQLite's. What a block claims is behind
`=>` in comments: the output, line by line.
"""

import re
import shutil
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from playwright._impl._driver import compute_driver_executable

from questions.bankfiles import read
from questions.markdown import fences

LANGUAGES = {"python": "#", "javascript": "//", "sql": "--", "sh": "#"}  # and how each begins a comment


SQL = {"sqlite", "postgresql"}


def blocks():
    """(info, code) of every block; with PostgreSQL, of its own SQL only."""
    has = {"postgresql" if "postgresql" in settings.DATABASES["default"]["ENGINE"] else "sqlite"}
    for kind, uid, document in read(settings.BASE_DIR / "content").items:
        for number, (info, code, _line) in enumerate(fences(document.get("answer", "")), start=1):
            databases = SQL & set(info.split()) or {"sqlite"}
            if kind == "question" and databases & has:
                yield pytest.param(info, code, id=f"{uid}-{number}")


def claims(code, comment):
    return [claim.strip() for claim in re.findall(rf"{comment} ?=>(.*)$", code, re.MULTILINE)]


@pytest.mark.django_db
@pytest.mark.parametrize(("info", "code"), list(blocks()))
def test_code_prints_what_it_claims(info, code, tmp_path):
    language, *mode = info.split()
    comment = LANGUAGES.get(language)
    if comment is None or "sketch" in mode:
        assert not any(claims(code, each) for each in LANGUAGES.values()), "only code that is run may claim"
    elif language == "sql":
        if "sqlite" in mode or not SQL & set(mode):
            assert list(rows(code)) == claims(code, comment)
        if "postgresql" in mode and connection.vendor == "postgresql":
            assert list(rows_of_postgresql(code)) == claims(code, comment)
    else:
        assert printed(language, mode, code, tmp_path) == claims(code, comment)


def printed(language, mode, code, folder):
    command, ending = {
        "python": (sys.executable, "py"),
        "javascript": (node(), "cjs" if "script" in mode else "mjs"),
        "sh": ("bash", "sh"),
    }[language]
    script = folder / f"block.{ending}"
    script.write_text(code)
    done = subprocess.run([command, script], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line.strip() for line in done.stdout.splitlines()]


def rows(code):
    """The rows of every SELECT in `code`, in a database of its own, columns joined by ` | `."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in statements(code):
        yield from map(joined, database.execute(statement))
    database.close()


def rows_of_postgresql(code):
    """The same on PostgreSQL, in a schema of its own that the end of the test takes back."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA block; SET LOCAL search_path TO block")
        for statement in statements(code):
            cursor.execute(statement)
            yield from map(joined, cursor.fetchall() if cursor.description else ())
        cursor.execute("SET LOCAL search_path TO DEFAULT")


def statements(code):
    statement = ""
    for line in code.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    assert not re.sub(r"--.*", "", statement).strip(), "the last statement has no semicolon"


def joined(row):
    return " | ".join("NULL" if value is None else str(value) for value in row)


def node():
    """The system's Node, or the one that Playwright brings."""
    return shutil.which("node") or compute_driver_executable()[0]
