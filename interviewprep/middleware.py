"""What every response carries, and what of a request is believed."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

from django.conf import settings

from questions.parameters import normal_query

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
