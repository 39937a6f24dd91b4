from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.auth import get_user_model
from django.db.models.signals import post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class InterviewPrepConfig(AppConfig):
    name = "interviewprep"
    verbose_name = _("site")
    default = True

    def ready(self):
        from questions.changes import changes_applied

        from . import checks, groups, log_in, statistics

        checks.register_all()
        changes_applied.connect(statistics.gather_after_many)
        post_migrate.connect(groups.make_groups)
        post_save.connect(log_in.end_sessions_of_deactivated, get_user_model())


class DeskConfig(admin.AdminConfig):
    """The admin, with the curator's desk as its first page."""

    default = False
    default_site = "interviewprep.desk.Desk"
