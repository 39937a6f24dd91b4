import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection


@pytest.fixture
def connection_of_the_test():
    """Let requests share the connection of the test, and leave it open, as Django's client does."""
    for moment in request_started, request_finished:
        moment.disconnect(close_old_connections)
    connection.inc_thread_sharing()
    yield
    connection.dec_thread_sharing()
    for moment in request_started, request_finished:
        moment.connect(close_old_connections)
