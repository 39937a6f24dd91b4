"""What a role's page shows beside its questions: the steps of its learning path, and tips."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from questions.fields import LineField, LinksField, MarkdownField, SlugField, slug_of
from questions.markdown import blocks
from questions.models import Role, RolePart
from questions.recorded import Rendered, not_empty, numbered


def no_headings(text: str) -> None:
    """Refuse headings, and a block that never ends: in a bank file headings divide the steps."""
    if any(token.type == "heading_open" for token in blocks(text)):
        raise ValidationError(_("A step has no headings of its own: make two steps of it."), code="heading")
    if not any(token.type == "heading_open" for token in blocks(f"{text}\n\n### x")):
        raise ValidationError(_("A block of code is not closed: end it with a line of ```."), code="open")


def key_of(text: str) -> str:
    """The key of a step or tip that has not been given another."""
    return slug_of(text)[:60].strip("-")


class Keyed(RolePart):
    """A part of a role that is known by a key, and so stays itself when its words change."""

    key = SlugField(_("key"), blank=True, editable=False)

    class Meta(RolePart.Meta):
        abstract = True

    def fill(self, update_fields: Collection[str] | None) -> None:
        if not self.key:
            self.fill_key()
            parts: models.QuerySet[Any] = type(self).objects.all()
            others = parts.filter(role=self.role_id)
            self.key = numbered(self.key, set(others.values_list("key", flat=True)))
        super().fill(update_fields)

    def fill_key(self) -> None:
        """Make the key of the text, where it has none."""
        self.key = self.key or key_of(str(self)) or "part"


class LearningStep(Rendered, Keyed):
    """A step of a role's learning path."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="steps", verbose_name=_("role"))
    title = LineField(_("title"), max_length=140)
    body = MarkdownField(
        _("body"),
        html="body_html",
        validators=[no_headings],
        help_text=_("What to learn, why, and what to build to prove it, in Markdown."),
    )
    body_html = models.TextField(editable=False)
    resources = LinksField(_("resources"), help_text=_("One to a line: Title | https://address"))

    class Meta(Keyed.Meta):
        abstract = False
        verbose_name = _("learning step")
        verbose_name_plural = _("learning steps")
        constraints = [
            models.UniqueConstraint(fields=["role", "key"], name="learningstep_key_once_per_role"),
            not_empty("title", "learningstep_title_not_empty"),
            not_empty("body", "learningstep_body_not_empty"),
        ]

    def __str__(self):
        return self.title


class Tip(Keyed):
    """An interview tip of a role: one line of plain text."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="tips", verbose_name=_("role"))
    text = LineField(_("text"), max_length=500)

    class Meta(Keyed.Meta):
        abstract = False
        verbose_name = _("tip")
        verbose_name_plural = _("tips")
        constraints = [
            models.UniqueConstraint(fields=["role", "key"], name="tip_key_once_per_role"),
            not_empty("text", "tip_text_not_empty"),
        ]

    def __str__(self):
        return self.text
