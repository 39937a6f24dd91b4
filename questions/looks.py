"""Looks at addresses of other sites: politely, in bounded time, and never into this network.

A host gets one request at a time, with a pause between two. Every name is resolved, each of its IP
addresses is checked, and the connection goes to the one that was checked, so that a name cannot lead
elsewhere a moment later; the same holds for every redirect. Nothing here touches the database.
"""

import http.client
import re
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from html import unescape
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from queue import SimpleQueue
from secrets import token_hex
from time import monotonic, sleep
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SECONDS = 20.0  # that an address may take, its redirects included, whatever its hosts do
PAUSE = 1.0  # seconds between two requests to a host
REDIRECTS = 10
BODY = 200_000  # bytes of a page that are read
HOSTS = 8  # that are looked at at the same time

_PERMANENT, _REDIRECTS = {301, 308}, {301, 302, 303, 307, 308}
_GONE = {404, 410}
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = [IPv6Network("2001::/23"), IPv6Network("2002::/16"), IPv6Network("3fff::/20")]
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_NOT_PUBLIC_IPV4 = [IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24")]
_HEAD, _TITLE = 20_000, 1_000  # bytes of a page in which its title is looked for, and of the title
_SAYS_NOT_FOUND = re.compile(r"\b404\b|\bnot found\b|\bno longer (?:available|exists)\b", re.IGNORECASE)
_HOST = re.compile(r"[\w.-]+|\[[\da-f:.]+\]")
_SAFE = "/%:@!$&'()*+,;=~-._?"


class State(models.TextChoices):
    FINE = "fine", gettext_lazy("fine")
    MOVED = "moved", gettext_lazy("moved for good")
    DEAD = "dead", gettext_lazy("dead")
    DOUBTFUL = "doubtful", gettext_lazy("doubtful")
    UNKNOWN = "unknown", gettext_lazy("unknown")


class Look(NamedTuple):
    """What a look found. It is unknown where the network, or the host for a while, gave no answer."""

    state: State
    status: int | None = None  # of HTTP, the last of the way
    reason: str = ""
    new_address: str = ""


class Answer(NamedTuple):
    """The answer to one request."""

    status: int
    location: str = ""
    sets_cookie: bool = False
    body: bytes = b""

    @property
    def title(self) -> str:
        # No expression over a whole page: a hostile one could make it take minutes.
        head = self.body[:_HEAD].lower()
        start = head.find(b">", head.find(b"<title")) + 1 if b"<title" in head else 0
        end = self.body.lower().find(b"</title", start, start + _TITLE)
        title = self.body[start:end] if 0 < start < end else b""
        return " ".join(unescape(title.decode(errors="replace")).split())


class Visit(NamedTuple):
    """The end of a way of redirects."""

    address: str
    answer: Answer
    is_permanent: bool  # all along the way

    @property
    def is_good(self) -> bool:
        return 200 <= self.answer.status < 300


class NotAllowed(Exception):
    """The address is none that may be looked at; the message says why."""


class Endless(Exception):
    """Redirects that do not end. `wants_cookies`: perhaps because the visitor keeps no cookie."""

    def __init__(self, wants_cookies: bool):
        self.wants_cookies = wants_cookies


class _Budget:
    """The seconds that are left for an address. Waiting for one's turn costs none."""

    def __init__(self, seconds: float):
        self.seconds = self.left = seconds


def may_reach(address: str, port: int) -> bool:
    """Whether a look may connect to this IP address: it is public, and so is one that it embeds."""
    ip = ip_address(address.partition("%")[0])
    embedded = None
    if ip.version == 6:
        embedded = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            embedded = IPv4Address(int(ip) & 0xFFFFFFFF)
        if ip.teredo:
            return False
    reached = embedded or ip
    return port in (80, 443) and reached.is_global and not reached.is_multicast and _is_unicast(reached)


def _is_unicast(ip):
    """Whether it lies where hosts of the public web are, and not where others are embedded or reserved."""
    if ip.version == 4:
        return not any(ip in network for network in _NOT_PUBLIC_IPV4)
    return ip in _PUBLIC_IPV6 and not any(ip in network for network in _NOT_PUBLIC)


class Looker:
    """Looks at addresses. It remembers when each host was asked last, so use one for a whole run."""

    def __init__(self, *, seconds: float = SECONDS, pause: float = PAUSE):
        self.seconds = seconds
        self.pause = pause
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._asked: dict[str, float] = {}  # {host: when its last request ended}
        self._nothings: dict[str, Visit | None] = {}  # {folder: what a page that cannot exist is like}
        self.tls = ssl.create_default_context()

    def look_at(self, addresses: Collection[str]) -> Iterator[tuple[str, Look]]:
        """`(address, Look)` of all `addresses` as they come; hosts in parallel."""
        by_host: dict[str, list[str]] = {}
        for address in addresses:
            by_host.setdefault(_host_or_nothing(address), []).append(address)
        results: SimpleQueue[Any] = SimpleQueue()
        stopped = threading.Event()

        def look_at_host(of_host):
            for address in of_host:
                if stopped.is_set():
                    return
                try:
                    results.put((address, self.look(address)))
                except BaseException as error:
                    results.put(error)
                    raise

        with ThreadPoolExecutor(HOSTS) as pool:
            # The host with most addresses takes longest, so it is the first.
            for of_host in sorted(by_host.values(), key=len, reverse=True):
                pool.submit(look_at_host, of_host)
            try:
                for _number in range(len(addresses)):
                    result = results.get()
                    if isinstance(result, BaseException):
                        raise result
                    yield result
            finally:
                stopped.set()
                pool.shutdown(cancel_futures=True)

    def look(self, address: str) -> Look:
        """What a visitor would find at `address`. Never raises for what a host or an address is like."""
        budget = _Budget(self.seconds)
        try:
            return self._judged(address, budget)
        except NotAllowed as refusal:
            return Look(State.DOUBTFUL, reason=str(refusal))
        except Endless as error:
            if error.wants_cookies:
                return Look(State.DOUBTFUL, reason=_("redirects for ever to visitors without its cookies"))
            return Look(State.DEAD, reason=_("redirects for ever"))
        except (OSError, http.client.HTTPException) as error:
            return Look(State.UNKNOWN, reason=_reason(error, budget))
        except ValueError:  # UnicodeError and http.client.InvalidURL are some, too
            return Look(State.DEAD, reason=_("no browser could open this address"))

    def _judged(self, address, budget):
        visit = self._visit_by_head(address, budget)
        if visit is None or not visit.is_good:
            visit = self._visit(address, "GET", budget)
        status = visit.answer.status
        if status in _GONE:
            return Look(State.DEAD, status, _phrase(status))
        if status >= 500 and status < 600:
            return Look(State.UNKNOWN, status, _phrase(status))
        if not visit.is_good:
            return Look(State.DOUBTFUL, status, _("refuses this look: %s") % _phrase(status))
        if reason := self._soft_404(address, visit, budget):
            return Look(State.DOUBTFUL, status, reason)
        new_address = _with_fragment_of(address, visit.address)
        if new_address == address or visit.address == _requested(address):
            return Look(State.FINE, status)
        if visit.is_permanent:
            return Look(State.MOVED, status, new_address=new_address)
        return Look(State.FINE, status, _("leads on, not for good"))

    def _visit_by_head(self, address, budget):
        """The way by HEAD; None where the host cannot do it, or takes half of the time for it."""
        half = _Budget(budget.left / 2)
        try:
            return self._visit(address, "HEAD", half)
        except (http.client.HTTPException, ConnectionError, TimeoutError):
            return None
        finally:
            budget.left -= half.seconds - half.left

    def _visit(self, address: str, method: str, budget: _Budget) -> Visit:
        address, is_permanent, wants_cookies = _requested(address), True, False
        for _hop in range(REDIRECTS + 1):
            answer = self._ask(address, method, budget)
            if answer.status not in _REDIRECTS or not answer.location:
                return Visit(address, answer, is_permanent)
            is_permanent = is_permanent and answer.status in _PERMANENT
            wants_cookies = wants_cookies or answer.sets_cookie
            address = _requested(urljoin(address, answer.location))
        raise Endless(wants_cookies)

    # A page that says 'not found' with the status of one that is there

    def _soft_404(self, address, visit, budget):
        """Why a good answer is doubtful; empty where it is not.

        It is compared with what the host says to a neighbour that cannot exist. A host that says 404 to
        that is believed, which costs one request for each folder and no page.
        """
        nothing = self._nothing_like(address, budget)
        if nothing is None or not nothing.is_good:
            return ""
        if not visit.answer.body:
            visit = self._visit(address, "GET", budget)
        if _SAYS_NOT_FOUND.search(visit.answer.title):
            return _("answers, but its title is “%s”") % visit.answer.title[:100]
        if _is_alike(visit, nothing):
            return _("answers as its host does to an address that cannot exist")
        return ""

    def _nothing_like(self, address, budget):
        """The visit to a neighbour of `address` that cannot exist; None where there is none to ask."""
        parts = urlsplit(_requested(address))
        folder, _slash, page = parts.path.rstrip("/").rpartition("/")
        if not page:
            return None
        neighbour = f"{parts.scheme}://{parts.netloc}{folder}/no-such-page-"
        if neighbour not in self._nothings:
            self._nothings[neighbour] = None
            with suppress(OSError, http.client.HTTPException, Endless, NotAllowed, ValueError):
                self._nothings[neighbour] = self._visit(neighbour + token_hex(8), "GET", budget)
        return self._nothings[neighbour]

    # One request

    def _ask(self, address: str, method: str, budget: _Budget) -> Answer:
        host, port, is_tls = _place_of(address)
        with self._turn(host):
            deadline = monotonic() + budget.left
            try:
                with self._connection(host, port, is_tls, deadline) as connection:
                    answer = _exchange(connection, method, address)
            except (OSError, http.client.HTTPException) as error:
                if monotonic() >= deadline:
                    raise TimeoutError from error
                raise
            finally:
                budget.left = deadline - monotonic()
            if budget.left <= 0:  # the connection was cut in the middle of a page
                raise TimeoutError
            return answer

    @contextmanager
    def _turn(self, host):
        """Wait until nobody else asks this host, and the pause is over."""
        with self._turns[host]:
            if host in self._asked:
                sleep(max(0, self._asked[host] + self.pause - monotonic()))
            try:
                yield
            finally:
                self._asked[host] = monotonic()

    @contextmanager
    def _connection(self, host, port, is_tls, deadline):
        """A connection to an IP address of `host` that was checked, which is cut at the deadline."""
        with _connected(_checked_ips(host, port, deadline), port, deadline) as sock:
            if is_tls:
                sock = self.tls.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            # A host that sends a byte now and then never runs into the timeout of a socket.
            timer = threading.Timer(_left(deadline), _cut, [sock])
            timer.daemon = True
            timer.start()
            try:
                if is_tls:
                    sock.do_handshake()
                connection = http.client.HTTPConnection(host, port)
                connection.sock = sock  # it connects to nothing by itself
                yield connection
            finally:
                timer.cancel()
                sock.close()


def _exchange(connection, method, address):
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "User-Agent": f"InterviewPrep-links (+{settings.SITE_URL}/about/)",
        "Accept": "text/html, */*;q=0.5",
        "Connection": "close",
    }
    connection.request(method, target, headers=headers)
    with connection.getresponse() as response:
        location = response.headers.get("Location", "")
        with suppress(UnicodeError):  # http.client reads headers as Latin-1
            location = location.encode("latin-1").decode()
        is_page = method == "GET" and response.status not in _REDIRECTS
        body = response.read(BODY) if is_page else b""
        return Answer(response.status, location.strip(), "Set-Cookie" in response.headers, body)


_resolvers = ThreadPoolExecutor(HOSTS)  # a resolver cannot be interrupted, but need not be waited for


def _checked_ips(host, port, deadline):
    """The IP addresses of `host`. Raises NotAllowed if any of them, or the port, is not for us."""
    found = _resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    ips = list(dict.fromkeys(str(info[4][0]) for info in found.result(_left(deadline))))
    if not all(may_reach(ip, port) for ip in ips):
        reason = _("leads to “%s”, which is not on the public web, so nobody looked")
        raise NotAllowed(reason % (host if port in (80, 443) else f"{host}:{port}"))
    return ips


def _connected(ips, port, deadline):
    """A socket that is connected to the first of `ips` that takes it."""
    error: OSError = OSError()
    for number, ip in enumerate(ips[:4], start=1):
        share = _left(deadline) / (1 if number == len(ips[:4]) else 2)  # so that the next one has time, too
        try:
            return socket.create_connection((ip, port), timeout=share)
        except OSError as refused:
            error = refused
    raise error


def _cut(sock):
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not TLS's own, as another thread reads from it


def _left(deadline):
    if (left := deadline - monotonic()) <= 0:
        raise TimeoutError
    return left


# Addresses


def _requested(address: str) -> str:
    """`address` as a request has it: in ASCII, without its fragment. Raises ValueError if it is none."""
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https"):
        raise NotAllowed(_("leads to an address that is not of the web"))
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    if not _HOST.fullmatch(host):
        raise ValueError("An address needs the name of a host.")
    port = f":{parts.port}" if parts.port else ""
    query = f"?{quote(parts.query, safe=_SAFE)}" if parts.query else ""
    return f"{parts.scheme}://{host}{port}{quote(parts.path or '/', safe=_SAFE)}{query}"


def _place_of(address):
    """`(host, port, whether it is TLS)`."""
    parts = urlsplit(address)
    is_tls = parts.scheme == "https"
    return parts.hostname, parts.port or (443 if is_tls else 80), is_tls


def _host_or_nothing(address):
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _with_fragment_of(address, new_address):
    fragment = urlsplit(address).fragment
    return f"{new_address}#{fragment}" if fragment else new_address


# In words


def _is_alike(visit, nothing):
    """Whether a page looks like one that cannot exist."""
    if visit.address == nothing.address or visit.answer.body == nothing.answer.body:
        return True
    lengths = sorted(len(each.answer.body) for each in (visit, nothing))
    is_as_long = lengths[1] - lengths[0] <= max(200, lengths[1] // 20)
    return bool(visit.answer.title) and visit.answer.title == nothing.answer.title and is_as_long


def _phrase(status: int) -> str:
    with suppress(ValueError):
        return f"{status} {HTTPStatus(status).phrase}"
    return str(status)


def _reason(error: Exception, budget: _Budget) -> str:
    if isinstance(error, TimeoutError):
        return _("no whole answer within %s seconds") % f"{budget.seconds:g}"
    if isinstance(error, socket.gaierror):
        return _("nobody knows the name of its host")
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("its certificate does not hold: %s") % error.verify_message
    if isinstance(error, ConnectionRefusedError):
        return _("its host takes no connection")
    return _("the connection broke off")
