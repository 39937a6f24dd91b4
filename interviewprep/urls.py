from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from practice.views.marks import kit

from . import sitemaps, views
from .styleguide import styleguide

urlpatterns = [
    path("", views.home, name="home"),
    path("interview-questions/<word:slug>/", views.role_detail, name="role"),
    path("about/", views.about, name="about"),
    path("site.webmanifest", views.manifest, name="manifest"),
    path("robots.txt", views.robots),
    path("sitemap.xml", sitemaps.index),
    path("sitemap-<slug:section>-<int:number>.xml", sitemaps.part, name="sitemap"),
    path("favicon.ico", views.Favicon.as_view()),
    path("admin/", admin.site.urls),
    path("practice/", include("practice.urls")),
    path("kit/<slug:page>/", kit, name="kit"),  # not below practice: it knows nobody, and is kept
    path("", include("questions.urls")),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = views.bad_request
handler500 = views.server_error
