import pytest
from django.core.checks import run_checks

pytestmark = pytest.mark.django_db  # Django's newest asks the database whether it knows JSON


def own_checks():
    return {message.id: message for message in run_checks() if message.id.startswith("interviewprep.")}


def test_the_defaults_are_fine():
    assert not own_checks()


@pytest.mark.parametrize(
    "address", ["prep.example.org", "//prep.example.org", "ftp://a.example", "https://", "http://["]
)
def test_a_site_address_is_scheme_and_host(settings, address):
    settings.SITE_URL = settings.INTERNSHIPS_URL = address
    assert own_checks().keys() >= {"interviewprep.E001", "interviewprep.E003"}


@pytest.mark.parametrize("rest", ["/prep", "/", "?a=b", "#top"])
def test_a_site_address_is_no_more_than_that(settings, rest):
    settings.SITE_URL = f"http://prep.example.org{rest}"
    assert "without a path" in own_checks()["interviewprep.E002"].hint


def test_a_proxy_is_an_address_or_a_network(settings):
    settings.TRUSTED_PROXY = ["127.0.0.1", "10.0.0.0/8", "::1", "10.0.0.1/8", "proxy"]
    assert "network: 10.0.0.1/8, proxy." in own_checks()["interviewprep.E004"].msg


def test_https_without_a_proxy_is_told_but_stops_nothing(settings):
    settings.SITE_URL = "https://prep.example.org"
    assert not own_checks()["interviewprep.I001"].is_serious()
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    assert not own_checks()


def test_a_public_server_needs_a_public_address(settings):
    settings.HOST = "0.0.0.0"
    assert "SITE_URL" in own_checks()["interviewprep.W001"].hint
    settings.SITE_URL = "http://prep.example.org"
    assert not own_checks()
