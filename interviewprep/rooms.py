"""Threads that run Django, and how many requests may wait for them.

A request holds a thread of the server while it waits, and the server has a fixed number of those. Each
room takes a few and refuses the rest at once, so that readers of kept pages always find a thread. A room
has its own threads for Django, so their number is also that of its database connections.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore
from weakref import finalize


class Full(Exception):
    """As many requests wait as may."""


class Room:
    """`threads` of its own, and at most `waiting` more requests in line."""

    def __init__(self, name, threads, waiting):
        self.submit = ThreadPoolExecutor(threads, name).submit
        self._places = BoundedSemaphore(threads + waiting)

    @contextmanager
    def place(self):
        """A place in the room, for as long as the request needs it. Raises `Full`."""
        if not self._places.acquire(blocking=False):
            raise Full
        try:
            yield
        finally:
            self._places.release()

    def run(self, application, environ):
        """The response of `application`: status, headers, and the pieces of its body. Raises `Full`."""
        with ExitStack() as stack:
            stack.enter_context(self.place())
            status, headers, body = self.submit(whole_response, application, environ).result()
            pieces = [body] if isinstance(body, bytes) else Download(body, stack.pop_all().close)
            return status, headers, pieces


class Download:
    """A file on its way to a client, who has a place in the room until it is sent or given up.

    A server that forgets to close it, as on a broken connection, leaves that to the garbage collector.
    """

    def __init__(self, response, leave):
        self.pieces = iter(response)
        self.close = finalize(self, _end, response, leave)

    def __iter__(self):
        return self.pieces


def _end(response, leave):
    try:
        response.close()
    finally:
        leave()


def whole_response(application, environ):
    """The status, the headers and the body that a WSGI application answers.

    A file is not read into memory: in place of its bytes comes the response, still to be read and closed.
    """
    started = []
    # Without a wrapper of the server's, a file comes as Django's own response.
    response = application(environ | {"wsgi.file_wrapper": None}, lambda *args: started.extend(args))
    if getattr(response, "streaming", False):
        return *started[:2], response
    try:
        body = b"".join(response)
    finally:
        if hasattr(response, "close"):
            response.close()
    return *started[:2], body
