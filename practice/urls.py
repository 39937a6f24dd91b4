from django.urls import path

from .views import data, devices, marks, settings

urlpatterns = [
    path("token", marks.token, name="practice_token"),
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
