"""What search engines read of a page, in the vocabulary of schema.org."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from . import markdown
from .models import Question

_VOICE = re.compile(r"<span[^>]*>|</span>")  # of highlighted code


def absolute(path: str) -> str:
    """`path` at the one public address."""
    return f"{settings.SITE_URL}{path}"


def breadcrumbs(pages: Iterable[Mapping[str, str]], here: str) -> dict[str, Any]:
    """A BreadcrumbList of `pages` ({name, path}) and, last, the name of the page itself."""
    items = [{"name": page["name"], "item": absolute(page["path"])} for page in pages]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, **item}
            for position, item in enumerate([*items, {"name": here}], start=1)
        ],
    }


def question_and_answer(question: Question) -> dict[str, Any]:
    """The question as a quiz of one card: its answer is the editors', not one of a community's."""
    address = absolute(question.get_absolute_url())
    answer = _VOICE.sub("", question.short_answer_html or question.answer_html)
    answer = markdown.with_absolute_links(answer, address)
    text = markdown.plain(question.text)
    return {
        "@context": "https://schema.org",
        "@type": "Quiz",
        "name": text,
        "url": address,
        "author": {"@type": "Organization", "name": _("Interview Prep"), "url": settings.SITE_URL},
        "datePublished": (question.published_at or question.created).isoformat(),
        "dateModified": question.updated.isoformat(),
        "hasPart": {
            "@type": "Question",
            "eduQuestionType": "Flashcard",
            "text": text,
            "acceptedAnswer": {"@type": "Answer", "text": answer},
        },
    }
