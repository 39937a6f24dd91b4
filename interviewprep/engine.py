"""Django's templates, whose pages are well-formed whatever the database holds."""

from django.template.backends.django import DjangoTemplates, Template
from django.utils.safestring import mark_safe

from questions.text import fit


class WellFormedTemplates(DjangoTemplates):
    """The words of the bank pass here last: a raw SQL statement keeps none of the bank's own rules."""

    def from_string(self, template_code):
        return _WellFormed(self.engine.from_string(template_code), self)

    def get_template(self, template_name):
        found = super().get_template(template_name)
        return _WellFormed(found.template, self)


class _WellFormed(Template):
    def render(self, context=None, request=None):
        return mark_safe(fit(super().render(context, request)))
