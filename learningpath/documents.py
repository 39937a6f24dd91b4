"""The two sections that this app adds to a role's document: its steps and its tips."""

import re
from itertools import pairwise

from django.utils.translation import gettext_lazy as _

from questions.documents import KINDS, DocumentDict, Section, SectionError
from questions.markdown import blocks

from .models import LearningStep, Tip, key_of

_KEY = re.compile(r"(?P<text>.*?)\s*\{#(?P<key>[\w-]+)\}")
_LINK = re.compile(r"- \[(?P<title>.+)\]\((?P<url>\S+)\)")
_RESOURCES = "#### Resources"


_REPEATED = _("The key “%(name)s” is there twice.")


def register_all() -> None:
    KINDS["role"].keys += [
        Section(
            "steps",
            _("learning path"),
            LearningStep,
            owner="role",
            match="key",
            fields=("title", "body", "resources"),
            repeated=_REPEATED,
            heading="Learning path",
            parse=parse_steps,
            format=format_steps,
        ),
        Section(
            "tips",
            _("interview tips"),
            Tip,
            owner="role",
            match="key",
            fields=("text",),
            repeated=_REPEATED,
            heading="Interview tips",
            parse=parse_tips,
            format=format_tips,
        ),
    ]


# As Markdown, in bank files


def parse_steps(text: str) -> list[DocumentDict]:
    """Steps from `### Title {#key}` headings, each with a body and `#### Resources`."""
    lines = text.split("\n")
    starts = _headings(text, "###")
    for number, line in enumerate(lines[: starts[0] if starts else None]):
        if line.strip():
            raise SectionError(number, "a step begins with a heading “### Title”; this is before the first")
    lists = [number for number in _headings(text, "####") if lines[number].strip() == _RESOURCES]
    steps = []
    for start, end in pairwise([*starts, len(lines)]):
        of_step = max((number for number in lists if start < number < end), default=end)
        title = lines[start].lstrip().removeprefix("###").strip()
        steps.append(
            _keyed(title, "title")
            | {
                "body": _without_blank_lines(lines[start + 1 : of_step]),
                "resources": [_link(line) for line in lines[of_step + 1 : end] if line.strip()],
            }
        )
    return steps


def _headings(text, signs):
    """The numbers of the lines of `text` that are headings with these `signs`, and not code."""
    return [token.map[0] for token in blocks(text) if token.type == "heading_open" and token.markup == signs]


def _without_blank_lines(lines):
    """The text of `lines`; a first line that is indented is code, and stays so."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first:]).rstrip()


def format_steps(steps: list[DocumentDict]) -> str:
    return "\n\n".join(
        "\n\n".join(
            filter(
                None,
                [
                    f"### {_with_key(step, 'title')}",
                    step["body"],
                    step["resources"] and _RESOURCES,
                    "\n".join(_link_line(link) for link in step["resources"]),
                ],
            )
        )
        for step in steps
    )


def parse_tips(text: str) -> list[DocumentDict]:
    """Tips from lines that begin with `- `."""
    tips = []
    for number, line in enumerate(text.split("\n")):
        if line.startswith("- "):
            tips.append(_keyed(line.removeprefix("- ").strip(), "text"))
        elif line.strip():
            raise SectionError(number, "each tip is one line that begins with “- ”; this one does not")
    return tips


def format_tips(tips: list[DocumentDict]) -> str:
    return "\n".join(f"- {_with_key(tip, 'text')}" for tip in tips)


def _keyed(line, name):
    if match := _KEY.fullmatch(line):
        return {"key": match["key"], name: match["text"]}
    return {"key": key_of(line), name: line}


def _with_key(entry, name):
    """The text, with its key where reading the text alone would make another."""
    text = entry[name]
    return text if _keyed(text, name) == {"key": entry["key"], name: text} else f"{text} {{#{entry['key']}}}"


def _link(line):
    if match := _LINK.fullmatch(line.strip()):
        return match.groupdict()
    return {"title": line.strip().removeprefix("- ")}


def _link_line(link):
    return f"- [{link['title']}]({link['url']})" if "url" in link else f"- {link['title']}"
