"""Fields of the bank's models: lines, addresses, Markdown, and lists of lines and of links.

Each cleans what it stores in one place, for forms, files, imports and the shell alike: see `Cleaned`.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, NotRequired, TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from . import markdown
from . import text as texts


class FollowUp(TypedDict):
    """A question that may be asked next; the hint may be empty."""

    question: str
    hint: str


class Link(TypedDict):
    """A source: its title and, if it has one, its address."""

    title: str
    url: NotRequired[str]


MAX_ENTRIES = 100  # of a list: many times what a reader reads

_SPOKEN = [
    (re.compile(r"(?<=\w)\+\+"), "pp"),
    (re.compile(r"(?<=\w)\+(?!\w)"), " plus"),
    (re.compile(r"(?<=\w)#"), " sharp"),
    (re.compile(r"(?<!\S)\.(?=\w)"), "dot"),
    (re.compile(r"&"), " and "),
]


def slug_of(text: str) -> str:
    """An address of `text`, in whatever script it is: letters with their marks, digits and hyphens.

    Signs that make a name are written out: C++ is `cpp`, C# is `c-sharp`, .NET is `dotnet`.
    """
    text = unicodedata.normalize("NFC", texts.address(text).lower())  # lower() may decompose a letter
    for sign, words in _SPOKEN:
        text = sign.sub(words, text)
    letters = "".join(
        letter if _is_of_a_word(letter) else " " if letter in " -–—/" else "" for letter in text
    )
    return "-".join(letters.split())


def _is_of_a_word(letter):
    # Django's own slugs lose the vowel signs of Devanagari, Thai or Tamil, which are marks.
    return letter == "_" or unicodedata.category(letter)[0] in "LMN"


def validate_slug(value: str) -> None:
    if not value or not all(letter == "-" or _is_of_a_word(letter) for letter in value):
        raise ValidationError(
            _("Only letters, digits, hyphens and underscores make an address."), code="slug"
        )


class Cleaned(models.Field):
    """A field whose values are cleaned by `cleaned()`, by whichever way they come in or are written."""

    def cleaned(self, value: Any) -> Any:
        """`value` as it is stored; an expression, which the database works out, stays as it is."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:  # full_clean(), and fixtures
        return self.cleaned(super().to_python(value))

    def pre_save(self, instance: models.Model, add: bool) -> Any:  # save() and create()
        # The instance holds what the row does.
        value = self.cleaned(super().pre_save(instance, add))
        setattr(instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:  # update() and bulk_update() too
        return super().get_db_prep_save(self.cleaned(value), connection)


class _CleanedText(Cleaned):
    clean_text: Callable[[str], str]

    def cleaned(self, value):
        return self.clean_text(value) if isinstance(value, str) else value

    def get_prep_value(self, value):
        # What is looked for may begin or end with a space, so only what no database takes is removed.
        value = models.Field.get_prep_value(self, value)
        return value if value is None else texts.clean(str(value))

    def formfield(self, **kwargs: Any) -> Any:
        defaults: dict[str, Any] = {"form_class": _CleanedFormField, "clean_text": self.clean_text}
        return super().formfield(**defaults | kwargs)


class _CleanedFormField(forms.CharField):
    """Cleans before it validates, so that the form and the model judge the same words."""

    def __init__(self, *args, clean_text, **kwargs):
        self.clean_text = clean_text
        super().__init__(*args, **kwargs, strip=False)  # the first line of Markdown keeps its indent

    def to_python(self, value):
        return self.clean_text(super().to_python(value) or "") or self.empty_value


class LineField(_CleanedText, models.CharField):
    """One line of text: line breaks and runs of white space become one space."""

    clean_text = staticmethod(texts.line)


class SlugField(_CleanedText, models.CharField):
    """The last part of an address, in any script."""

    clean_text = staticmethod(texts.address)
    default_validators = [validate_slug]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"max_length": 100, "db_index": True, **kwargs})

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


class MarkdownField(_CleanedText, models.TextField):
    """Markdown text whose HTML is made when it is saved and kept in the field `html` beside it.

    `html` must be declared after it on the same model. The text is stored with `\\n` line ends and
    without blank lines around it, so that a file, a form and the database hold the same words.
    """

    clean_text = staticmethod(texts.block)

    def __init__(self, *args: Any, html: str, **kwargs: Any):
        self.html = html
        kwargs.setdefault("validators", [MaxLengthValidator(markdown.MAX_LENGTH)])
        super().__init__(*args, **kwargs)

    def run_validators(self, value: Any) -> None:
        # The length first: other validators parse the text, which takes longer the longer it is.
        _short_enough(value)
        super().run_validators(value)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"html": self.html}

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        self.render(instance)
        return getattr(instance, self.attname)

    def render(self, instance: models.Model) -> None:
        """Make the HTML of the instance's text, unless it is there already."""
        text = self.cleaned(getattr(instance, self.attname))
        made = f"_{self.html}_made"  # the last text that was rendered, and its HTML
        if getattr(instance, made, None) != (text, getattr(instance, self.html, None)):
            setattr(instance, made, (text, markdown.render(text)))
        for name, value in zip((self.attname, self.html), getattr(instance, made), strict=True):
            setattr(instance, name, value)


_short_enough = MaxLengthValidator(markdown.MAX_LENGTH)


@deconstructible
class OneParagraph:
    """Refuses Markdown that is more than one paragraph of at most `words` words."""

    def __init__(self, words: int):
        self.words = words

    def __call__(self, text: str) -> None:
        kinds = [token.type for token in markdown.blocks(text)]
        if set(kinds) - {"paragraph_open", "inline", "paragraph_close"}:
            raise ValidationError(
                _("One paragraph belongs here: no list, table, heading or code block."), code="paragraph"
            )
        if kinds.count("paragraph_open") > 1:
            raise ValidationError(_("One paragraph belongs here; this has more."), code="paragraphs")
        if (number := len(text.split())) > self.words:
            message = _("Keep it to %(words)s words; this has %(number)s.")
            raise ValidationError(message % {"words": self.words, "number": number}, code="words")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneParagraph) and self.words == other.words

    def __hash__(self) -> int:
        return hash(self.words)


def markdown_fields(model: type[models.Model]) -> list[MarkdownField]:
    return [field for field in model._meta.fields if isinstance(field, MarkdownField)]


def render_markdown(row: Any) -> None:
    """Make the HTML of each Markdown text of `row`, which is not saved by this."""
    for field in markdown_fields(type(row)):
        field.render(row)
        row.rendered_by = markdown.RENDERER_VERSION


def rendered_columns(model: type[models.Model]) -> list[str]:
    """The names of the columns of `model` that rendering fills."""
    html = [field.html for field in markdown_fields(model)]
    return [*html, "rendered_by"] if html else []


def with_html(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """`values` of an `update()` of `model`, with the HTML of every Markdown text among them."""
    fields = [field for field in markdown_fields(model) if field.name in values]
    html = {field.html: markdown.render(field.cleaned(values[field.name])) for field in fields}
    return values | html | ({"rendered_by": markdown.RENDERER_VERSION} if html else {})


class _CleanedJSON(Cleaned):
    def cleaned(self, value):
        return texts.in_all(value, texts.line)


def _check_number(entries):
    if len(entries) > MAX_ENTRIES:
        text = _("Keep the list to %(most)s entries; this has %(number)s.")
        raise ValidationError(text % {"most": MAX_ENTRIES, "number": len(entries)}, code="entries")


class LinesField(_CleanedJSON, models.JSONField):
    """A list of lines of text, edited as one text area."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def validate(self, value: Any, instance: models.Model | None) -> None:
        if not isinstance(value, list) or not all(isinstance(line, str) and line.strip() for line in value):
            raise ValidationError(_("Give a list of lines, none of them empty."), code="lines")
        _check_number(value)
        if any(len(line) > 300 for line in value):
            raise ValidationError(_("Keep each entry to one line of at most 300 characters."), code="lines")

    def formfield(self, **kwargs: Any) -> Any:
        kwargs.pop("encoder", None)
        return _LinesFormField(required=False, label=capfirst(self.verbose_name), help_text=self.help_text)


class SlugsField(LinesField):
    """A list of addresses, one to a line."""

    def cleaned(self, value: Any) -> Any:
        return sorted(set(texts.in_all(value, texts.address))) if _is_of_strings(value) else value

    def validate(self, value: Any, instance: models.Model | None) -> None:
        super().validate(value, instance)
        for slug in value:
            validate_slug(slug)
            if len(slug) > 100:
                raise ValidationError(_("Keep an address to 100 characters."), code="slug")


def _is_of_strings(value):
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)


class FollowUpsField(_CleanedJSON, models.JSONField):
    """A list of questions, each a text or, with its hint, `{"question": …, "hint": …}`.

    Edited as lines; a hint is on the line behind its question, after `> `.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def cleaned(self, value: Any) -> Any:
        value = super().cleaned(value)
        if not isinstance(value, list):
            return value
        # Without a hint, an entry is what it was before there were hints; PostgreSQL mixes up keys.
        return [_without_empty_hint(each) if isinstance(each, dict) else each for each in value]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        entries = super().from_db_value(value, expression, connection)
        return entries and [_without_empty_hint(e) if isinstance(e, dict) else e for e in entries]

    def validate(self, value: Any, instance: models.Model | None) -> None:
        if not isinstance(value, list):
            raise ValidationError(_("Give a list of questions."), code="follow_ups")
        _check_number(value)
        for entry in value:
            question, hint = (
                (entry.get("question"), entry.get("hint", "")) if isinstance(entry, dict) else (entry, "")
            )
            if isinstance(entry, dict) and (unknown := sorted(set(entry) - {"question", "hint"})):
                text = _("A follow-up has a question and a hint, and no “%(key)s”.")
                raise ValidationError(text % {"key": unknown[0]}, code="follow_ups")
            if not isinstance(question, str) or not isinstance(hint, str):
                raise ValidationError(_("A follow-up is a text; put it in quotes."), code="follow_ups")
            if not question:
                text = (
                    _("A hint needs the question that it belongs to: “%(hint)s”.")
                    if hint
                    else _("A follow-up is empty.")
                )
                raise ValidationError(text % {"hint": hint[:60]}, code="follow_ups")
            if len(question) > 300 or len(hint) > 600:
                text = _("Keep a follow-up to 300 characters, and its hint to 600.")
                raise ValidationError(text, code="follow_ups")

    def formfield(self, **kwargs: Any) -> Any:
        return _FollowUpsFormField(
            required=False, label=capfirst(self.verbose_name), help_text=self.help_text
        )


def _without_empty_hint(entry):
    in_order = {key: entry[key] for key in ("question", "hint") if entry.get(key)}
    others = {key: value for key, value in entry.items() if key not in ("question", "hint")}
    return in_order["question"] if set(in_order) == {"question"} and not others else in_order | others


class LinksField(_CleanedJSON, models.JSONField):
    """A list of `{"title": …, "url": …}`, the address optional; edited as `Title | https://…` lines."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        # PostgreSQL's jsonb has an order of keys of its own; a file has this one.
        links = super().from_db_value(value, expression, connection)
        return links and [{key: link[key] for key in ("title", "url") if key in link} for link in links]

    def validate(self, value: Any, instance: models.Model | None) -> None:
        if not isinstance(value, list) or not all(isinstance(link, dict) for link in value):
            raise ValidationError(_("Give a list of entries with a title and an address."), code="links")
        _check_number(value)
        for link in value:
            title = link.get("title")
            if set(link) - {"title", "url"} or not isinstance(title, str) or not title.strip():
                raise ValidationError(_("Each entry needs a title, and may have an address."), code="links")
            if len(title) > 300:
                raise ValidationError(_("Keep a title to one line of 300 characters."), code="links")
            if "url" in link:
                self._validate_address_of(title, link["url"])

    def _validate_address_of(self, title, url):
        try:
            _validate_address(url)
        except ValidationError as error:
            reasons = [f"“{title}”: {reason}" for reason in error.messages]
            raise ValidationError(reasons, code="links") from error

    def formfield(self, **kwargs: Any) -> Any:
        return _LinksFormField(required=False, label=capfirst(self.verbose_name), help_text=self.help_text)


_validate_address = URLValidator(
    schemes=["http", "https"], message=_("An address begins with https:// or http://.")
)


class _LinesFormField(forms.Field):
    widget = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField grows"})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return [line.strip() for line in texts.clean(value or "").split("\n") if line.strip()]

    def has_changed(self, initial, data):
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class _FollowUpsFormField(_LinesFormField):
    def prepare_value(self, value):
        if not isinstance(value, list):
            return value
        entries = [each if isinstance(each, dict) else {"question": each, "hint": ""} for each in value]
        lines = ([each["question"], *([f"> {each['hint']}"] if each["hint"] else [])] for each in entries)
        return "\n".join(line for of_entry in lines for line in of_entry)

    def to_python(self, value):
        entries = []
        for line in super().to_python(value):
            if not line.startswith(">"):
                entries.append({"question": line, "hint": ""})
            elif entries:
                entries[-1]["hint"] = f"{entries[-1]['hint']} {line[1:].strip()}".strip()
            else:
                entries.append({"question": "", "hint": line[1:].strip()})
        return [_without_empty_hint(entry) if entry["question"] else entry for entry in entries]


class _LinksFormField(_LinesFormField):
    def prepare_value(self, value):
        if isinstance(value, list):
            return "\n".join(" | ".join(filter(None, [link["title"], link.get("url")])) for link in value)
        return value

    def to_python(self, value):
        return [_link(line) for line in super().to_python(value)]


def _link(line: str) -> Link:
    title, bar, url = (part.strip() for part in line.rpartition("|"))
    # A bar may belong to the title: only what looks like an address is one.
    if bar and "://" in url:
        return {"title": title, "url": url}
    return {"title": line}
