"""The site as it is, without the layer in front of Django: a cold page."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
application = get_wsgi_application()
