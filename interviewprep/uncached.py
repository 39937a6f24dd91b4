"""Requests that no kept page answers: static files, probes, reports, practice, and the desk with its log-in.

Neither granian nor gunicorn limits how long a client takes to send a body, and a thread that waits for
one cannot be interrupted. So only the desk, practice and the form of reports accept bodies, of a limited
size, and each only so many at once: slow ones can delay those who save, never those who read, and whoever
sends reports or practises delays the like alone. A proxy that reads bodies first, as the one in `deploy/`
does, spares the desk, too.
"""

from io import BytesIO
from threading import BoundedSemaphore

from django.conf import settings
from django.urls import reverse
from whitenoise import WhiteNoise

from .database import Readiness
from .headers import plain, security_headers
from .rooms import Full, Room

BODIES = 8  # that are sent to the desk at once
REPORTS = 2  # reports that are sent at once
MARKS = 16  # what learners send at once
REPORT_PATH = "/report/"  # the one public form that is sent without a cookie
PRACTICE_PATH = "/practice/"
SAFE_METHODS = ("GET", "HEAD")


class Refused(Exception):
    """The request is not let in; `answer` is the WSGI application that says why."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer


class Uncached:
    """A WSGI application around Django's, for the paths that the page cache leaves to it."""

    def __init__(self, application, redirects_to_tls):
        self.application, self.redirects_to_tls = application, redirects_to_tls
        self.desk = Room("desk", threads=2, waiting=18)
        # One at a time: a password is hashed for a tenth of a second, on purpose.
        self.log_ins = Room("log-in", threads=1, waiting=4)
        self.practice = Room("practice", threads=2, waiting=30)
        self.reports = Room("reports", threads=1, waiting=3)
        self.bodies = BoundedSemaphore(BODIES)
        self.report_bodies = BoundedSemaphore(REPORTS)
        self.practice_bodies = BoundedSemaphore(MARKS)
        self.log_in_path = reverse("admin:login")
        self.form_paths = (*settings.COOKIE_PATHS, REPORT_PATH)
        self.files = static_files()
        self.probes = {"/healthz": plain("200 OK", "ok"), "/readyz": Readiness()}
        self.read_only = plain(
            "405 Method Not Allowed", "This page can only be read.", ("Allow", ", ".join(SAFE_METHODS))
        )
        self.in_utf_8 = plain("400 Bad Request", "Requests are read as UTF-8 only.")
        self.cut_off = plain("400 Bad Request", "The request was cut off. Nothing was saved; send it again.")
        self.bound = bound(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, "Nothing was saved: send %s MB at most.")
        self.larger_bounds = {
            reverse("admin:questions_import_changelist"): bound(
                settings.IMPORT_MAX_SIZE, "Nothing was read: send %s MB at most. Split the file."
            ),
            reverse("practice_data"): bound(
                settings.PRACTICE_MAX_SIZE, "Nothing was taken in: a file of practice has %s MB at most."
            ),
        }
        self.busy = plain(
            "503 Service Unavailable",
            "The site is busy, and nothing was saved. Go back, and try again in a moment.",
            ("Retry-After", "2"),
        )

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path in self.probes:
            return self.probes[path](environ, start_response)
        if self.redirects_to_tls(environ):
            return self.application(environ, start_response)
        if path.startswith(settings.STATIC_URL):
            return self.files(environ, start_response)
        try:
            body = self.body(environ)
            status, headers, pieces = self.room(environ).run(self.application, environ | body)
        except Refused as refused:
            return refused.answer(environ, start_response)
        except Full:
            return self.busy(environ, start_response)
        start_response(status, headers)
        return pieces

    def room(self, environ):
        path = environ["PATH_INFO"]
        if path.startswith(REPORT_PATH):
            return self.reports
        if path.startswith(PRACTICE_PATH):
            return self.practice
        is_log_in = path == self.log_in_path and environ["REQUEST_METHOD"] not in SAFE_METHODS
        return self.log_ins if is_log_in else self.desk

    def body(self, environ):
        """What Django reads in place of the connection: the whole body. Raises `Refused` or `Full`."""
        # Django would decode with any codec that Python has, and some of them raise whatever they read.
        content_type = environ.get("CONTENT_TYPE", "").lower().replace('"', "").replace("charset=utf-8", "")
        if "charset" in content_type or "*" in content_type:
            raise Refused(self.in_utf_8)
        sent = b""
        if environ["REQUEST_METHOD"] not in SAFE_METHODS:
            if not environ["PATH_INFO"].startswith(self.form_paths):
                raise Refused(self.read_only)
            length = self.length(environ)
            sent = self.read(environ, length) if length else b""
        return {"wsgi.input": BytesIO(sent), "CONTENT_LENGTH": str(len(sent))}

    def length(self, environ):
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise Refused(self.cut_off)
        most, refusal = self.larger_bounds.get(environ["PATH_INFO"], self.bound)
        if len(length) > 15 or int(length) > most:
            raise Refused(refusal)
        return int(length)

    def read(self, environ, length):
        bodies = self.bodies_of(environ["PATH_INFO"])
        if not bodies.acquire(blocking=False):
            raise Full
        try:
            sent = environ["wsgi.input"].read(length)
        except OSError as error:
            raise Refused(self.cut_off) from error
        finally:
            bodies.release()
        if len(sent) != length:
            raise Refused(self.cut_off)
        return sent

    def bodies_of(self, path):
        if path.startswith(REPORT_PATH):
            return self.report_bodies
        return self.practice_bodies if path.startswith(PRACTICE_PATH) else self.bodies


def bound(most, text):
    """How many bytes a body may have, and what is answered to more."""
    return most, plain("413 Content Too Large", text % (most // 1_000_000))


def static_files():
    """The collected files, as a WSGI application; their names have a hash, so browsers keep them."""
    every_answer = security_headers()

    def add_headers(headers, path, url):
        for name, value in every_answer.items():
            headers[name] = value

    files = WhiteNoise(
        plain("404 Not Found", "There is no such file."),
        allow_all_origins=False,
        immutable_file_test=r"\.[0-9a-f]{12}\.",
        add_headers_function=add_headers,
    )
    if settings.STATIC_ROOT.is_dir():  # tests have none
        files.add_files(settings.STATIC_ROOT, settings.STATIC_URL)
    return files
