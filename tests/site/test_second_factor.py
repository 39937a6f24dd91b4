"""A second factor: switched on and off by a curator, required by an operator."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.factories import make_curator
from tests.reading import text_of

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"
PAGE = "/admin/second-factor/"


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(datetime.now(UTC))


@pytest.fixture
def curator():
    user = make_curator(username="curator")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(code="", client=None):
    client = client or Client()
    values = {"username": "curator", "password": PASSWORD, "otp_token": code}
    return client, client.post("/admin/login/", values)


def code_of(user):
    device = TOTPDevice.objects.get(user=user)
    return f"{TOTP(device.bin_key).token():06}"


def switch_on(user, time_machine, client=None):
    """Set the factor up, and wait until the app shows the next code: the recovery codes."""
    client = client or log_in()[0]
    client.get(PAGE)
    page = client.post(PAGE, {"code": code_of(user)})
    time_machine.shift(timedelta(seconds=60))
    return re.findall(r"<code>(\w+)</code>", page.content.decode())


def test_it_is_set_up_with_a_picture_or_a_secret_and_a_right_code(curator, time_machine):
    client, _answer = log_in()
    page = client.get(PAGE)
    secret = re.search(r'class="secret">([A-Z2-7 ]+)<', page.content.decode())[1]
    assert len(secret.replace(" ", "")) == 32
    picture = client.get(f"{PAGE}qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    assert b"style=" not in picture.content
    wrong = client.post(PAGE, {"code": "000000"})
    assert "not right" in text_of(wrong)
    assert log_in()[1].status_code == 302
    time_machine.shift(timedelta(seconds=60))
    codes = switch_on(curator, time_machine, client)
    assert len(set(codes)) == 10
    assert client.get("/admin/").status_code == 200
    assert client.get(f"{PAGE}qr.svg").status_code == 404


def test_logging_in_then_needs_both(curator, time_machine):
    switch_on(curator, time_machine)
    client, page = log_in()
    assert page.status_code == 200
    assert "Enter the code that your app shows, too." in text_of(page)
    assert client.get("/admin/").status_code == 302
    assert "not right" in text_of(log_in("123456")[1])
    time_machine.shift(timedelta(seconds=60))
    client, answer = log_in(code_of(curator))
    assert answer.status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_code_logs_in_once(curator, time_machine):
    switch_on(curator, time_machine)
    code = code_of(curator)
    assert log_in(code)[1].status_code == 302
    assert log_in(code)[1].status_code == 200


def test_a_recovery_code_logs_in_once(curator, time_machine):
    code, other, *_more = switch_on(curator, time_machine)
    assert log_in(code)[1].status_code == 302
    assert log_in(code)[1].status_code == 200
    time_machine.shift(timedelta(seconds=60))
    assert log_in(other)[1].status_code == 302


def test_without_the_password_nobody_learns_that_there_is_a_second_factor(curator, time_machine):
    def refused():
        page = Client().post("/admin/login/", {"username": "curator", "password": "wrong"})
        return re.sub(r'value="[^"]{64}"', "", page.content.decode())

    before = refused()
    switch_on(curator, time_machine)
    assert refused() == before


def test_switching_it_on_ends_the_sessions_that_did_without(curator, time_machine):
    elsewhere, _answer = log_in()
    switch_on(curator, time_machine)
    assert elsewhere.get("/admin/").status_code == 302


def test_it_is_switched_off_with_a_code_only(curator, time_machine):
    client, _answer = log_in()
    switch_on(curator, time_machine, client)
    assert "not right" in text_of(client.post(PAGE, {"code": "000000", "switch_off": ""}))
    assert log_in()[1].status_code == 200
    time_machine.shift(timedelta(seconds=60))
    page = client.post(PAGE, {"code": code_of(curator), "switch_off": ""}, follow=True)
    assert "The second factor is off" in text_of(page)
    assert log_in()[1].status_code == 302


def test_new_recovery_codes_replace_the_old_ones(curator, time_machine):
    client, _answer = log_in()
    old, *_others = switch_on(curator, time_machine, client)
    page = client.post(PAGE, {"code": code_of(curator), "new_codes": ""})
    new = re.findall(r"<code>(\w+)</code>", page.content.decode())
    assert len(new) == 10
    assert log_in(old)[1].status_code == 200
    time_machine.shift(timedelta(seconds=60))
    assert log_in(new[0])[1].status_code == 302
    assert "9 recovery codes left" in text_of(client.get(PAGE))


def test_wrong_codes_are_limited(curator, time_machine):
    switch_on(curator, time_machine)
    for _try in range(3):
        log_in("000000")
    page = log_in(code_of(curator))[1]
    assert page.status_code == 200
    assert "Too many wrong codes" in text_of(page)


def test_where_it_is_required_nothing_else_opens_before(curator, settings, time_machine):
    settings.REQUIRE_SECOND_FACTOR = True
    client, _answer = log_in()
    for path in ("/admin/", "/admin/questions/question/", "/admin/auth/user/"):
        assert client.get(path).headers["Location"] == PAGE
    assert client.post("/admin/questions/question/add/").headers["Location"] == PAGE
    assert client.get("/admin/password_change/").status_code == 200
    assert client.get(PAGE).status_code == 200
    switch_on(curator, time_machine, client)
    assert client.get("/admin/").status_code == 200


def test_an_operator_helps_who_lost_the_phone(curator, time_machine, capsys):
    switch_on(curator, time_machine)
    call_command("addstatictoken", "curator")
    code = capsys.readouterr().out.split()[-1]
    assert log_in(code)[1].status_code == 302


def test_nobody_edits_the_secret_of_another(client, admin_user):
    client.force_login(admin_user)
    assert client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert client.get("/admin/otp_static/staticdevice/").status_code == 404


def test_the_page_is_for_those_who_are_logged_in():
    for path in (PAGE, f"{PAGE}qr.svg"):
        assert Client().get(path).status_code == 302
