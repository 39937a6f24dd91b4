"""What a WSGI server runs."""

import gc
import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")

# Seconds after which a thread that computes lets another go on: a fifth of Python's own value, so that
# readers of kept pages wait less for those who render.
sys.setswitchinterval(0.001)

application = get_wsgi_application()
if not settings.DEBUG:
    from .database import serve_from_file
    from .pagecache import PageCache

    serve_from_file()
    application = PageCache(application)

# What has been loaded stays: to look through all of it once more would hold up a page for some 50 ms.
gc.collect()
gc.freeze()
