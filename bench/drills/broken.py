"""The site's settings, broken on purpose as the variable BROKEN names: a drill must notice each.

All but one of the names are those of middleware below.
"""

import os
import time
from threading import Thread

from django.http import HttpResponseRedirect

from bench.plain_settings import *  # noqa: F403
from interviewprep import uncached

BROKEN = os.environ["BROKEN"]
if BROKEN == "waits_for_bodies":  # as many as come, each with a thread of the server
    uncached.BODIES = 1000
elif BROKEN == "impatient":  # refused at once where another writes
    DATABASES["default"]["OPTIONS"]["timeout"] = 0  # noqa: F405
else:
    MIDDLEWARE.insert(0, f"{__name__}.{BROKEN}")  # noqa: F405


def answers_first(get_response):
    """Answer a save half a second before it is committed."""

    def save(request):
        time.sleep(0.5)
        get_response(request)

    def middleware(request):
        if request.method != "POST" or not request.path.startswith("/admin/questions/"):
            return get_response(request)
        Thread(target=save, args=[request]).start()
        return HttpResponseRedirect(request.path)

    return middleware


def overwrites(get_response):
    """Save a question whatever somebody else has saved meanwhile."""
    from django.forms import ModelForm

    from questions.admin.documents import DocumentForm

    DocumentForm.clean = ModelForm.clean
    return get_response


def fails_plainly(get_response):
    """Answer every error of the database with Django's own page for an error of the site."""
    from interviewprep import urls

    urls.handler500 = "django.views.defaults.server_error"
    return get_response


def makes_a_file(get_response):
    """Let SQLite make a file where there is none, as Django does by itself."""
    options = DATABASES["default"]["OPTIONS"]  # noqa: F405

    def middleware(request):
        options.pop("database", None)
        return get_response(request)

    return middleware
