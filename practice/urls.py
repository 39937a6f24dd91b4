from django.urls import path

from .views import marks, progress, sessions, shelf

urlpatterns = [
    path("", sessions.overview, name="practice"),
    path("start/", sessions.start, name="practice_start"),
    path("session/", sessions.session, name="practice_session"),
    path("session/undo/", sessions.undo, name="practice_session_undo"),
    path("token", marks.token, name="practice_token"),
    path("marks/", marks.marks, name="practice_marks"),
    path("marks/undo/", marks.undo, name="practice_marks_undo"),
    path("progress/", progress.progress, name="practice_progress"),
    path("shelf/", shelf.shelf, name="practice_shelf"),
    path("shelf/of/", shelf.kept, name="practice_shelf_of"),
    path("shelf/<word:slug>/", shelf.kept_of_question, name="practice_kept"),
    path("shelf/<word:slug>/bookmark/", shelf.bookmarks, name="practice_bookmark"),
    path("shelf/<word:slug>/note/", shelf.notes, name="practice_note"),
    path("path/<word:slug>/", shelf.path, name="practice_path"),
]
