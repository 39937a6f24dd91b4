"""Every public page, at the one public address."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q
from django.urls import reverse

from questions.models import Question, Role, Status, Topic


class _SiteMap(Sitemap):
    """Its addresses come from SITE_URL, never from the request."""

    limit = 50_000  # addresses a page, as many as the standard allows
    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc


class Pages(_SiteMap):
    def items(self):
        return ["home", "topics", "about"]

    def location(self, name):
        return reverse(name)


class Roles(_SiteMap):
    def items(self):
        return (
            Role.objects.published()
            .annotate(
                updated=Max(
                    "placements__question__updated", filter=Q(placements__question__status=Status.PUBLISHED)
                )
            )
            .order_by("pk")
        )

    def lastmod(self, role):
        return role.updated


class Questions(_SiteMap):
    def items(self):
        return Question.objects.published().only("slug", "updated").order_by("pk")

    def lastmod(self, question):
        return question.updated


class Topics(_SiteMap):
    def items(self):
        return Topic.objects.published().order_by("pk")


SITEMAPS = {"pages": Pages, "roles": Roles, "topics": Topics, "questions": Questions}
