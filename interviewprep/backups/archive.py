"""The file of a backup: a ZIP of `backup.json` and the database, which ends with its own checksum.

The comment of the ZIP, its last 64 bytes, is the SHA-256 of all bytes before it in hexadecimal digits:
`head -c -64 FILE | sha256sum` shows whether FILE is whole.
"""

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from datetime import datetime
from typing import NamedTuple

FORMAT = 1
MANIFEST, DATABASE = "backup.json", "database"
_CHECKSUM = 64  # characters
_LARGEST_MANIFEST = 1_000_000  # bytes
_BLOCK = 1 << 20
# What a file raises that is whole and a ZIP, but not made here.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
_UNREADABLE += (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class BackupError(Exception):
    """What went wrong and what to do, in one line for the operator."""


class Damaged(BackupError):
    """The database itself has a fault."""


class Manifest(NamedTuple):
    """What a backup holds: `database` is Django's name of the kind, `migrations` are `app.name`."""

    made: str  # in UTC, as ISO 8601
    release: str
    database: str
    version: str  # of SQLite or of PostgreSQL's server
    migrations: list


def write(path, manifest, database):
    """Write the file of a backup from a copy of the database."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"0" * _CHECKSUM
        archive.writestr(MANIFEST, json.dumps({"format": FORMAT, **manifest._asdict()}, indent=2))
        archive.write(database, DATABASE)
    with path.open("r+b") as file:
        checksum, _found = _checksums(file)
        file.seek(-_CHECKSUM, os.SEEK_END)
        file.write(checksum)
    to_disk(path)


def to_disk(path):
    """Wait until a file, or the names in a folder, would survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verify(path):
    """The manifest of a backup. Raises BackupError unless each byte is what was written."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                raise BackupError(f"“{path}” is no backup of this site.")
            checksum, found = _checksums(file)
            if checksum != found:
                raise BackupError(f"“{path}” is not whole: it was cut or changed. Take another backup.")
            with zipfile.ZipFile(file) as archive:
                return _manifest(archive, path)
    except OSError as error:
        raise BackupError(f"“{path}” cannot be read: {error.strerror}.") from error
    except _UNREADABLE as error:
        raise BackupError(f"“{path}” is no backup of this site.") from error


def extract(path, target, begins):
    """Write the database of a backup, whose first bytes are `begins`, into the file `target`."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(DATABASE) as database:
            size, free = archive.getinfo(DATABASE).file_size, shutil.disk_usage(target.parent).free
            if size > free:
                raise BackupError(f"“{path}” needs {size:,} bytes in “{target.parent}”, which has {free:,}.")
            if not database.peek(len(begins)).startswith(begins):
                raise BackupError(f"“{path}” is no backup of this site: it holds no database.")
            with target.open("xb") as file:
                shutil.copyfileobj(database, file, _BLOCK)
    except _UNREADABLE as error:
        raise BackupError(f"“{path}” cannot be read ({error}). Take another backup.") from error


def check_contents(path):
    """Decompress everything, as a restore would. Raises BackupError where that fails."""
    with zipfile.ZipFile(path) as archive:
        if archive.testzip():
            raise BackupError(f"“{path}” was written, but cannot be read again: check the disk.")


def _checksums(file):
    """The checksum of a file, and the one that it ends with."""
    digest, left = hashlib.sha256(), file.seek(0, os.SEEK_END) - _CHECKSUM
    file.seek(0)
    while left > 0 and (block := file.read(min(left, _BLOCK))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode(), file.read(_CHECKSUM)


def _manifest(archive, path):
    with archive.open(MANIFEST) as file:
        read = json.loads(file.read(_LARGEST_MANIFEST))
    if read.pop("format") != FORMAT:
        raise BackupError(f"“{path}” was made by newer code: update the site, then restore it.")
    manifest = Manifest(**read)
    if not all(isinstance(name, str) for name in [*manifest[:4], *manifest.migrations]):
        raise ValueError(MANIFEST)
    datetime.fromisoformat(manifest.made)
    return manifest
