"""What a page says to search engines, in the words of schema.org."""

from html import unescape

from django.conf import settings
from django.utils.html import strip_tags
from django.utils.translation import gettext as _


def plain_text(html):
    """Stored HTML as the text that it shows."""
    return unescape(strip_tags(html)).strip()


def breadcrumbs(pages, here):
    """A BreadcrumbList of `pages` ({name, path}) and, last, the name of the page itself."""
    items = [{"name": page["name"], "item": f"{settings.SITE_URL}{page['path']}"} for page in pages]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, **item}
            for position, item in enumerate([*items, {"name": here}], start=1)
        ],
    }


def question_and_answer(question):
    """A QAPage of the one question with its one answer."""
    address = f"{settings.SITE_URL}{question.get_absolute_url()}"
    author = {"@type": "Organization", "name": _("Interview Prep"), "url": settings.SITE_URL}
    dates = {
        "datePublished": (question.published_at or question.created).isoformat(),
        "dateModified": question.updated.isoformat(),
    }
    answer = {
        "@type": "Answer",
        "text": plain_text(question.answer_html),
        "url": address,
        "author": author,
        **dates,
    }
    return {
        "@context": "https://schema.org",
        "@type": "QAPage",
        "mainEntity": {
            "@type": "Question",
            "name": question.text,
            "text": question.text,
            "answerCount": 1,
            "author": author,
            **dates,
            "acceptedAnswer": answer,
        },
    }
