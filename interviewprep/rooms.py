"""Threads that run Django, and how many requests may wait for them.

A request holds a thread of the server while it waits, and the server has a fixed number of those. Each
room takes a few and refuses the rest at once, so that readers of kept pages always find a thread. A room
has its own threads for Django, so their number is also that of its database connections.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore


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
        """The whole response of `application`: status, headers and body. Raises `Full`."""
        with self.place():
            return self.submit(whole_response, application, environ).result()


def whole_response(application, environ):
    """The status, the headers and the body that a WSGI application answers."""
    started = []
    response = application(environ, lambda *args: started.extend(args))
    try:
        body = b"".join(response)
    finally:
        if hasattr(response, "close"):
            response.close()
    status, headers = started[:2]
    return status, headers, body
