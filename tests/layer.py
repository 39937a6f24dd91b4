"""The whole WSGI application, asked as a server asks it."""

from dataclasses import dataclass
from io import BytesIO

from django.db import OperationalError, connections

from interviewprep.pagecache import PageCache

WORDS = b"<p>All that this page has to say.</p>" * 40


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes


class Site:
    """The layer, around an application that counts what is asked of it."""

    def __init__(self, answer=None, limit=10_000_000):
        self.number, self.renders, self.connection = 1, [], connections["default"]
        self.answer = answer or self.words
        self.layer = PageCache(self.count, version=self.version, limit=limit)

    def version(self):
        if self.number is None:
            raise OperationalError("gone")
        return self.number

    def count(self, environ, start_response):
        connections["default"] = self.connection  # a renderer is a thread of its own
        self.renders.append(environ["PATH_INFO"] + "?" + environ["QUERY_STRING"])
        return self.answer(environ, start_response)

    def words(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(WORDS)))])
        return [WORDS]

    def ask(self, address="/", *, method="GET", environ=(), body=b"", **headers):
        path, _, query = address.partition("?")
        started = []
        environ = {
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": method,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "HTTP_HOST": "127.0.0.1:8000",
            "wsgi.url_scheme": "http",
        } | dict(environ)
        environ.setdefault("wsgi.input", BytesIO(body))
        if body:
            environ.setdefault("CONTENT_LENGTH", str(len(body)))
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        answer = self.layer(environ, lambda *args: started.extend(args))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return Answer(int(started[0][:3]), dict(started[1]), body)
