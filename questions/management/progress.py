"""How far a command is, on the terminal of the person who waits for it."""

from collections.abc import Callable

from django.core.management.base import OutputWrapper


def rendering(stdout: OutputWrapper) -> Callable[[int, int], None] | None:
    """A function that shows how many of how many documents are rendered; None where nobody looks."""
    if not stdout.isatty():
        return None

    def show(done, total):
        if done % 20 == 0 or done == total:
            end = "\n" if done == total else ""
            stdout.write(f"\rRendering {done} of {total} documents{end}", ending="")
            stdout.flush()

    return show
