from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class QuestionsConfig(AppConfig):
    name = "questions"
    verbose_name = _("Question bank")

    def ready(self) -> None:
        from . import checks, converters, kinds
        from .search import index

        converters.register_all()
        kinds.register_all()
        checks.register_all()
        post_migrate.connect(index.make_current, sender=self)
