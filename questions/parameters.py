"""The query parameters of a page: its view declares them, and neither it nor the page cache sees others."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., Any])


def reads(*names: str) -> Callable[[View], View]:
    """Declares that a view reads the query parameters `names`; one without this reads none."""

    def declare(view: View) -> View:
        view.reads = frozenset(names)  # type: ignore[attr-defined]  # functions have no declared attributes
        return view

    return declare


@lru_cache(500)
def normal_query(path: str, query: str) -> str:
    """The normal form of `query`: what the view at `path` reads, once, in order, and not empty.

    Both are as WSGI has them: each character is a byte of UTF-8.
    """
    known = _read_at(_decoded(path))
    return urlencode(sorted({(name, value) for name, value in parse_qsl(_decoded(query)) if name in known}))


def _read_at(path):
    for address in (path, f"{path}/"):  # Django redirects from the one to the other
        try:
            return getattr(resolve(address).func, "reads", ())
        except Resolver404:
            pass
    return ()


def _decoded(text):
    return text.encode("latin-1", "replace").decode(errors="replace")
