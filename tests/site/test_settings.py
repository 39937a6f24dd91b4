"""The settings, as an operator writes them into the environment."""

import os
import runpy
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from interviewprep.environment import language_of

MODULE = settings.BASE_DIR / "interviewprep" / "settings.py"
NAMES = (
    "SITE_URL HOST PORT WORKERS DATABASE_URL TRUSTED_PROXY HSTS_SECONDS HSTS_SUBDOMAINS "
    "HSTS_PRELOAD INTERNSHIPS_URL CURATOR_CONTACT SERVER PAGE_CACHE_MB FRESHNESS_SECONDS CDN_SECONDS "
    "LANGUAGE_CODE TIME_ZONE LOG_LEVEL LOG_FORMAT DEBUG SECRET_KEY_FALLBACKS"
).split()


@pytest.fixture
def read(monkeypatch):
    """Reads the settings from an environment that says nothing but what is given."""
    monkeypatch.setattr("environ.Env.read_env", lambda *_arguments, **_options: None)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)

    def with_environment(**environment):
        with monkeypatch.context() as patched:
            for name, value in {"SECRET_KEY": "for tests only", **environment}.items():
                patched.setenv(name, value)
            found = runpy.run_path(str(MODULE))
        return {name: value for name, value in found.items() if name.isupper()}

    return with_environment


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_value_means_the_default(read, empty):
    names = set(NAMES) - {"INTERNSHIPS_URL"}
    assert read(**dict.fromkeys(names, empty)) == read()


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_internships_address_ends_the_call(read, empty):
    assert "{role}" in read()["INTERNSHIPS_URL"]
    assert read(INTERNSHIPS_URL=empty)["INTERNSHIPS_URL"] == ""


def test_an_empty_secret_is_a_missing_one(read):
    with pytest.raises(ImproperlyConfigured, match="Set SECRET_KEY"):
        read(SECRET_KEY=" ")
    assert read(SECRET_KEY="", DEBUG="1")["SECRET_KEY"]


def test_a_secret_may_begin_with_a_dollar(read):
    assert read(SECRET_KEY="$money")["SECRET_KEY"] == "$money"


def test_blanks_do_not_matter(read):
    found = read(
        TRUSTED_PROXY=" 10.0.0.0/8, 127.0.0.1 ,,::1",
        WORKERS=" 4 ",
        DEBUG=" yes",
        SITE_URL=" https://prep.example.org/ ",
        DATABASE_URL=" sqlite:////tmp/bank.sqlite3 ",
        LOG_LEVEL="info ",
        FRESHNESS_SECONDS=" .5",
    )
    assert found["TRUSTED_PROXY"] == ["10.0.0.0/8", "127.0.0.1", "::1"]
    assert (found["WORKERS"], found["DEBUG"], found["FRESHNESS_SECONDS"]) == (4, True, 0.5)
    assert found["SITE_URL"] == "https://prep.example.org"
    assert found["DATABASES"]["default"]["NAME"] == "/tmp/bank.sqlite3"
    assert found["LOGGING"]["root"]["level"] == "INFO"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKERS", "two"),
        ("WORKERS", "0"),
        ("PORT", "-1"),
        ("PAGE_CACHE_MB", "1.5"),
        ("FRESHNESS_SECONDS", "nan"),
        ("FRESHNESS_SECONDS", "1s"),
        ("DEBUG", "perhaps"),
        ("DATABASE_URL", "bank.sqlite3"),
        ("DATABASE_URL", "mysql://user:password@host/name"),
        ("DATABASE_URL", "postgres://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://user:password@host"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "Europe"),
        ("LANGUAGE_CODE", "de"),
        ("LANGUAGE_CODE", "../en"),
        ("TRUSTED_PROXY", "127.0.0.1, proxy"),
        ("TRUSTED_PROXY", "10.0.0.1/8"),
        ("INTERNSHIPS_URL", "jobs.example.org"),
        ("SITE_URL", "prep.example.org"),
        ("SITE_URL", "//prep.example.org"),
        ("SITE_URL", "ftp://prep.example.org"),
        ("SITE_URL", "https://"),
        ("SITE_URL", "http://["),
        ("SITE_URL", "http://[::g]"),
        ("SITE_URL", "http://prep example.org"),
        ("SITE_URL", "http://."),
        ("SITE_URL", "http://prep.example.org:port"),
        ("SITE_URL", "http://me@prep.example.org"),
        ("SITE_URL", "http://prep.example.org/prep"),
        ("SITE_URL", "http://prep.example.org?a=b"),
        ("SITE_URL", "http://prep.example.org#top"),
    ],
)
def test_a_wrong_value_is_a_line_that_names_its_setting(read, name, value):
    with pytest.raises(ImproperlyConfigured) as error:
        read(**{name: value})
    assert str(error.value).startswith(f"{name} ")
    assert "\n" not in str(error.value)
    assert "password@host:" not in str(error.value)


def test_a_command_tells_it_without_a_traceback():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "interviewprep.settings", "WORKERS": "two"}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "check"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("The settings need mending: WORKERS is “two”")


@pytest.mark.parametrize(
    ("address", "public", "host"),
    [
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000", "[2001:db8::1]:8000"),
        ("http://[2001:DB8:0:0::1]", "http://[2001:db8::1]", "[2001:db8::1]"),
        ("https://Prep.Example.org:443/", "https://prep.example.org", "prep.example.org"),
        ("http://bücher.example:81", "http://xn--bcher-kva.example:81", "xn--bcher-kva.example:81"),
        ("http://[::1]:8000", "http://[::1]:8000", "[::1]:8000"),
    ],
)
def test_the_public_address_is_the_one_that_browsers_send(read, client, settings, address, public, host):
    found = read(SITE_URL=address)
    assert (found["SITE_URL"], found["CSRF_TRUSTED_ORIGINS"]) == (public, [public])
    settings.ALLOWED_HOSTS = found["ALLOWED_HOSTS"]
    request = HttpRequest()
    request.META["HTTP_HOST"] = host
    assert request.get_host() == host


@pytest.mark.django_db
def test_links_lead_to_an_address_of_ipv6(read, client, settings):
    found = read(SITE_URL="http://[2001:db8::1]:8000")
    settings.SITE_URL, settings.ALLOWED_HOSTS = found["SITE_URL"], found["ALLOWED_HOSTS"]
    page = client.get("/about/", headers={"host": "[2001:db8::1]:8000"}).content.decode()
    assert '<link rel="canonical" href="http://[2001:db8::1]:8000/about/">' in page


def test_other_hosts_and_browsers_lists_are_bound_only_if_asked_for(read):
    found = read(SITE_URL="https://prep.example.org")
    assert (found["SECURE_HSTS_INCLUDE_SUBDOMAINS"], found["SECURE_HSTS_PRELOAD"]) == (False, False)
    found = read(SITE_URL="https://prep.example.org", HSTS_SUBDOMAINS="1", HSTS_PRELOAD="on")
    assert (found["SECURE_HSTS_INCLUDE_SUBDOMAINS"], found["SECURE_HSTS_PRELOAD"]) == (True, True)


def test_the_language_is_english_or_has_a_translation(read, tmp_path, monkeypatch):
    assert read(LANGUAGE_CODE="en-au")["LANGUAGES"] == [("en-au", "en-au")]
    (tmp_path / "pt_BR" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "pt_BR" / "LC_MESSAGES" / "django.mo").touch()
    assert language_of(tmp_path)("pt-br") == "pt-br"
    with pytest.raises(ValueError, match="no translation"):
        language_of(tmp_path)("pt")
