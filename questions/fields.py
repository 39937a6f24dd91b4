"""Fields of the bank's models: Markdown, and lists of lines and of links."""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from . import markdown


def slug_of(text):
    """An address of `text`, in whatever script it is: letters with their marks, digits and hyphens."""
    text = unicodedata.normalize("NFC", text).lower()
    kept = "".join(letter if _is_of_a_word(letter) else " " if letter in " -–—/" else "" for letter in text)
    return "-".join(kept.split())


def _is_of_a_word(letter):
    # Django's own slugs lose the vowel signs of Devanagari, Thai or Tamil, which are marks.
    return letter == "_" or unicodedata.category(letter)[0] in "LMN"


def validate_slug(value):
    if not value or not all(letter == "-" or _is_of_a_word(letter) for letter in value):
        raise ValidationError(
            _("Only letters, digits, hyphens and underscores make an address."), code="slug"
        )


class SlugField(models.CharField):
    """The last part of an address, in any script."""

    default_validators = [validate_slug]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 100, "db_index": True, **kwargs})


class MarkdownField(models.TextField):
    """Markdown text whose HTML is made when it is saved and kept in the field `html` beside it.

    `html` must be declared after it on the same model. The text is stored with `\\n` line ends and
    without blank lines around it, so that a file, a form and the database hold the same words.
    """

    def __init__(self, *args, html, **kwargs):
        self.html = html
        kwargs.setdefault("validators", [MaxLengthValidator(markdown.MAX_LENGTH)])
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"html": self.html}

    def to_python(self, value):
        return stored(super().to_python(value))

    def pre_save(self, instance, add):
        self.render(instance)
        return getattr(instance, self.attname)

    def render(self, instance):
        """Make the HTML of the instance's text, unless it is there already."""
        text = stored(getattr(instance, self.attname))
        made = f"_{self.html}_made"  # the last text that was rendered, and its HTML
        if getattr(instance, made, None) != (text, getattr(instance, self.html)):
            setattr(instance, made, (text, markdown.render(text)))
        text_and_html = getattr(instance, made)
        setattr(instance, self.attname, text_and_html[0])
        setattr(instance, self.html, text_and_html[1])


def stored(text):
    """`text` as a MarkdownField stores it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip() if isinstance(text, str) else text


def markdown_fields(model):
    return [field for field in model._meta.fields if isinstance(field, MarkdownField)]


def render_markdown(row):
    """Make the HTML of each Markdown text of `row`, which is not saved by this."""
    for field in markdown_fields(type(row)):
        field.render(row)
        row.rendered_by = markdown.RENDERER_VERSION


def rendered_columns(model):
    """The names of the columns of `model` that rendering fills."""
    html = [field.html for field in markdown_fields(model)]
    return [*html, "rendered_by"] if html else []


def with_html(model, values):
    """`values` of an `update()` of `model`, with the HTML of every Markdown text among them."""
    texts = [field for field in markdown_fields(model) if field.name in values]
    html = {field.html: markdown.render(stored(values[field.name])) for field in texts}
    return values | html | ({"rendered_by": markdown.RENDERER_VERSION} if html else {})


class LinesField(models.JSONField):
    """A list of lines of text, edited as one text area."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def validate(self, value, instance):
        if not isinstance(value, list) or not all(isinstance(line, str) and line.strip() for line in value):
            raise ValidationError(_("Give a list of lines, none of them empty."), code="lines")
        if any("\n" in line or len(line) > 300 for line in value):
            raise ValidationError(_("Keep each entry to one line of at most 300 characters."), code="lines")

    def formfield(self, **kwargs):
        kwargs.pop("encoder", None)
        return _LinesFormField(required=False, label=capfirst(self.verbose_name), help_text=self.help_text)


class LinksField(models.JSONField):
    """A list of `{"title": …, "url": …}`, the address optional; edited as `Title | https://…` lines."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def from_db_value(self, value, expression, connection):
        # PostgreSQL's jsonb keeps keys in an order of its own; a file has them in ours.
        links = super().from_db_value(value, expression, connection)
        return links and [{key: link[key] for key in ("title", "url") if key in link} for link in links]

    def validate(self, value, instance):
        if not isinstance(value, list) or not all(isinstance(link, dict) for link in value):
            raise ValidationError(_("Give a list of entries with a title and an address."), code="links")
        for link in value:
            title = link.get("title")
            if set(link) - {"title", "url"} or not isinstance(title, str) or not title.strip():
                raise ValidationError(_("Each entry needs a title, and may have an address."), code="links")
            if "\n" in title or len(title) > 300:
                raise ValidationError(_("Keep a title to one line of 300 characters."), code="links")
            if "url" in link:
                _validate_address(link["url"])

    def formfield(self, **kwargs):
        return _LinksFormField(required=False, label=capfirst(self.verbose_name), help_text=self.help_text)


_validate_address = URLValidator(
    schemes=["http", "https"], message=_("An address begins with https:// or http://.")
)


class _LinesFormField(forms.Field):
    widget = forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial, data):
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class _LinksFormField(_LinesFormField):
    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join(" | ".join(filter(None, [link["title"], link.get("url")])) for link in value)
        return value

    def to_python(self, value):
        return [_link(line) for line in super().to_python(value)]


def _link(line):
    title, bar, url = (part.strip() for part in line.rpartition("|"))
    # A bar may belong to the title: only what looks like an address is one.
    if bar and "://" in url:
        return {"title": title, "url": url}
    return {"title": line}
