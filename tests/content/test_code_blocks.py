"""Every answer's code that claims a result is run, and must print what it claims.

A block of Python, JavaScript, SQL (on SQLite) or shell is run on its own unless the word `sketch`
follows its language. What it claims stands behind `=>` in comments: the output, line by line.
"""

import re
import shutil
import sqlite3
import subprocess
import sys

import pytest
from django.conf import settings
from playwright._impl._driver import compute_driver_executable

from questions.bankfiles import read
from questions.markdown import fences

LANGUAGES = {"python": "#", "javascript": "//", "sql": "--", "sh": "#"}  # and how each begins a comment


def blocks():
    for kind, uid, document in read(settings.BASE_DIR / "content").items:
        if kind == "question":
            for number, (info, code, _line) in enumerate(fences(document["answer"]), start=1):
                yield pytest.param(info, code, id=f"{uid}-{number}")


def claims(code, comment):
    return [claim.strip() for claim in re.findall(rf"{comment} ?=>(.*)$", code, re.MULTILINE)]


@pytest.mark.parametrize(("info", "code"), list(blocks()))
def test_code_prints_what_it_claims(info, code, tmp_path):
    language, *rest = info.split()
    comment = LANGUAGES.get(language)
    if comment is None or "sketch" in rest:
        assert not any(claims(code, each) for each in LANGUAGES.values()), "only code that is run may claim"
    else:
        assert printed(language, code, tmp_path) == claims(code, comment)


def printed(language, code, folder):
    if language == "sql":
        return list(rows(code))
    command, ending = {
        "python": (sys.executable, "py"),
        "javascript": (node(), "mjs"),
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
    statement = ""
    for line in code.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            for row in database.execute(statement):
                yield " | ".join("NULL" if value is None else str(value) for value in row)
            statement = ""
    assert not re.sub(r"--.*", "", statement).strip(), "the last statement has no semicolon"
    database.close()


def node():
    """The system's Node, or the one that Playwright brings."""
    return shutil.which("node") or compute_driver_executable()[0]
