"""Tries to log in are limited, for an account, for an address, and for both together."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from interviewprep.log_in import LimitedTries
from tests.factories import make_curator

pytestmark = pytest.mark.django_db

LOG_IN = "/admin/login/"
PASSWORD = "a long enough one"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(datetime.now(UTC))


@pytest.fixture
def curator():
    user = make_curator(username="curator")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(username="curator", password="wrong", address="203.0.113.7"):
    """The status of a try: 302 for one that succeeded."""
    return Client(REMOTE_ADDR=address).post(LOG_IN, {"username": username, "password": password})


def try_often(times, **values):
    return [log_in(**values).status_code for _try in range(times)]


def test_after_five_wrong_passwords_the_right_one_waits_too(curator):
    assert try_often(6) == [200] * 4 + [429] * 2
    page = log_in(password=PASSWORD)
    assert (page.status_code, page.headers["Retry-After"]) == (429, "900")
    assert "for 15 minutes" in page.content.decode()


def test_another_address_and_another_account_go_on(curator):
    make_curator(username="other")
    try_often(5)
    assert log_in(password=PASSWORD, address="203.0.113.8").status_code == 302
    assert log_in(username="other").status_code == 200


def test_the_wait_ends(curator, time_machine):
    try_often(5)
    time_machine.shift(timedelta(minutes=16))
    assert log_in(password=PASSWORD).status_code == 302


def test_tries_during_the_wait_do_not_prolong_it(curator, time_machine):
    try_often(5)
    time_machine.shift(timedelta(minutes=14))
    try_often(3)
    time_machine.shift(timedelta(minutes=2))
    assert log_in(password=PASSWORD).status_code == 302


def test_an_address_that_tries_many_accounts_waits(curator, monkeypatch):
    monkeypatch.setattr(LimitedTries, "LIMITS", (5, 10, 300))
    for number in range(10):
        log_in(username=f"name{number}")
    assert log_in(password=PASSWORD).status_code == 429
    assert log_in(password=PASSWORD, address="203.0.113.8").status_code == 302


def test_a_network_of_ipv6_counts_as_one_address(curator):
    for number in range(5):
        log_in(address=f"2001:db8:0:1::{number}")
    assert log_in(password=PASSWORD, address="2001:db8:0:1:ffff::1").status_code == 429
    assert log_in(password=PASSWORD, address="2001:db8:0:2::1").status_code == 302


def test_an_ipv4_address_is_the_same_when_it_is_written_as_ipv6(curator):
    try_often(5, address="::ffff:203.0.113.7")
    assert log_in(password=PASSWORD).status_code == 429
    assert log_in(password=PASSWORD, address="203.0.113.8").status_code == 302


def test_a_stranger_from_a_few_addresses_locks_nobody_out(curator):
    for number in range(20):
        try_often(6, address=f"198.51.100.{number}")
    assert log_in(password=PASSWORD).status_code == 302


def test_an_account_has_a_limit_of_its_own(curator, monkeypatch):
    monkeypatch.setattr(LimitedTries, "LIMITS", (5, 50, 20))
    for number in range(20):
        log_in(address=f"198.51.100.{number}")
    assert log_in(password=PASSWORD).status_code == 429


def test_strangers_do_not_lock_a_curator_out_where_the_account_is_known(curator, monkeypatch, time_machine):
    monkeypatch.setattr(LimitedTries, "LIMITS", (5, 50, 20))
    assert log_in(password=PASSWORD, address="192.0.2.1").status_code == 302
    for number in range(20):
        log_in(address=f"198.51.100.{number}")
    assert log_in(password=PASSWORD, address="192.0.2.2").status_code == 429
    assert log_in(password=PASSWORD, address="192.0.2.1").status_code == 302
    time_machine.shift(timedelta(days=91))
    for number in range(20):
        log_in(address=f"198.51.100.{number}")
    assert log_in(password=PASSWORD, address="192.0.2.1").status_code == 429


def test_success_forgets_the_failures_of_this_account_from_this_address(curator):
    for _round in range(3):
        try_often(4)
        assert log_in(password=PASSWORD).status_code == 302


def test_an_operator_unlocks(curator, capsys):
    try_often(5)
    call_command("axes_reset_username", "curator")
    assert log_in(password=PASSWORD).status_code == 302


def test_the_password_in_a_try_is_kept_nowhere(curator, django_db_blocker):
    from axes.models import AccessAttempt

    log_in(password="what I meant")
    [attempt] = AccessAttempt.objects.values()
    assert "what I meant" not in str(attempt)


@pytest.mark.parametrize("username", ["curator", "nobody", "left", "reader", "x" * 150, "\x00", ""])
def test_an_account_is_not_told_from_none_by_the_work_that_a_try_costs(curator, monkeypatch, username):
    User.objects.create_user("left", password=PASSWORD, is_active=False)
    User.objects.create_user("reader", password=PASSWORD)
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(self, *args):
        hashed.append(1)
        return encode(self, *args)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    page = log_in(username=username)
    assert page.status_code == 200
    assert len(hashed) == (1 if username.strip("\x00") else 0)


# Sessions


def opened_by(client):
    return client.get("/admin/").status_code == 200


def logged_in():
    client = Client()
    client.post(LOG_IN, {"username": "curator", "password": PASSWORD})
    assert opened_by(client)
    return client


def test_a_session_ends_with_log_out(curator):
    client = logged_in()
    cookie = client.cookies["sessionid"].value
    client.post("/admin/logout/")
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert not opened_by(thief)


def test_a_change_of_password_ends_the_other_sessions(curator):
    here, elsewhere = logged_in(), logged_in()
    new = "quite another one"
    here.post(
        "/admin/password_change/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert opened_by(here)
    assert not opened_by(elsewhere)


def test_deactivation_ends_the_sessions_for_good(curator):
    client = logged_in()
    curator.is_active = False
    curator.save()
    assert not opened_by(client)
    curator.is_active = True
    curator.save()
    assert not opened_by(client)
