"""The Atom feed of new and changed questions."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext_lazy as _

from . import markdown
from .models import Question
from .structured_data import absolute
from .text import fit


class WellFormedAtom(Atom1Feed):
    """Cleans what the database holds: one bad character would make the feed unreadable."""

    def add_item(self, **item: Any) -> None:  # type: ignore[override]  # Feed passes all by name
        clean: dict[str, Any] = {
            key: fit(value) if isinstance(value, str) else value for key, value in item.items()
        }
        clean["categories"] = [fit(name) for name in item["categories"]]
        super().add_item(**clean)


class NewQuestions(Feed):
    """The newest thirty. Every address is made from SITE_URL, so a request's Host decides nothing."""

    feed_type = WellFormedAtom
    title = _("Interview Prep: new and changed questions")
    subtitle = _("Interview questions with answers that you could say aloud.")
    author_name = _("Interview Prep")
    language = settings.LANGUAGE_CODE

    def link(self) -> str:
        return absolute(reverse("home"))

    def feed_url(self) -> str:
        return absolute(reverse("feed"))

    def feed_guid(self) -> str:
        return self.link()

    def items(self) -> QuerySet[Question]:
        return Question.objects.published().newest().prefetch_related("topics")[:30]

    def item_title(self, question: Question) -> str:
        return markdown.plain(question.text)

    def item_description(self, question: Question) -> str:
        html = question.short_answer_html + question.answer_html
        return markdown.with_absolute_links(html, self.item_link(question))

    def item_link(self, question: Question) -> str:
        return absolute(question.get_absolute_url())

    def item_guid(self, question: Question) -> str:
        # A changed address is not a new question: the uid stays.
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{question.created:%Y-%m-%d}:question/{question.uid}"

    def item_pubdate(self, question: Question) -> datetime:
        return question.published_at or question.created

    def item_updateddate(self, question: Question) -> datetime:
        return question.updated

    def item_categories(self, question: Question) -> list[str]:
        return [topic.name for topic in question.topics.all()]
