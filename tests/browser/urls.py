"""The site's addresses, and the styleguide, which only exists when DEBUG is on."""

from django.urls import path

from interviewprep.styleguide import styleguide
from interviewprep.urls import handler400, urlpatterns  # noqa: F401 - Django reads the handler here

urlpatterns = [*urlpatterns, path("styleguide/", styleguide)]
