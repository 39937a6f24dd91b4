"""How settings are read from the environment: an operator's slip is one line that names the setting."""

from ipaddress import IPv6Address, ip_network
from math import inf
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port
from django.utils.translation import to_locale

_YES, _NO = {"1", "true", "yes", "on", "y", "t"}, {"0", "false", "no", "off", "n", "f"}
_DATABASES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Environment(environ.Env):
    """Blanks around a value do not matter, an empty one means the default, a wrong one stops the start."""

    def get_value(self, var, cast=str, default=environ.Env.NOTSET, parse_default=False):
        # Not super(): it takes a value that begins with $ for the name of another, and any word for "no".
        value = self.ENVIRON.get(var, "").strip()
        if value:
            return self._read(var, _CASTS.get(cast, cast), value)
        if default is self.NOTSET:
            raise ImproperlyConfigured(f"Set {var} in the environment, or in the file .env.")
        return default

    def optional(self, var, cast, default):
        """A value that may be set to nothing, which an empty one means here."""
        is_empty = self.ENVIRON.get(var, default).strip() == ""
        return "" if is_empty else self.get_value(var, cast, default=default)

    def db_url(self, var, default):
        return self._read(var, database, self.get_value(var, default=default))

    def _read(self, name, cast, value):
        try:
            return cast(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} {error}.") from error


# What reads one value: each raises ValueError with the words that follow the setting's name.


def whole_number(text, least=0):
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < least:
        raise ValueError(f"is “{text}”, which is not a whole number from {least} up")
    return number


def positive(text):
    return whole_number(text, least=1)


def number(text):
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < inf:
        raise ValueError(f"is “{text}”, which is not a number from 0 up")
    return number


def yes_or_no(text):
    if text.lower() not in _YES | _NO:
        raise ValueError(f"is “{text}”: set it to 1 or 0")
    return text.lower() in _YES


def items(text):
    return [item for part in text.split(",") if (item := part.strip())]


def database(address):
    try:
        if environ.Env.DB_SCHEMES.get(address.partition("://")[0]) in _DATABASES:
            found = environ.Env.db_url_config(address)
            if found["NAME"]:
                return found
    except ValueError:
        pass
    # The address is not shown: it may hold a password.
    raise ValueError("is neither sqlite:////path/to/file nor postgres://user:password@host/name")


def log_level(text):
    levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    if text.upper() not in levels:
        raise ValueError(f"is “{text}”, which is none of {', '.join(levels)}")
    return text.upper()


def log_format(text):
    if text.lower() not in ("text", "json"):
        raise ValueError(f"is “{text}”, which is neither text nor json")
    return text.lower()


def time_zone(text):
    try:
        return ZoneInfo(text).key
    except (LookupError, OSError, ValueError):  # a folder of zones, or a path
        raise ValueError(f"is “{text}”, which is no time zone, such as Europe/London") from None


def language_of(folder):
    """What reads the code of a language: of English, or of a translation in `folder`."""

    def language(code):
        # Django's own words would be translated without one, and the page would be in two languages.
        generic = code.partition("-")[0]
        if generic != "en" and not any(
            (folder / to_locale(of) / "LC_MESSAGES" / "django.mo").is_file() for of in (code, generic)
        ):
            raise ValueError(f"is “{code}”, for which {folder.name}/ holds no translation")
        return code

    return language


def web_address(text):
    try:
        parts = urlsplit(text)
        if parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0:
            return text
    except ValueError:  # such as an unclosed bracket
        pass
    raise ValueError(f"is “{text}”, which is no web address, such as https://prep.example.org")


def web_origin(text):
    """Scheme, host and port of a site as browsers write them, so that they can be compared."""
    parts = urlsplit(web_address(text.rstrip("/")))
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"is “{text}”, but the site works at the root of its host only: leave out the rest")
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{_host(parts.hostname)}{port}"


def _host(name):
    try:
        host = f"[{IPv6Address(name)}]" if ":" in name else name.encode("idna").decode()
    except ValueError:
        host = ""
    if not host or split_domain_port(host) != (host, ""):  # as requests are compared with it
        raise ValueError(f"names the host “{name}”, which is none")
    return host


def networks(text):
    for item in items(text):
        try:
            ip_network(item)
        except ValueError:
            raise ValueError(f"holds “{item}”, which is neither an address nor a network") from None
    return items(text)


_CASTS = {bool: yes_or_no, int: whole_number, float: number, list: items}
