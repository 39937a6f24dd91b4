"""The project's own bank files in a zip: the same bytes as `dumpbank` writes into a folder."""

from typing import BinaryIO

from .. import bankfiles
from ..documents import with_slugs
from .archive import archive
from .export import BankExport


def write(export: BankExport, file: BinaryIO) -> None:
    with archive(file) as made:
        for name, text in bankfiles.files_of(with_slugs(export.items(), export.slugs)):
            made.add(name, text)
