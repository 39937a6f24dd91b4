from django.urls import path

from . import views
from .feeds import NewQuestions

urlpatterns = [
    path("questions/<word:slug>/", views.question_detail, name="question"),
    path("preview/<str:token>/", views.preview, name="preview"),
    path("report/<word:slug>/", views.report, name="report"),
    path("report/<word:slug>/thanks/", views.report_thanks, name="report_thanks"),
    path("topics/", views.topic_list, name="topics"),
    path("topics/<word:slug>/", views.topic_detail, name="topic"),
    path("search/", views.search, name="search"),
    path("search/suggestions/", views.suggestions, name="suggestions"),
    path("feed/", NewQuestions(), name="feed"),
]
