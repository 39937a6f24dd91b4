"""The settings, and all that differs in tests: here, and nowhere else."""

import os
from unittest import mock

os.environ |= {
    "DEBUG": "0",
    "SECRET_KEY": "for tests only, and as long as a good one has to be",
    "SITE_URL": "http://127.0.0.1:8000",
    # Playwright runs an event loop in the thread of its tests, which Django takes for async code.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
with mock.patch("environ.Env.read_env"):  # what a developer has in .env is no matter of the tests
    from interviewprep.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # there is no collected folder to read
