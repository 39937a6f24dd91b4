from django.urls import path

from .views import marks

urlpatterns = [
    path("token", marks.token, name="practice_token"),
]
