from django.urls import path

from .views import marks, progress

urlpatterns = [
    path("token", marks.token, name="practice_token"),
    path("progress/", progress.progress, name="practice_progress"),
]
