"""What a WSGI server runs."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")

application = get_wsgi_application()
if not settings.DEBUG:
    from .pagecache import PageCache

    application = PageCache(application)
