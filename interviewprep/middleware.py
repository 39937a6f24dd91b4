"""What every response carries, and what of a request is believed."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import TO_FIELD_VAR
from django.core.exceptions import BadRequest
from django.http import UnreadablePostError

from questions.parameters import normal_query
from questions.text import fit

from .headers import security_headers


def security(get_response):
    """Send the headers of every answer with Django's, too."""
    headers = security_headers()

    def middleware(request):
        response = get_response(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def trusted_addresses():
    """A function that tells whether an address is in `TRUSTED_PROXY`."""
    trusted = [ip_network(address) for address in settings.TRUSTED_PROXY]

    @lru_cache(256)
    def believed(address):
        try:
            return any(ip_address(address) in network for network in trusted)
        except ValueError:
            return False

    return believed


def trusted_proxy(get_response):
    """Believe `X-Forwarded-For` and `-Proto` from `TRUSTED_PROXY` only; drop every other such header."""
    believed = trusted_addresses()

    def middleware(request):
        meta = request.META
        meta.pop("HTTP_X_FORWARDED_HOST", None)
        if believed(meta.get("REMOTE_ADDR", "")):
            # The visitor is the last hop that is not a proxy of ours.
            hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            visitor = next((hop for hop in reversed(hops) if hop and not believed(hop)), None)
            meta["REMOTE_ADDR"] = visitor or meta["REMOTE_ADDR"]
        else:
            meta.pop("HTTP_X_FORWARDED_FOR", None)
            meta.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return middleware


def declared_parameters(get_response):
    """Give a public view the query parameters that it declares and no other, as the page cache does."""

    def middleware(request):
        if not request.path_info.startswith(tuple(settings.COOKIE_PATHS)):
            meta = request.META
            meta["QUERY_STRING"] = normal_query(meta["PATH_INFO"], meta["QUERY_STRING"])
        return get_response(request)

    return middleware


def cookies_for_some(get_response):
    """Drop cookies everywhere but under `COOKIE_PATHS`, so that one public address has one body.

    Django would otherwise answer a broken session or CSRF cookie with a new one, on any page.
    """

    def middleware(request):
        if not request.path_info.startswith(tuple(settings.COOKIE_PATHS)):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return middleware


CURATOR_MARKER = "curator"  # the name of the cookie


def curator_marker(get_response):
    """Mark the browser of a curator who is logged in, for scripts of public pages to read.

    The marker comes, lasts and goes with the cookie of the session. It grants nothing, and no view reads
    it: a public page stays the same for everybody, and shows a curator more by script alone.
    """

    def middleware(request):
        response = get_response(request)
        session = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if session is not None and session["max-age"] == 0:
            response.delete_cookie(CURATOR_MARKER, samesite="Lax")
        elif session is not None and request.user.is_staff:
            response.set_cookie(
                CURATOR_MARKER,
                "1",
                max_age=session["max-age"] or None,  # none: until the browser is closed
                secure=settings.SESSION_COOKIE_SECURE,
                samesite="Lax",
            )
        return response

    return middleware


LONGEST_SEARCH = 300  # characters, as many as a question has


class ReadableRequests:
    """Refuse (400) what no address of the admin holds, and numbers that no row has.

    A public page is given what it declares, and its form reports the rest. What is typed into a form is
    for the form to refuse, so that the words that were typed with it stay.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info.startswith(tuple(settings.COOKIE_PATHS)):
            query = (text for name, values in request.GET.lists() for text in (name, *values))
            if any(fit(text) != text for text in (request.path_info, *query)):
                raise BadRequest("An address holds no control characters.")
            # Each word becomes a condition of the query, of which SQLite takes a thousand.
            if any(len(request.GET.get(name, "")) > LONGEST_SEARCH for name in ("q", "term")):
                raise BadRequest(f"A search has at most {LONGEST_SEARCH} characters.")
            # A session is looked for in the database, and PostgreSQL refuses to look for a NUL.
            cookies = request.COOKIES.items()
            request.COOKIES = {name: value for name, value in cookies if fit(value) == value}
        return self.get_response(request)

    def process_view(self, request, *view):
        """Refuse two things that Django's admin does not check: keys of rows, and the name of a field."""
        try:
            selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
            fields = request.GET.get(TO_FIELD_VAR), request.POST.get(TO_FIELD_VAR)
        except UnreadablePostError:  # the connection is gone
            return
        if not all(key.isdecimal() for key in selected):
            raise BadRequest("A selection is made of the numbers of rows.")
        if "" in fields:
            raise BadRequest("A field has a name.")

    def process_exception(self, request, exception):
        """Refuse numbers and dates that are too large for the database or the calendar."""
        from . import views  # which needs the apps

        is_filter = request.GET and request.resolver_match.view_name.endswith("_changelist")
        if isinstance(exception, OverflowError) or (is_filter and isinstance(exception, ValueError)):
            return views.bad_request(request)
        return None
