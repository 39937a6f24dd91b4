from django.urls import path

from . import views

urlpatterns = [path("questions/<str:slug>/", views.question_detail, name="question")]
