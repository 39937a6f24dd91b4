"""Pages as a reader gets them: white space in HTML is for those who read the template."""

import re

from django.utils.html import strip_tags


def compact(response):
    """The HTML of `response` without white space beside tags."""
    html = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r"\s*(<[^>]*?)\s*>\s*", r"\1>", html)


def text_of(response):
    """The text of `response`, with single spaces."""
    return re.sub(r"\s+", " ", strip_tags(response.content.decode())).strip()
