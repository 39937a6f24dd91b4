from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearningPathConfig(AppConfig):
    name = "learningpath"
    verbose_name = _("Learning paths")

    def ready(self) -> None:
        from . import documents

        documents.register_all()
