"""What a file is, found in its bytes: what reads it, and why some are not read."""

import codecs
import io
import stat
import zipfile
from pathlib import Path, PurePosixPath

from .reading import UnreadableFile

MAX_BYTES = 20_000_000
MAX_UNPACKED = 100_000_000  # of a zip, all together
_MAX_MEMBERS = 20_000

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = {
    b"%PDF": "a PDF: copy its text, or save the page that it was made from",
    b"\xd0\xcf\x11\xe0": "an old Office file: save it as .xlsx or CSV",
    b"\x1f\x8b": "packed with gzip: unpack it first",
    b"Rar!": "a RAR archive: unpack it first",
    b"7z\xbc\xaf": "a 7-Zip archive: unpack it first",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "rich text: save it as HTML or plain text",
}
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def content(path: Path) -> bytes:
    """The bytes of a file that is not too large."""
    try:
        size = path.stat().st_size
        check_size(size)
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"The file cannot be read: {error.strerror}.") from error


def check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise UnreadableFile(
            f"{size / 1e6:,.0f} MB are more than the {MAX_BYTES / 1e6:.0f} MB that a file may have: split it."
        )
    if not size:
        raise UnreadableFile("The file is empty.")


def is_zip(data: bytes) -> bool:
    return data.startswith(_ZIP)


def refuse_others(data: bytes, name: str) -> None:
    """Refuse what is neither a zip nor text, and what is not the kind of file that its name says."""
    for start, what in _OTHERS.items():
        if data.startswith(start):
            raise UnreadableFile(f"This is {what}.")
    ending = PurePosixPath(name.casefold()).suffix
    if ending in {".apkg", ".colpkg", ".xlsx", ".zip"} and not is_zip(data):
        raise UnreadableFile(f"This is no {ending} file: it does not begin like one. Is it damaged?")


def opened_zip(data: bytes) -> zipfile.ZipFile:
    """The zip, if it is sound, of a bearable size, and no name in it leads elsewhere."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            "The file is damaged: it begins like a zip, and cannot be opened as one."
        ) from error
    if len(members) > _MAX_MEMBERS:
        raise UnreadableFile(
            f"{len(members):,} files in one zip are too many: {_MAX_MEMBERS:,} are the most."
        )
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED:
        raise UnreadableFile(
            f"Unpacked it has {unpacked / 1e6:,.0f} MB, more than the {MAX_UNPACKED / 1e6:.0f} MB that a zip "
            "may have."
        )
    for member in members:
        _refuse_member(member)
    return archive


def _refuse_member(member):
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name[:3]:
        raise UnreadableFile(f"“{name[:80]}” is a name that leaves the zip. Nothing was read.")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnreadableFile(
            f"“{name[:80]}” is a link, which a zip of files must not have. Nothing was read."
        )
    if member.flag_bits & 1:
        raise UnreadableFile("The zip has a password: make one without.")


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a file in a zip."""
    try:
        with archive.open(name) as file:
            # With its length: a member that is longer than it says is unpacked no further.
            return file.read(archive.getinfo(name).file_size + 1)
    except (KeyError, zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise _damaged(name) from error
    except Exception as error:
        raise _damaged(name) from error


def _damaged(name):
    return UnreadableFile(f"The file is damaged: “{name[:80]}” in it cannot be unpacked.")


def text(data: bytes) -> tuple[str, str]:
    """The text of the bytes, and a remark if its encoding had to be guessed."""
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"The text is damaged: it begins as {encoding.upper()}, and is not."
                ) from error
    if encoding := _utf_16_without_mark(data):
        return data.decode(encoding, errors="replace"), "read as UTF-16, although no mark says so"
    if b"\0" in data[:4096] or _share_of_controls(data[:4096]) > 0.1:
        raise UnreadableFile("This is no text, table, JSON, YAML or Anki file.")
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), (
            "not UTF-8: read as Windows-1252 (Latin-1); look at the accents and quotation marks"
        )


def _utf_16_without_mark(data):
    start = data[:2000]
    if len(start) < 20:
        return ""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > 0.4 * len(start) / 2 and even < 0.05 * len(start) / 2:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * len(start) / 2 and odd < 0.05 * len(start) / 2 else ""


def _share_of_controls(start):
    return sum(byte < 32 and byte not in b"\t\n\r\f\v\x1b" for byte in start) / max(len(start), 1)
