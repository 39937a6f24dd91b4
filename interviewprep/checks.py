"""System checks of what an operator can set wrong about the site's addresses."""

from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Info, Warning, register


def register_all():
    for check in check_addresses, check_proxies, check_reach:
        register(check)


def check_addresses(app_configs, **kwargs):
    """Say which of the addresses that pages link to is none."""
    errors = []
    if not _is_web_address(settings.SITE_URL):
        errors.append(
            Error(
                f"SITE_URL is “{settings.SITE_URL}”, which is not a web address.",
                hint="Set SITE_URL to scheme and host, such as https://prep.example.org.",
                id="interviewprep.E001",
            )
        )
    elif "{0.scheme}://{0.netloc}".format(urlsplit(settings.SITE_URL)) != settings.SITE_URL:
        errors.append(
            Error(
                f"SITE_URL is “{settings.SITE_URL}”, but the site only works at the root of its host.",
                hint="Set SITE_URL to scheme and host alone, without a path.",
                id="interviewprep.E002",
            )
        )
    if settings.INTERNSHIPS_URL and not _is_web_address(settings.INTERNSHIPS_URL):
        errors.append(
            Error(
                f"INTERNSHIPS_URL is “{settings.INTERNSHIPS_URL}”, which is not a web address.",
                hint="Set INTERNSHIPS_URL to an address that starts with https:// or http://.",
                id="interviewprep.E003",
            )
        )
    return errors


def check_proxies(app_configs, **kwargs):
    """Say what in TRUSTED_PROXY is no address, or that a proxy will be needed."""
    if wrong := [entry for entry in settings.TRUSTED_PROXY if not _is_network(entry)]:
        return [
            Error(
                f"TRUSTED_PROXY has what is neither an address nor a network: {', '.join(wrong)}.",
                hint="Set TRUSTED_PROXY to a list such as 127.0.0.1,10.0.0.0/8.",
                id="interviewprep.E004",
            )
        ]
    if settings.SITE_URL.startswith("https:") and not settings.TRUSTED_PROXY:
        return [
            Info(
                "SITE_URL is https and no proxy is believed to have taken a request by https: "
                "behind one, every page would redirect to itself.",
                hint="Set TRUSTED_PROXY to the address from which the proxy connects.",
                id="interviewprep.I001",
            )
        ]
    return []


def check_reach(app_configs, **kwargs):
    """Say when the server listens to the world, but answers to its loopback name only."""
    if _is_loopback(settings.HOST) or not _is_loopback(urlsplit(settings.SITE_URL).hostname):
        return []
    return [
        Warning(
            f"HOST is {settings.HOST}, but visitors from elsewhere get status 400: "
            f"the site is {settings.SITE_URL}.",
            hint="Set SITE_URL to the address that visitors type.",
            id="interviewprep.W001",
        )
    ]


def _is_web_address(text):
    try:
        parts = urlsplit(text)
    except ValueError:  # such as an unclosed bracket
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_network(text):
    try:
        return bool(ip_network(text))
    except ValueError:
        return False


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
