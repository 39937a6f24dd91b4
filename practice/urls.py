from django.urls import path

from .views import data, devices, marks, progress, sessions, settings, shelf, unknown

urlpatterns = [
    path("", sessions.overview, name="practice"),
    path("start/", sessions.start, name="practice_start"),
    path("session/", sessions.session, name="practice_session"),
    path("session/undo/", sessions.undo, name="practice_session_undo"),
    path("unknown/", unknown.unknown, name="practice_unknown"),
    path("token", marks.token, name="practice_token"),
    path("marks/", marks.marks, name="practice_marks"),
    path("marks/undo/", marks.undo, name="practice_marks_undo"),
    path("progress/", progress.progress, name="practice_progress"),
    path("shelf/", shelf.shelf, name="practice_shelf"),
    path("shelf/<word:slug>/", shelf.kept_of_question, name="practice_kept"),
    path("shelf/<word:slug>/bookmark/", shelf.bookmarks, name="practice_bookmark"),
    path("shelf/<word:slug>/note/", shelf.notes, name="practice_note"),
    path("path/<word:slug>/", shelf.path, name="practice_path"),
    path("devices/", devices.devices, name="practice_devices"),
    path("devices/enter/", devices.enter, name="practice_enter"),
    path("devices/recovery/", devices.recovery, name="practice_recovery"),
    path("forget/", devices.forget, name="practice_forget"),
    path("data/", data.data, name="practice_data"),
    path("data/practice.json", data.download, name="practice_download"),
    path("data/questions.apkg", data.deck, name="practice_deck"),
    path("delete/", data.delete, name="practice_delete"),
    path("settings/", settings.settings, name="practice_settings"),
]
