from django.urls import path

from .views import marks

urlpatterns = [
    path("token", marks.token, name="practice_token"),
    path("marks/", marks.marks, name="practice_marks"),
    path("marks/undo/", marks.undo, name="practice_marks_undo"),
]
