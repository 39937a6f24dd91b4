"""Log lines as JSON, each with the request that it belongs to.

Nothing in them is about a person: no address, no name, no query, no form value, no cookie. Requests that
the page cache answers are not logged at all.
"""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from uuid import uuid4

from django.http import HttpRequest

from .middleware import trusted_addresses

_WELL_FORMED = re.compile(r"[\w.-]{8,64}", re.ASCII)
_QUERY = re.compile(r"[?#]\S*")
_request = ContextVar("request", default=None)


def request_id(get_response):
    """Give each request an `id` for its log lines: the `X-Request-ID` of `TRUSTED_PROXY`, or a new one.

    It is not sent back: a public page has one body and one set of headers for all. The proxy sends its own.
    """
    believed = trusted_addresses()

    def middleware(request):
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        is_believed = believed(request.META.get("REMOTE_ADDR", "")) and _WELL_FORMED.fullmatch(given)
        request.id = given if is_believed else uuid4().hex
        token = _request.set(request)
        try:
            return get_response(request)
        finally:
            _request.reset(token)

    return middleware


class JSONFormatter(logging.Formatter):
    """One line of JSON for each record, with the traceback as one of its strings."""

    def format(self, record):
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        # Django logs a response after the middleware has ended, but names the request itself.
        request = getattr(record, "request", None) or _request.get()
        if isinstance(request, HttpRequest):
            line["request_id"] = getattr(request, "id", None)
            line |= {"method": request.method, "path": request.path}
        if hasattr(record, "status_code"):
            line["status"] = record.status_code
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class WithoutQuery(logging.Filter):
    """Cuts the query off addresses in a message: Django reports the whole Referer of a refused form."""

    def filter(self, record):
        record.msg, record.args = _QUERY.sub("", record.getMessage()), ()
        return True
