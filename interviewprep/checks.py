"""System checks of settings that do not go together; one that is wrong by itself stops the start."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Info, Warning, register

_YEAR = 31_536_000  # seconds


def register_all():
    for check in check_proxies, check_preloading, check_reach:
        register(check)


def check_proxies(app_configs, **kwargs):
    """Say that a proxy will be needed."""
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


def check_preloading(app_configs, **kwargs):
    """Say when browsers' list of https-only sites would refuse what its header asks for."""
    if not settings.SECURE_HSTS_PRELOAD:
        return []
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS and settings.SECURE_HSTS_SECONDS >= _YEAR:
        return []
    return [
        Warning(
            "HSTS_PRELOAD is on, but browsers' list takes only what holds for a year and all subdomains.",
            hint=f"Set HSTS_SUBDOMAINS=1 and HSTS_SECONDS={_YEAR} once every subdomain speaks https.",
            id="interviewprep.W002",
        )
    ]


def check_reach(app_configs, **kwargs):
    """Say when the server listens to the world, but answers to its loopback name only."""
    if _is_loopback(settings.HOST) or not _is_loopback(urlsplit(settings.SITE_URL).hostname):
        return []
    return [
        Warning(
            f"HOST is {settings.HOST}, but visitors from other machines get status 400: "
            f"the site is {settings.SITE_URL}.",
            hint="Set SITE_URL to the address that visitors type.",
            id="interviewprep.W001",
        )
    ]


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
