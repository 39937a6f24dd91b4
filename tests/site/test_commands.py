"""The commands that start the site, as an operator runs them."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from io import StringIO
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from questions.models import Question

MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


def prepare():
    said = StringIO()
    call_command("prepare", stdout=said)
    return said.getvalue()


def run(*command, **environment):
    """Run a command in a process of its own, as a developer or operator would."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "interviewprep.settings", "PYTHONWARNINGS": ""} | environment
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def port():
    """A port of this machine that nothing listens to."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return server.getsockname()[1]


@pytest.mark.django_db
def test_prepare_loads_the_bank_and_makes_an_admin_who_can_log_in(client):
    said = prepare()
    assert Question.objects.published().count() == 11
    assert "http://127.0.0.1:8000/admin/" in said
    password = said.split("password")[1].split()[0]
    assert client.login(username="curator", password=password)
    assert User.objects.get().is_superuser


@pytest.mark.django_db
def test_prepare_says_nothing_when_there_is_nothing_to_do():
    prepare()
    assert prepare() == ""


@pytest.mark.django_db
def test_prepare_makes_no_admin_where_there_is_a_user():
    User.objects.create_user("someone")
    assert "password" not in prepare()
    assert not User.objects.filter(username="curator").exists()


@pytest.fixture
def site(tmp_path):
    """A folder with the project's code, where a command may write its own files."""
    for path in settings.BASE_DIR.iterdir():
        if path.suffix == ".py" or path.name in {"Makefile", "content", "interviewprep", "learningpath", "questions"}:
            (tmp_path / path.name).symlink_to(path)
    return tmp_path
