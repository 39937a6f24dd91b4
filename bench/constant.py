"""The least that a WSGI application can do: the bytes of one page, always."""

import json
import os
from pathlib import Path

_page = Path(os.environ["BENCH_PAGE"])
_body = _page.read_bytes()
_headers = [tuple(header) for header in json.loads(_page.with_suffix(".json").read_text())]


def application(environ, start_response):
    start_response("200 OK", _headers)
    return [_body]
