"""The Atom feed of new and changed questions."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext_lazy as _

from . import markdown
from .models import Question
from .structured_data import absolute
from .text import fit


class WellFormedAtom(Atom1Feed):
    """Whatever the database holds: one bad character would take the feed from everybody."""

    def add_item(self, **item):
        clean = {key: fit(value) if isinstance(value, str) else value for key, value in item.items()}
        clean["categories"] = [fit(name) for name in item["categories"]]
        super().add_item(**clean)


class NewQuestions(Feed):
    """The newest thirty. Every address is made from SITE_URL, so a request's Host decides nothing."""

    feed_type = WellFormedAtom
    title = _("Interview Prep: new and changed questions")
    subtitle = _("Interview questions with answers that you could say aloud.")
    author_name = _("Interview Prep")
    language = settings.LANGUAGE_CODE

    def link(self):
        return absolute(reverse("home"))

    def feed_url(self):
        return absolute(reverse("feed"))

    def feed_guid(self):
        return self.link()

    def items(self):
        return Question.objects.published().newest().prefetch_related("topics")[:30]

    def item_title(self, question):
        return markdown.plain(question.text)

    def item_description(self, question):
        html = question.short_answer_html + question.answer_html
        return markdown.with_absolute_links(html, self.item_link(question))

    def item_link(self, question):
        return absolute(question.get_absolute_url())

    def item_guid(self, question):
        # A changed address is not a new question: the uid stays.
        host = urlsplit(settings.SITE_URL).hostname
        return f"tag:{host},{question.created:%Y-%m-%d}:question/{question.uid}"

    def item_pubdate(self, question):
        return question.published_at or question.created

    def item_updateddate(self, question):
        return question.updated

    def item_categories(self, question):
        return [topic.name for topic in question.topics.all()]
