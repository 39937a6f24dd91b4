from django.urls import path

from .views import marks, sessions

urlpatterns = [
    path("", sessions.overview, name="practice"),
    path("start/", sessions.start, name="practice_start"),
    path("session/", sessions.session, name="practice_session"),
    path("session/undo/", sessions.undo, name="practice_session_undo"),
    path("token", marks.token, name="practice_token"),
]
