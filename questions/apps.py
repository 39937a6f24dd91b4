from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuestionsConfig(AppConfig):
    name = "questions"
    verbose_name = _("Question bank")

    def ready(self) -> None:
        from . import checks, converters, kinds

        converters.register_all()
        kinds.register_all()
        checks.register_all()
