"""Pages as ready bytes, in each encoding, and the bounded memory that holds them."""

from collections import OrderedDict
from contextlib import suppress
from functools import lru_cache
from gzip import compress as gzip
from hashlib import blake2b
from sys import getsizeof
from threading import Lock

import brotli

ENCODERS = {  # the smallest result first
    "br": lambda body, quality: brotli.compress(body, quality=quality),
    "gzip": lambda body, quality: gzip(body, 6, mtime=0),
    "identity": lambda body, quality: body,
}
FAST, BEST = 3, 11  # Brotli's quality while somebody waits, and in the background
MIN_BYTES_TO_ENCODE = 500  # less fits into one packet anyway
BODY_HEADERS = {"content-type", "content-length", "content-encoding"}  # a response without body has none
OVERHEAD = 1000  # bytes of the objects around a page, and around each form


class Form:
    """A page in one encoding: `headers` with `body`, or `unmodified` without."""

    __slots__ = ("body", "etag", "headers", "unmodified")

    def __init__(self, page, encoding, quality=FAST):
        self.body = ENCODERS[encoding](page.body, quality)
        self.etag = None
        headers = [header for header in page.headers if header[0].lower() != "content-length"]
        headers += [("Vary", "Accept-Encoding"), ("Content-Length", str(len(self.body)))]
        if encoding != "identity":
            headers.append(("Content-Encoding", encoding))
        if page.status.startswith("200"):
            self.etag = f'"{page.digest}-{encoding}"'
            headers.append(("ETag", self.etag))
        self.headers = headers
        self.unmodified = [header for header in headers if header[0].lower() not in BODY_HEADERS]


class Page:
    """What Django answers at `address` with the content version `stamp`."""

    __slots__ = (
        *("address", "body", "digest", "forms", "headers"),
        *("hits", "may_be_kept", "stamp", "status", "weight"),
    )

    def __init__(self, address, stamp, status, headers, body, may_be_kept):
        self.address, self.stamp, self.may_be_kept = address, stamp, may_be_kept
        self.status, self.headers, self.body = status, headers, body
        self.digest = blake2b(body, digest_size=12).hexdigest()  # of the text, however it is encoded
        self.forms = {}
        self.hits = 0
        self.weight = 0  # as `Pages` has counted it

    def form(self, encoding):
        form = self.forms.get(encoding)
        if form is None:
            is_large = len(self.body) >= MIN_BYTES_TO_ENCODE
            form = self.forms[encoding] = Form(self, encoding if is_large else "identity")
        return form

    def weigh(self):
        """The memory it takes, in bytes."""
        texts = [*self.address, *(text for header in self.headers for text in header)]
        forms = list(self.forms.values())  # at once, for other threads may add one
        bodies = {id(body): body for body in (self.body, *(form.body for form in forms))}
        overhead = OVERHEAD * (1 + len(forms))
        return sum(map(getsizeof, texts)) + sum(map(getsizeof, bodies.values())) + overhead


class Pages:
    """The pages that were requested last, by address: as many as `limit` bytes hold."""

    def __init__(self, limit):
        self.limit, self.bytes = limit, 0
        self._pages = OrderedDict()
        self._lock = Lock()

    def __len__(self):
        return len(self._pages)

    def get(self, address):
        page = self._pages.get(address)
        if page is not None:
            with suppress(KeyError):  # another thread may have dropped it since
                self._pages.move_to_end(address)
        return page

    def put(self, page):
        with self._lock:
            self._put(page)

    def recompress(self, page):
        """Make the Brotli form of `page` a fifth smaller, if the page is still kept."""
        if self.get(page.address) is page and len(page.body) >= MIN_BYTES_TO_ENCODE:
            page.forms["br"] = Form(page, "br", BEST)
            self.count_again(page)

    def count_again(self, page):
        """Count the bytes of `page` again after it got another form, if it is kept at all."""
        with self._lock:
            if self._pages.get(page.address) is page:
                self._put(page)

    def _put(self, page):
        if former := self._pages.get(page.address):
            self.bytes -= former.weight
        page.weight = page.weigh()
        self.bytes += page.weight
        self._pages[page.address] = page
        self._pages.move_to_end(page.address, last=page.weight <= self.limit)
        while self.bytes > self.limit:
            self.bytes -= self._pages.popitem(last=False)[1].weight


@lru_cache(256)
def accepted(header):
    """The encoding that an `Accept-Encoding` prefers among ours."""
    given = dict(_coding(part) for part in header.lower().split(",") if part.strip())
    others = given.get("*", 0.0)
    # Identity is acceptable unless it is refused, but only where nothing better is.
    qualities = {"identity": 0.0001 if "*" not in given else others}
    qualities |= {name: given.get(name, qualities.get(name, others)) for name in ENCODERS}
    best = max(ENCODERS, key=qualities.get)
    return best if qualities[best] > 0 else "identity"


def _coding(part):
    name, *parameters = (text.strip() for text in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            with suppress(ValueError):
                quality = float(parameter[2:])
    return name.removeprefix("x-"), quality


def matches(header, etag):
    """Whether the `If-None-Match` in `header` names `etag`; a weak one counts: proxies weaken tags."""
    if header == etag or header.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))
