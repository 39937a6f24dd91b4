"""System checks of settings that do not go together; one that is wrong by itself stops the start."""

import re
import sqlite3
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Info, Warning, register

MOUNTS = Path("/proc/self/mounts")  # of Linux; elsewhere disks are not checked
_YEAR = 31_536_000  # seconds
_SECRET_LENGTH, _SECRET_VARIETY = 50, 5  # characters, and different ones, as in Django's security.W009
_PLACEHOLDER = re.compile("django-insecure|change.?me|replace.?me|example|password|secret", re.IGNORECASE)
_NETWORK_DISKS = set(
    "9p afs ceph cifs glusterfs lustre nfs nfs4 smb3 smbfs "
    "fuse.ceph fuse.gcsfuse fuse.glusterfs fuse.rclone fuse.s3fs fuse.sshfs".split()
)
_SAFE_WAL = (3, 51, 3)  # the release of SQLite that resets its write-ahead log safely


def register_all():
    for check in check_proxies, check_preloading, check_reach, check_debug, check_secret, check_disk:
        register(check)
    register(check_sqlite, deploy=True)  # not at every start: few can install another library


def check_proxies(app_configs, **kwargs):
    """Say that a proxy will be needed."""
    if settings.SITE_URL.startswith("https:") and not settings.TRUSTED_PROXY:
        return [
            Info(
                "SITE_URL is https and no proxy is believed to have taken a request by https: "
                "behind one, every page would redirect to itself.",
                hint="Set TRUSTED_PROXY to the address from which the proxy connects.",
                id="interviewprep.I001",
            )
        ]
    return []


def check_preloading(app_configs, **kwargs):
    """Say when browsers' list of https-only sites would refuse what its header asks for."""
    if not settings.SECURE_HSTS_PRELOAD:
        return []
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS and settings.SECURE_HSTS_SECONDS >= _YEAR:
        return []
    return [
        Warning(
            "HSTS_PRELOAD is on, but browsers' list takes only what holds for a year and all subdomains.",
            hint=f"Set HSTS_SUBDOMAINS=1 and HSTS_SECONDS={_YEAR} once every subdomain speaks https.",
            id="interviewprep.W002",
        )
    ]


def check_reach(app_configs, **kwargs):
    """Say when the server listens to the world, but answers to its loopback name only."""
    if _is_loopback(settings.HOST) or not _is_loopback(urlsplit(settings.SITE_URL).hostname):
        return []
    return [
        Warning(
            f"HOST is {settings.HOST}, but visitors from other machines get status 400: "
            f"the site is {settings.SITE_URL}.",
            hint="Set SITE_URL to the address that visitors type.",
            id="interviewprep.W001",
        )
    ]


def check_debug(app_configs, **kwargs):
    """Say when strangers could read the tracebacks and settings that DEBUG shows."""
    if not settings.DEBUG or _is_loopback(settings.HOST):
        return []
    return [
        Warning(
            f"DEBUG is on and HOST is {settings.HOST}: other machines are shown code and settings.",
            hint="Unset DEBUG, or set HOST to 127.0.0.1.",
            id="interviewprep.W003",
        )
    ]


def check_secret(app_configs, **kwargs):
    """Say when somebody could guess the key, and with it sign a session of an administrator's."""
    key = settings.SECRET_KEY
    is_strong = len(key) >= _SECRET_LENGTH and len(set(key)) >= _SECRET_VARIETY
    if settings.DEBUG or (is_strong and not _PLACEHOLDER.search(key)):
        return []
    return [
        Warning(
            "SECRET_KEY can be guessed: it is short, repeats few characters, or is a placeholder.",
            hint=(
                'Set it to what python3 -c "import secrets; print(secrets.token_urlsafe(50))" prints, '
                "or remove it from .env: make install writes one. Everybody has to log in again."
            ),
            id="interviewprep.W004",
        )
    ]


def check_disk(app_configs, **kwargs):
    """Say when an SQLite database is on a disk where its locks and its shared memory do not hold."""
    if not _uses_sqlite() or not MOUNTS.exists():
        return []
    path = Path(settings.DATABASES["default"]["NAME"]).resolve()
    kind = _filesystem_of(path)
    if kind not in _NETWORK_DISKS:
        return []
    return [
        Warning(
            f"The SQLite database {path} is on a network disk ({kind}), where it can be damaged.",
            hint="Move it to a disk of this machine, or set DATABASE_URL to a PostgreSQL.",
            id="interviewprep.W005",
        )
    ]


def check_sqlite(app_configs, **kwargs):
    """Say when the SQLite library has the fault of resetting the write-ahead log."""
    if not _uses_sqlite() or sqlite3.sqlite_version_info >= _SAFE_WAL:
        return []
    return [
        Info(
            f"SQLite {sqlite3.sqlite_version} can, very rarely, damage a database when two connections "
            "checkpoint at the same instant.",
            hint="Keep backups, use SQLite 3.51.3 or newer, or set DATABASE_URL to a PostgreSQL.",
            id="interviewprep.I002",
        )
    ]


def _uses_sqlite():
    return settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def _filesystem_of(path):
    """The type of the file system that holds `path`."""
    kind, depth = "", 0
    for line in MOUNTS.read_text(errors="surrogateescape").splitlines():
        _device, mounted, type_, *_options = line.split(" ")
        # The kernel writes a blank as \040.
        point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mounted))
        if path.is_relative_to(point) and len(point.parts) >= depth:  # the later of two at one point
            kind, depth = type_, len(point.parts)
    return kind


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
