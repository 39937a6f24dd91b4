"""What holds for every test."""

import shutil
import socket

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import transaction


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    """Let a test reach this machine only."""
    for name in "connect", "connect_ex":
        monkeypatch.setattr(socket.socket, name, _to_loopback_only(getattr(socket.socket, name)))


def _to_loopback_only(connect):
    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            if host not in ("localhost", "::1") and not host.startswith("127."):
                raise ConnectionRefusedError(f"Tests reach this machine only, not {host}.")
        return connect(self, address)

    return guarded


@pytest.fixture(autouse=True)
def _empty_template_cache():
    """Keep nothing that a test before this one has rendered."""
    caches["default"].clear()


@pytest.fixture(autouse=True)
def _history_knows_all(request):
    """Compare history and the search index with the rows after every test that used the database.

    It is done before the test's rollback.

    `@pytest.mark.unrecorded(reason="…")` exempts a test that writes around history on purpose.
    """
    uses = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if not uses and not request.node.get_closest_marker("django_db"):
        yield
        return
    request.getfixturevalue("_django_db_helper")  # so that this ends before the rollback does
    yield
    if not request.node.get_closest_marker("unrecorded"):
        from questions import history
        from questions.search import index

        assert [*history.differences(), *history.outdated_lists(), *index.differences()] == []


@pytest.fixture(scope="module")
def shared_rows(django_db_setup, django_db_blocker):
    """`with shared_rows():` rows are made once that all tests of the module find as they were made.

    What a test does to them is rolled back with the test. A module with transactional tests can't share.
    """
    with django_db_blocker.unblock(), transaction.atomic(), django_db_blocker.block():
        yield django_db_blocker.unblock
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium where there is one, and no calls of its own to its maker."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
    return browser_type_launch_args | {"executable_path": path, "args": arguments}


def pytest_collection_modifyitems(config, items):
    """Leave out what `needs` another database than the one in use, or a program that is missing."""
    database = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2].removesuffix("3")

    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("once")

    def may_run(item):
        needs = {what for mark in item.iter_markers("needs") for what in mark.args}
        return all(what == database or shutil.which(what) for what in needs)

    left_out = [item for item in items if not may_run(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
