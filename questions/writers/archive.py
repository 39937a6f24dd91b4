"""Zip files that are the same bytes whenever and wherever they are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


class Archive:
    """A zip whose entries have no date of their own, and the rights that a plain file has."""

    def __init__(self, file: BinaryIO):
        self.zip = ZipFile(file, "w")

    def add(self, name: str, data: str | bytes) -> None:
        self.zip.writestr(_entry(name), data)

    def open(self, name: str) -> IO[bytes]:
        """A file to write the entry `name` into."""
        return self.zip.open(_entry(name), "w", force_zip64=True)


@contextmanager
def archive(file: BinaryIO) -> Iterator[Archive]:
    """A new zip in `file`, complete at the end of the block."""
    made = Archive(file)
    with made.zip:
        yield made


def _entry(name):
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the earliest date that a zip can hold
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    entry.create_system = 3  # Unix, wherever it is made
    return entry
