"""Settings: from the environment or `.env`, each safe when left out. The README lists them all."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from interviewprep.environment import (
    Environment,
    language_of,
    log_format,
    log_level,
    networks,
    positive,
    time_zone,
    web_address,
    web_origin,
)

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_env(BASE_DIR / ".env", encoding="utf-8-sig")

# Who and where

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development only" if DEBUG else env.NOTSET)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.get_value("PORT", positive, default=8000)
WORKERS = env.get_value("WORKERS", positive, default=1)
SERVER = env.str("SERVER", default="granian")  # or gunicorn

# The one public address: hosts, trusted origins, canonical links and the sitemap come from it.
SITE_URL = env.get_value("SITE_URL", web_origin, default=f"http://127.0.0.1:{PORT}")
_https = SITE_URL.startswith("https:")
_host = re.sub(r"^https?://|:\d+$", "", SITE_URL)  # an IPv6 address in its brackets, as Django compares it
_loopback = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS = _loopback if _host in _loopback else [_host]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
INTERNSHIPS_URL = env.optional(
    "INTERNSHIPS_URL", web_address, default="https://www.indeed.com/jobs?q={role}+internship"
)
CURATOR_CONTACT = env.str("CURATOR_CONTACT", default="")  # named where a curator cannot log in

# Addresses and networks of proxies whose X-Forwarded-For and -Proto are believed.
TRUSTED_PROXY = env.get_value("TRUSTED_PROXY", networks, default=[])
if TRUSTED_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Parts

INSTALLED_APPS = [
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",  # before the site's own admin, which leaves these two out
    "django_otp.plugins.otp_static",
    "interviewprep",
    "questions",
    "learningpath",  # after questions, whose documents it adds to
    "practice",
    "django_filters",
    "django.forms",
    "interviewprep.apps.DeskConfig",  # django.contrib.admin, with a first page of its own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "interviewprep.logs.request_id",
    "interviewprep.middleware.security",
    "interviewprep.middleware.trusted_proxy",
    "django.middleware.security.SecurityMiddleware",
    "interviewprep.middleware.declared_parameters",
    "interviewprep.middleware.ReadableRequests",
    "django.middleware.common.CommonMiddleware",
    "interviewprep.middleware.cookies_for_some",
    "interviewprep.middleware.curator_marker",
    "practice.identity.LearnerMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "questions.recording.mark_web_requests",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "interviewprep.urls"
WSGI_APPLICATION = "interviewprep.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "interviewprep.engine.WellFormedTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.cache",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "interviewprep.templatetags.site",
                "questions.templatetags.bank",
            ],
            # Only the admin asks for these; a public page reads neither user nor session.
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # widgets of ours have templates, too

# Data

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{quote(str(BASE_DIR))}/db.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",  # SQLite ignores select_for_update: writers queue
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
else:
    # A connection for each thread that runs Django, one that asks for the content version, and one for
    # /readyz: at most 9 for each worker process. Where the server or the network is gone, nobody waits
    # for longer than this.
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,  # seconds
        "tcp_user_timeout": 15_000,  # milliseconds
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        **DATABASES["default"].get("OPTIONS", {}),
        "server_side_binding": False,  # a search sets the planner and asks in one statement
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Pages in memory, of each process. Seconds are those that a page may be older than the bank: in this
# server, and in a CDN in front of it, which may send a page for as long again while it asks again.
PAGE_CACHE_MB = env.int("PAGE_CACHE_MB", default=64)
FRESHNESS_SECONDS = env.float("FRESHNESS_SECONDS", default=0)
CDN_SECONDS = env.int("CDN_SECONDS", default=0)

# The template cache of each process: questions as role pages show them, some 10 kB each.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 500},
    }
}

# Language and time

LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_CODE = env.get_value("LANGUAGE_CODE", language_of(LOCALE_PATHS[0]), default="en-gb")
LANGUAGES = [(LANGUAGE_CODE, LANGUAGE_CODE)]  # an address has one body, so the site has one language
TIME_ZONE = env.get_value("TIME_ZONE", time_zone, default="UTC")
USE_TZ = True

# Static files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "interviewprep.storage.CompactStaticFiles"
    },
}

# A role of a thousand questions is one form of its page in the admin, with four fields a row. The texts
# of a question may have 50,000 characters each, and a form sends most scripts in nine bytes a character.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes of any request: also what the server accepts at all
# Files to import, all together, with what a form adds to them. Readers take up to 20 MB of each.
IMPORT_MAX_SIZE = 20_500_000
# A file of practice: 10,000 reviews, each with an answer in writing of 700 characters.
PRACTICE_MAX_SIZE = 10_500_000

# Security

COOKIE_PATHS = ["/admin/", "/practice/"]  # every other page reads and sets none

# The name is Django 6's: its own middleware reads it once 6 is the floor.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
CSRF_FAILURE_VIEW = "interviewprep.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
if _https:
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
# Django's deployment check asks for both. They bind every other host of the domain too, and can hardly
# be taken back, so they are for the owner of the domain to ask for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # refuses who has tried too often
    "django.contrib.auth.backends.ModelBackend",
]
# Tries to log in, counted in the database, so that all processes agree: see interviewprep/log_in.py.
AXES_HANDLER = "interviewprep.log_in.LimitedTries"
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "questions.visitors.network_of"
AXES_LOCKOUT_CALLABLE = "interviewprep.log_in.locked_out"
AXES_ENABLE_ADMIN = False
OTP_TOTP_ISSUER = _host
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", default=False)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOG_FORMAT = env.get_value("LOG_FORMAT", log_format, default="text")
_log_level = env.get_value("LOG_LEVEL", log_level, default="WARNING")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {}, "json": {"()": "interviewprep.logs.JSONFormatter"}},
    "filters": {"without_query": {"()": "interviewprep.logs.WithoutQuery"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": _log_level},
    "loggers": {
        # To the root alone: these have handlers of their own, which would print again and otherwise.
        "django": {"level": _log_level},
        "_granian": {"propagate": True},
        "django.security.csrf": {"filters": ["without_query"]},
        "axes": {"level": "ERROR"},  # below, it logs who failed to log in, and from where; the admin lists it
    },
}
