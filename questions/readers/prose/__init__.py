"""Questions in prose: Markdown or plain text, as people have it."""

from collections.abc import Callable

from ..reading import Reading, UnreadableFile
from .page import Page

MAX_LENGTH = 3_000_000  # characters: the whole of a large collection has a quarter of it
MAX_LINES = 100_000


def read(text: str, of_html: Callable[[str], str] = str, numbers: list[int] | None = None) -> Reading:
    """The questions, steps and tips of a text, and the lines that are none of them.

    `of_html` turns HTML that stands in the text into Markdown; `numbers` are those of the lines in the
    file, where the text was made of something else.
    """
    if len(text) > MAX_LENGTH:
        raise UnreadableFile(
            f"{len(text) / 1e6:.1f} million characters are more than the {MAX_LENGTH / 1e6:.0f} million that "
            "a text may have: split the file."
        )
    lines = text.count("\n") + 1
    if lines > MAX_LINES:
        raise UnreadableFile(
            f"{lines:,} lines are more than the {MAX_LINES:,} that a text may have: split the file."
        )
    return Page(text, of_html, numbers).read().finish()
