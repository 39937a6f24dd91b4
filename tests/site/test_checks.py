import pytest
from django.core.checks import run_checks

pytestmark = pytest.mark.django_db  # Django's newest asks the database whether it knows JSON


def own_checks():
    return {message.id: message for message in run_checks() if message.id.startswith("interviewprep.")}


def test_the_defaults_are_fine():
    assert not own_checks()


def test_https_without_a_proxy_is_reported_but_stops_nothing(settings):
    settings.SITE_URL = "https://prep.example.org"
    assert not own_checks()["interviewprep.I001"].is_serious()
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    assert not own_checks()


def test_a_public_server_needs_a_public_address(settings):
    settings.HOST = "0.0.0.0"
    assert "SITE_URL" in own_checks()["interviewprep.W001"].hint
    settings.SITE_URL = "http://prep.example.org"
    assert not own_checks()


def test_browsers_list_of_https_sites_asks_for_more_than_its_name(settings):
    settings.SECURE_HSTS_PRELOAD, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    assert "HSTS_SUBDOMAINS=1" in own_checks()["interviewprep.W002"].hint
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert not own_checks()
