"""A page of prose, read: Markdown, HTML or plain text, as people have their questions.

The text becomes lines, the lines blocks, the blocks candidates; the style that repeats says which of
these are questions. Every line that no item takes is left over: what is taken is noted line by line.
"""

import re
from collections.abc import Callable

import yaml

from ... import text as texts
from .. import levels
from ..reading import FoundQuestion, FoundStep, Reading, distinct
from . import answers, blocks, candidates, choosing, keys, layout, lines, sections, titles

_MARKER = re.compile(r"\s*(?:[-*+]|\d{1,4}[.)])\s+")


class Page:
    """One text and what is found in it."""

    def __init__(self, text: str, of_html: Callable[[str], str], numbers: list[int] | None = None):
        prepared = lines.of(text, numbers)
        self.all_lines = prepared.lines
        self.reading = Reading()
        self.used: set[int] = set()
        self.lines = [line.text for line in self.all_lines]
        self.take_front_matter()
        self.signs = levels.Signs.of(self.lines)
        found = blocks.of(self.lines)
        self.blocks = found.blocks
        self.builder = answers.Builder(self.lines, self.signs, found.code, of_html)
        self.finder = candidates.Finder(self.lines, found, self.signs)
        self.candidates = self.finder.all()
        for number in prepared.unclosed:
            self.reading.warn(number, "a code fence is opened here and never closed")

    def read(self) -> Reading:
        paths, tips = sections.parts(self.blocks, len(self.lines))
        kept = {line for part in [*paths, *tips] for line in part.lines}
        chooser = choosing.Chooser(layout.Layout(self.lines, self.blocks), self.candidates, kept)
        chosen = chooser.choose()
        keys.add_answers(chosen, self.blocks, self.lines)
        first = min((each.candidate.start for each in chosen), default=len(self.lines))
        self.take_beginning(min([first, *(part.heading.start for part in [*paths, *tips])]), kept)
        self.take_questions(chosen, chooser, kept)
        for part in paths:
            self.take_steps(part)
        for part in tips:
            self.take_tips(part)
        self.used |= self.builder.used
        self.leave_the_rest()
        return self.reading

    def number(self, line):
        """The number in the file of a line."""
        return self.all_lines[line].number

    def take_front_matter(self):
        """Title and category from a YAML block at the very beginning, which is blanked then."""
        if not self.lines or self.lines[0].strip() != "---":
            return
        end = next((at for at in range(1, min(len(self.lines), 60)) if self.lines[at].strip() == "---"), None)
        if end is None:
            return
        try:
            values = yaml.safe_load("\n".join(self.lines[1:end]))
        except (yaml.YAMLError, ValueError):
            return
        if not isinstance(values, dict):
            return
        for at in range(1, end):
            key = self.lines[at].partition(":")[0].strip()
            if key in {"title", "category"} and isinstance(values.get(key), str):
                setattr(self.reading, key, texts.line(values[key]))
                self.used.add(at)
        self.lines[: end + 1] = [""] * (end + 1)

    def take_beginning(self, first, kept):
        found = sections.beginning(self.blocks, first, kept)
        self.title_block = found.title
        if found.title is not None:
            self.title_text = titles.plain(found.title.text).text
            if not self.reading.title:
                self.reading.title = self.title_text
                self.use_title(found.title)
        else:
            self.title_text = self.reading.title
        if found.category is not None and not self.reading.category:
            self.reading.category = titles.plain(found.category.text).text
            self.use_title(found.category)
        intro = []
        for block in found.intro:
            answer = self.builder.build(list(range(block.start, block.end)))
            self.use(block.start, block.end, answer.left)
            intro.append(answer.markdown)
        self.reading.intro = "\n\n".join(filter(None, intro))

    def use_title(self, block):
        """Note the lines of a title, unless it has links or pictures: these are shown as left over."""
        if not titles.plain(block.text).links:
            self.use(block.start, block.end)

    def use(self, start, end, left=()):
        self.used.update(line for line in range(start, end) if line not in left)

    # Questions

    def take_questions(self, chosen, chooser, kept):
        starts = {each.candidate.start for each in chosen}
        inside = {line for each in chosen for line in each.lines}
        skipped = starts | kept | inside
        if self.title_block is not None:
            skipped.add(self.title_block.start)
        ends = dict.fromkeys(chooser.extents.groups) | self.finder.opened
        found = sections.sections(self.blocks, ends, skipped, self.title_text)
        for each in chosen:
            self.reading.questions.append(self.question(each, found))
        for section in found:
            if section.used and section.is_whole and section.name:
                self.used.update(range(section.start, section.last))

    def question(self, chosen, found):
        candidate = chosen.candidate
        indent = candidate.block.indent if candidate.block.list_start >= 0 else 0
        rest = candidate.rest
        numbers = sorted(chosen.lines)
        if candidate.block.kind == "definition" or candidate.style[0] == "term":
            indent, numbers = 2, self.without_colon(numbers)
        answer = self.builder.build(numbers, rest, indent)
        if chosen.is_item and (marker := _MARKER.match(answer.markdown)):
            answer.markdown = without_indent(answer.markdown[marker.end() :], marker.end())
        if not candidate.is_renamed:
            self.use(candidate.start, candidate.end)
        self.used.update(line for line in chosen.lines if line not in set(answer.left))
        around = sections.above(candidate.start, found)
        level = candidate.title.level or answer.level or self.finder.level_in_contents(candidate.title.text)
        if not level:
            section = next((section for section in reversed(around) if section.level), None)
            if section is not None:
                level, section.used = section.level, True
        names = [section.name for section in around if section.name]
        for section in around:
            section.used = section.used or bool(section.name)
        question = FoundQuestion(
            text=candidate.title.text,
            difficulty=level,
            answer=with_links(answer.markdown, candidate.title.links),
            topics=distinct([*names, *answer.topics]),
            line=self.number(candidate.start),
            sure=chosen.sure,
        )
        if candidate.cells:
            self.take_cells(question, candidate.cells)
        return question

    def take_cells(self, question, cells):
        level, topics = cells
        question.difficulty = levels.of_value(level) or question.difficulty
        names = [titles.plain(name).text for name in re.split(r"[,;]", topics)]
        question.topics = distinct([*question.topics, *names])

    def without_colon(self, numbers):
        """The lines of a definition, without the colon that marks it."""
        for number in numbers:
            if match := re.match(r"^(\s{0,3})[:~](\s+)", self.lines[number]):
                self.lines[number] = " " * len(match[0]) + self.lines[number][match.end() :]
        return numbers

    # Steps and tips

    def take_steps(self, part):
        for block, numbers in part.items:
            title, rest = self.title_of_step(block)
            indent = block.indent if block.list_start >= 0 else 0
            answer = self.builder.build(list(numbers), rest, indent)
            self.use(block.start, block.text_end)
            self.used.update(line for line in numbers if line not in set(answer.left))
            links = titles.plain(block.text.partition("\n")[0]).links
            self.reading.steps.append(FoundStep(title, with_links(answer.markdown, links)))

    def title_of_step(self, block):
        found = titles.plain(block.text.partition("\n")[0])
        rest = ""
        text = found.text
        if found.strong and found.rest:
            text, rest = found.strong.rstrip(":"), found.rest.lstrip(":–— -")
        elif block.kind == "item" and ": " in text and len(text) > 60:
            text, _colon, rest = text.partition(": ")
        more = block.text.partition("\n")[2]
        return titles.without_prefix(text)[0], "\n".join(filter(None, [rest, more]))

    def take_tips(self, part):
        for block, numbers in part.items:
            answer = self.builder.build(list(numbers))
            marker = re.match(r"\s*(?:[-*+]|\d+[.)])\s+", answer.markdown)
            text = texts.line(answer.markdown[marker.end() :] if marker else answer.markdown)
            if text:
                self.use(block.start, block.end, answer.left)
                self.reading.tips.append(text)

    def leave_the_rest(self):
        for at, line in enumerate(self.all_lines):
            if at not in self.used and line.text.strip() and not line.added:
                self.reading.leave(line.number, line.text.strip())


def without_indent(markdown: str, width: int) -> str:
    """An item's text without the indent of its further lines."""
    return re.sub(rf"^ {{1,{width}}}", "", markdown, flags=re.MULTILINE)


def with_links(markdown: str, of_title: tuple[tuple[str, str], ...]) -> str:
    """A text with the links of its title behind it: a title is shown without any."""
    links = [
        f"[{text or address}]({address})"
        for text, address in of_title
        if address and not address.startswith("#") and "shields.io" not in address and address not in markdown
    ]
    return "\n\n".join(filter(None, [markdown, " ".join(links)]))
