"""What templates need to know of the site as a whole."""

from django import template
from django.conf import settings

register = template.Library()


@register.filter
def absolute(path):
    """`path` at the one public address."""
    return f"{settings.SITE_URL}{path}"
