from django.urls import path

from . import views
from .feeds import NewQuestions

urlpatterns = [
    path("interview-questions/<word:slug>/export.<slug:ending>", views.role_export, name="role_export"),
    path("questions/<word:slug>/", views.question_detail, name="question"),
    path("preview/<str:token>/", views.preview, name="preview"),
    path("report/<word:slug>/", views.report, name="report"),
    path("report/<word:slug>/thanks/", views.report_thanks, name="report_thanks"),
    path("topics/", views.topic_list, name="topics"),
    path("topics/<word:slug>/", views.topic_detail, name="topic"),
    path("search/", views.search, name="search"),
    path("search/suggestions/", views.suggestions, name="suggestions"),
    path("schema.json", views.schema, name="schema"),
    path("feed/", NewQuestions(), name="feed"),
]
