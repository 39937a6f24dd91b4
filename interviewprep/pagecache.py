"""Whole pages from memory: this is in front of Django and answers most requests itself.

A page is a function of the bank and its address. So it is kept under its normal address, with the
content version from which it was rendered, and is served as long as that version is the committed one.
Django gets nothing of a request but that address. What is not in the key cannot be in the page, so no
request can change what another one gets.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from threading import Lock
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.db import Error
from django.http.request import split_domain_port, validate_host

from questions.parameters import normal_query

from .freshness import RESTORE_RAISES_BY, content_version
from .headers import plain
from .middleware import trusted_addresses
from .pages import Page, Pages, accepted, matches
from .rooms import Full, Room, whole_response
from .uncached import SAFE_METHODS, Uncached

UNCACHED_PATHS = [
    "/preview/",
    "/report/",
    "/healthz",
    "/readyz",
]  # and static files, and paths that have cookies
LONGEST_ADDRESS = 4096  # characters of path and query; gunicorn takes no more either
HITS_TO_RECOMPRESS = 20

log = logging.getLogger(__name__)


class PageCache:
    """A WSGI application around Django's.

    `version()` returns the content version or raises `django.db.Error`; `limit` is in bytes.
    """

    def __init__(self, application, version=None, limit=None):
        self.application = application
        self.version = version or content_version(settings.FRESHNESS_SECONDS)
        self.pages = Pages(settings.PAGE_CACHE_MB * 1_000_000 if limit is None else limit)
        self.stamp = ()  # the content version that was read last; None while it cannot be read
        self.rendering, self.lock = {}, Lock()
        # One: two would compute in turns, and keep readers of kept pages waiting twice as long.
        self.renderers = Room("renderer", threads=1, waiting=15)
        self.uncached = Uncached(application, self.redirects_to_tls)
        self.refused = plain("400 Bad Request", "This request cannot be understood.")
        self.busy = plain(
            "503 Service Unavailable", "The site is busy. Try again in a moment.", ("Retry-After", "1")
        )
        self.recompressor = ThreadPoolExecutor(1, "recompressor")
        self.uncached_paths = (*settings.COOKIE_PATHS, settings.STATIC_URL, *UNCACHED_PATHS)
        self.is_own_host = lru_cache(256)(is_own_host)
        self.is_trusted = trusted_addresses()

    def __call__(self, environ, start_response):
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        if len(path) + len(query) > LONGEST_ADDRESS or is_ambiguous(environ):
            return self.refused(environ, start_response)
        if path.startswith(self.uncached_paths) or environ["REQUEST_METHOD"] not in SAFE_METHODS:
            return self.uncached(environ, start_response)
        host = environ.get("HTTP_HOST", "")
        if len(host) > 255 or not self.is_own_host(host):
            return self.refused(environ, start_response)
        if self.redirects_to_tls(environ):
            return self.application(environ, start_response)
        address = path, normal_query(path, query) if query else ""
        try:
            return self.send_fresh(environ, start_response, address)
        except Full:
            return self.busy(environ, start_response)

    def send_fresh(self, environ, start_response, address):
        try:
            self.stamp = stamp = self.version()
        except Error as error:
            return self.send_unsure(environ, start_response, address, error)
        page = self.pages.get(address)
        if page is None or page.stamp != stamp:
            last, page = page, self.render_once(environ, address, stamp)
            if last and page.status.startswith("503"):
                return self.send_unsure(environ, start_response, address, "The database went away.")
        return self.send(page, environ, start_response)

    def redirects_to_tls(self, environ):
        """Whether Django redirects this request, because it did not come over TLS and should have."""
        if not settings.SECURE_SSL_REDIRECT or environ["wsgi.url_scheme"] == "https":
            return False
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").partition(",")[0].strip()
        return scheme != "https" or not self.is_trusted(environ["REMOTE_ADDR"])

    def send(self, page, environ, start_response):
        form = page.forms.get(encoding := encoding_for(environ))
        if form is None:
            form = page.form(encoding)
            self.pages.count_again(page)
        page.hits = hits = page.hits + 1  # as this thread counts: others may go on meanwhile
        if hits == HITS_TO_RECOMPRESS and page.may_be_kept:
            self.recompressor.submit(self.pages.recompress, page)
        etags = environ.get("HTTP_IF_NONE_MATCH")
        if etags and form.etag and matches(etags, form.etag):
            start_response("304 Not Modified", form.unmodified[:])
            return []
        start_response(page.status, form.headers[:])
        return [form.body] if environ["REQUEST_METHOD"] == "GET" else []

    def send_unsure(self, environ, start_response, address, error):
        """While the database does not say which content is committed: the last page that was right."""
        if self.stamp is not None:
            log.error("The content version cannot be read: pages are not kept and may be old. %s", error)
            self.stamp = None

        def start(status, headers):
            others = [header for header in headers if header[0] != "Cache-Control"]
            start_response(status, [*others, ("Cache-Control", "no-store")])

        page = self.pages.get(address) or self.render_once(environ, address, stamp=None)
        return self.send(page, environ, start)

    def render_once(self, environ, address, stamp):
        """The page of `address`, rendered once for all who request it meanwhile. Raises `Full`."""
        key = address, stamp
        with self.renderers.place():
            with self.lock:
                page = self.pages.get(address)
                if page is not None and page.stamp == stamp:
                    return page  # another thread has just finished it
                if key not in self.rendering:
                    self.rendering[key] = self.renderers.submit(self.render_and_keep, environ, *key)
                rendering = self.rendering[key]
            return rendering.result()

    def render_and_keep(self, environ, address, stamp):
        try:
            if stamp is not None:
                # A restore takes the versions of documents back, to be used again for other words.
                caches["default"].version = stamp // RESTORE_RAISES_BY
            page = self.render(environ, address, stamp)
            if stamp is not None and stamp == self.stamp and page.may_be_kept:
                self.pages.put(page)
            return page
        finally:
            with self.lock:
                del self.rendering[address, stamp]

    def render(self, environ, address, stamp):
        status, headers, body = whole_response(self.application, only_address(environ, address))
        names = {name.lower(): value for name, value in headers}
        if "cache-control" not in names:
            headers = [*headers, ("Cache-Control", cache_control(status))]
        is_public = status.startswith("200") and not names.keys() & {"set-cookie", "vary", "cache-control"}
        may_be_kept = is_public and is_normal(address, names.get("content-location", ""))
        page = Page(address, stamp, status, headers, body, may_be_kept)
        page.form(encoding_for(environ))  # now, so that those who wait for it need not
        return page


def is_ambiguous(environ):
    """Whether a proxy may read the request differently: it names two hosts, or two lengths of its body.

    Some servers hide a Content-Length beside a Transfer-Encoding. Django reads no body without it anyway.
    """
    return "HTTP_TRANSFER_ENCODING" in environ or "," in environ.get("HTTP_HOST", "")


def is_own_host(host):
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def is_normal(address, declared):
    """Whether `address` is the one address of its page, which a page with a query `declared` itself."""
    path, query = address
    return not query or normal_query(path, urlsplit(declared).query) == query


def only_address(environ, address):
    """A request for `address` that holds nothing else but the connection that it came over."""
    names = {"REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"}
    names |= {"HTTP_X_FORWARDED_PROTO", "HTTP_X_REQUEST_ID"}  # neither shows in a page
    connection = {name: environ[name] for name in environ if name in names or name.startswith("wsgi.")}
    path, query = address
    return connection | {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": urlsplit(settings.SITE_URL).netloc,
        "wsgi.input": BytesIO(),
    }


def encoding_for(environ):
    return accepted(environ.get("HTTP_ACCEPT_ENCODING", "")[:255])


def cache_control(status):
    """Browsers ask each time, which costs a 304; a CDN may keep a good page for `CDN_SECONDS`."""
    if status[0] == "5" or status.startswith("400"):
        return "no-store"
    for_browsers = "public, max-age=0, must-revalidate"
    seconds = settings.CDN_SECONDS if status.startswith("200") else 0
    if not seconds:
        return for_browsers
    return f"{for_browsers}, s-maxage={seconds}, stale-while-revalidate={seconds}"
