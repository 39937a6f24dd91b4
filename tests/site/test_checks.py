import sqlite3

import pytest
from django.core.checks import run_checks

from interviewprep import checks

KEY = "0123456789 abcdefghijklmnopqrstuvwxyz 0123456789 abc"

pytestmark = pytest.mark.django_db  # Django's newest asks the database whether it knows JSON


def own_checks(**options):
    found = run_checks(**options)
    return {message.id: message for message in found if message.id.startswith("interviewprep.")}


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


def test_debug_is_not_for_other_machines(settings):
    settings.DEBUG, settings.SITE_URL = True, "http://prep.example.org"
    assert not own_checks()
    settings.HOST = "0.0.0.0"
    assert "Unset DEBUG" in own_checks()["interviewprep.W003"].hint


@pytest.mark.parametrize("key", ["k3y", "abcd" * 20, "django-insecure-" + KEY, "CHANGE-ME" + KEY])
def test_a_key_that_can_be_guessed_is_reported(settings, key):
    settings.SECRET_KEY = key
    assert "token_urlsafe" in own_checks()["interviewprep.W004"].hint
    settings.DEBUG = True
    assert not own_checks()


@pytest.fixture
def use(monkeypatch, settings):
    """Lets the settings name another database, to which nobody connects."""

    def named(name, engine="sqlite3"):
        found = {"ENGINE": f"django.db.backends.{engine}", "NAME": name}
        for key, value in found.items():
            monkeypatch.setitem(settings.DATABASES["default"], key, value)

    return named


MOUNTS = r"""proc /proc proc rw,relatime 0 0
/dev/vda / ext4 rw,relatime 0 0
nas:/share /srv nfs4 rw,vers=4.2 0 0
/dev/vdb /srv/fast ext4 rw 0 0
//nas/office /mnt/the\040office cifs rw 0 0
/dev/vdc /over ext4 rw 0 0
host:/home /over fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("database", "kind"),
    [
        ("/var/lib/bank.sqlite3", None),
        ("/srv/bank.sqlite3", "nfs4"),
        ("/srv/fast/bank.sqlite3", None),
        ("/srv/faster/bank.sqlite3", "nfs4"),
        ("/mnt/the office/bank.sqlite3", "cifs"),
        ("/over/bank.sqlite3", "fuse.sshfs"),
    ],
)
def test_sqlite_is_not_for_network_disks(monkeypatch, use, tmp_path, database, kind):
    monkeypatch.setattr(checks, "MOUNTS", tmp_path / "mounts")
    checks.MOUNTS.write_text(MOUNTS)
    use(database)
    found = own_checks().get("interviewprep.W005")
    assert (f"{database} is on a network disk ({kind})" in found.msg) if kind else (found is None)


@pytest.mark.parametrize("mounts", ["nas:/ / nfs4 rw 0 0\n", None])
def test_disks_of_a_postgresql_and_of_other_systems_are_not_checked(monkeypatch, use, tmp_path, mounts):
    monkeypatch.setattr(checks, "MOUNTS", tmp_path / "mounts")
    use("bank", engine="postgresql" if mounts else "sqlite3")
    if mounts:
        checks.MOUNTS.write_text(mounts)
    assert not own_checks()


@pytest.mark.parametrize(("version", "is_reported"), [((3, 51, 2), True), ((3, 51, 3), False)])
def test_a_faulty_sqlite_is_reported_to_who_asks(monkeypatch, use, version, is_reported):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    use("bank.sqlite3")
    assert not own_checks()
    found = own_checks(include_deployment_checks=True)
    assert ("interviewprep.I002" in found) == is_reported
    assert not any(message.is_serious() for message in found.values())
