"""The Markdown of an answer, from its lines: without HTML, labels, ways back and advertisements."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .. import choices, levels
from . import furniture, labels, titles

_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_KNOWN = (
    "a abbr article b big blockquote br center cite code dd del details dfn div dl dt em figcaption figure "
    "font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p picture pre q s samp "
    "section small source span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var"
).split()
_TAG = re.compile(rf"</?(?:{'|'.join(_KNOWN)})(?=[\s/>])[^<>]*>", re.IGNORECASE)
_PAIRS = [
    (re.compile(r"<(b|strong)\b[^<>]*>[ ]*(?=\S)(.+?)[ ]*</\1\s*>", re.IGNORECASE), r"**\2**"),
    (re.compile(r"<(i|em)\b[^<>]*>[ ]*(?=\S)(.+?)[ ]*</\1\s*>", re.IGNORECASE), r"*\2*"),
    (re.compile(r"<(s|del|strike)\b[^<>]*>(?=\S)(.+?)</\1\s*>", re.IGNORECASE), r"~~\2~~"),
]
_CODE_TAGS = re.compile(r"<(code|kbd|samp|tt)\b[^<>]*>(.+?)</\1\s*>", re.IGNORECASE)
_LINK = re.compile(
    r"""<a\b[^<>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))[^<>]*>(.*?)</a\s*>""", re.IGNORECASE
)
_ESCAPED = re.compile(r"\\<(?![^\s<>]*[:@])")  # a word, as the site knows no tags; no address, which it links
_IMG = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_BREAK = re.compile(r"[ \t]*<br\s*/?>[ \t]*", re.IGNORECASE)
_AWAY = "\ufdd1"  # around the number of what is put away; a noncharacter, so no text holds one
_COMMENT = re.compile(r"<!--.*?-->")
_LINKED_IMAGE = re.compile(
    r"\[!\[(?P<alt>[^\[\]]*)\]\((?P<src>[^()\s]*)[^()]*\)\]\((?P<href>[^()\s]*)[^()]*\)"
)
_IMAGE = re.compile(
    r"!\[(?P<alt>[^\[\]]*)\]\((?P<src><[^<>]*>|[^()\s]*(?:\([^()\s]*\))?[^()\s]*)(?:\s+[^()]*)?\)"
)
_SUMMARY = re.compile(r"(?<!\\)<summary\b[^<>]*>(.*?)</summary\s*>", re.IGNORECASE)
_BOLD = r"(?:[*_]{1,3}|</?b>|</?strong>)?"
_NAME = (
    rf"(?:(?:the |sample |model |short |correct )?(?:{labels.ANSWER}|{labels.SOLUTION}|back|response|reply)"
    r"\s*(?:\d{1,4}\s*)?|a\s*(?:\d{1,4}\s*|(?=[*_]{0,3}\s*[:：])))"  # “A)” alone is an option of several
)
_LABELLED = re.compile(
    rf"^[ \t>]*(?:{levels.EMOJI}\s*)?{_BOLD}\s*{_NAME}(?:\([^()]{{1,20}}\))?{_BOLD}\s*"
    rf"(?:[:：–—]-?|\.(?=\s|$)|-(?=\s)|\)(?=\s))\s*{_BOLD}(?=\s|$|[A-Z\[`(<*_]|[^\x00-\x7f])",
    re.IGNORECASE,
)
_OPENS = rf"{labels.SHOW}(?: the)? ?(?:{labels.ANSWER}|{labels.SOLUTION})s?\W*"
_DEFINITION = re.compile(r"^\s{0,3}\[(?P<label>[^\[\]]{1,80})\]:\s+\S")
_LABEL = re.compile(r"\[([^\[\]]{1,80})\]")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_NOTE = re.compile(
    rf"^[\s>*_`|-]*(?P<name>{levels.NAME}|topics?|tags?|category|subject|skills?|тем[аы]|теги|temas?|tópicos?"
    r"|категория|categoría|categoria|标签|分类|知识点)[*_`\s]*[:：=–—][*_`\s]*(?P<value>[^|]{1,120}?)[\s*_`|]*$",
    re.IGNORECASE,
)
_HTML_BLOCK = re.compile(r"\s*</?(table|ul|ol|pre|dl)\b", re.IGNORECASE)
_BLOCK_EDGE = re.compile(r"</?(?:table|ul|ol|pre|dl)\b", re.IGNORECASE)
_CODE_INDENT = 4  # columns from which on a line is code in Markdown
_RULE = re.compile(r"^\s*(?:(?:[-*_=][ \t]*){3,}|<hr\s*/?>)\s*$", re.IGNORECASE)


@dataclass
class Answer:
    markdown: str = ""
    left: list[int] = field(default_factory=list)  # the lines that are no part of it
    level: str = ""
    topics: list[str] = field(default_factory=list)


class Builder:
    """Makes answers of lines; `of_html` turns a piece of HTML into Markdown."""

    def __init__(self, lines: list[str], signs: levels.Signs, code: set[int], of_html: Callable[[str], str]):
        self.lines, self.signs, self.code, self.of_html = lines, signs, code, of_html
        # Of links and footnotes: an answer takes those that it uses, wherever they stand.
        self.definitions = {
            match["label"].casefold(): number
            for number, line in enumerate(lines)
            if number not in code and (match := _DEFINITION.match(line))
        }
        self.used: set[int] = set()  # the lines of those that are used
        self.is_indented = _are_indented(lines)

    def build(self, numbers: list[int], rest: str = "", indent: int = 0) -> Answer:
        """The answer that stands in the lines `numbers`, behind `rest`, from the column `indent` on."""
        answer = Answer()
        kept = self.kept(numbers, answer)
        kept = self.without_notes(kept, answer)
        kept = self.without_label(kept, answer)
        texts = self.markdown_of(kept, indent, answer)
        rest = tidy(rest)
        is_apart = bool(numbers) and not self.lines[numbers[0]].strip()
        if rest and texts and texts[0].strip():
            joined = [rest, *[""] * (is_apart or texts[0].lstrip().startswith(("- ", "* "))), *texts]
        else:
            joined = [rest, "", *texts] if rest else texts
        answer.markdown = choices.with_right_one_first(self.with_definitions(_trimmed(joined)))
        return answer

    def with_definitions(self, markdown):
        """An answer with the definitions of its footnotes, and of its links by name, below it."""
        if not self.definitions or "[" not in markdown:
            return markdown
        labels = dict.fromkeys(label.casefold() for label in _LABEL.findall(markdown))
        numbers = [self.definitions[label] for label in labels if label in self.definitions]
        self.used.update(numbers)
        return "\n".join(
            [markdown, *[""] * bool(numbers), *(self.lines[number].strip() for number in numbers)]
        )

    def kept(self, numbers, answer):
        """The lines without rules around them, ways back and advertisements."""
        result, paragraph = [], []
        for number in numbers:
            line = self.lines[number]
            if number in self.code:
                result.append(number)
            elif furniture.is_way_back(line) or _DEFINITION.match(line):
                answer.left.append(number)
            else:
                result.append(number)
        paragraph = [number for number in result if number not in self.code]
        sold = {number for run in self.paragraphs(paragraph) if self.is_sold(run) for number in run}
        answer.left += sold
        result = [number for number in result if number not in sold]
        while result and (not self.lines[result[-1]].strip() or self.is_rule(result[-1])):
            answer.left.append(result.pop())
        while result and (not self.lines[result[0]].strip() or self.is_rule(result[0])):
            answer.left.append(result.pop(0))
        return result

    def is_rule(self, number):
        line = self.lines[number].strip()
        if number in self.code:
            return False
        return bool(_RULE.match(line)) or (
            line.startswith("<") and not _BLOCK_EDGE.search(line) and not tidy(line)
        )

    def paragraphs(self, numbers):
        run: list[int] = []
        for number in numbers:
            if not self.lines[number].strip() or (run and number != run[-1] + 1):
                if run:
                    yield run
                run = []
            if self.lines[number].strip():
                run.append(number)
        if run:
            yield run

    def is_sold(self, run):
        return len(run) <= 8 and furniture.is_advertisement("\n".join(self.lines[number] for number in run))

    def without_notes(self, numbers, answer):
        """The lines without those that only say how hard a question is, or what it is about."""
        filled = [number for number in numbers if self.lines[number].strip() and number not in self.code]
        if len(filled) == 1 and self.lines[filled[0]].strip().isalnum():
            return numbers  # “Hard.” is all that is answered
        notes = set()
        for run in (filled[:4], filled[:-3:-1]):
            is_edge = True  # whether only notes stand between this line and the beginning, or the end
            for number in run:
                is_note = self.take_note(self.lines[number], answer, is_edge=is_edge)
                is_edge = is_edge and is_note
                if is_note:
                    notes.add(number)
        return [number for number in numbers if number not in notes]

    def take_note(self, line, answer, *, is_edge):
        """Take what a line notes; a level alone is one at an edge of the answer only, else a subject."""
        words = titles.plain(line)
        parts = [part for part in re.split(r"\s+[|•·]\s+|\s{3,}", words.text) if part.strip()]
        matches = [match for part in parts if (match := _NOTE.match(part))]
        if parts and len(matches) == len(parts):
            for match in matches:
                self.take(match["name"].casefold(), match["value"], answer)
            return True
        if answer.level or not is_edge or len(words.text) > 40 or not line.strip():
            return False
        bare = words.text.strip("`*_()[]> ")
        level = levels.of_words(bare) if bare else ""
        if not level and bare and not re.search(r"[A-Za-z0-9]", bare):
            level = self.signs.level_of(bare)
        level = level or (titles.of(line, self.signs).level if not bare else "")
        answer.level = level
        return bool(level)

    def take(self, name, value, answer):
        if not re.fullmatch(levels.NAME, name):
            answer.topics += [
                topic.strip(" `*_") for topic in re.split(r"[,;，、；]", value) if topic.strip(" `*_")
            ]
        else:
            answer.level = levels.of_value(value) or self.signs.level_of(value) or answer.level

    def without_label(self, numbers, answer):
        """The lines without “Answer:” in front of them; what closes over the answer goes as well."""
        result, count = [], 0
        for at, number in enumerate(numbers):
            line = self.lines[number]
            if number in self.code or not line.strip():
                result.append(number)
                continue
            bare = titles.plain(_HEADING.sub("", _SUMMARY.sub(r"\1", line))).text
            is_title = bool(_HEADING.match(line)) or "<summary" in line.casefold() or _is_bold(line)
            if furniture.is_label(bare) and "](" not in line and is_title and not choices.marks_answer(bare):
                answer.left.append(number)
                count += 1
                continue
            if (
                count == 0
                and "](" not in line
                and at == _first_filled(numbers, self.lines)
                and re.fullmatch(rf"{_OPENS}|(?:a|{labels.ANSWER}|solution)\s*[:：.]?", bare, re.IGNORECASE)
            ):
                answer.left.append(number)
                continue
            result.append(number)
        return result

    def markdown_of(self, numbers, indent, answer):
        """The lines as Markdown; those of which nothing stays are noted as left."""
        result, at, labelled = [], 0, False
        take = self.indent_of(numbers, indent)
        while at < len(numbers):
            number = numbers[at]
            line = _dedented(self.lines[number], take)
            if number in self.code:
                result.append(line)
                at += 1
                continue
            block = self.html_block(numbers, at)
            if block:
                text = self.of_html("\n".join(self.lines[each] for each in block)).strip("\n")
                result += ["", *text.split("\n"), ""] if text.strip() else []
                if not text.strip():
                    answer.left += block
                at += len(block)
                continue
            if not labelled and line.strip() and not any(text.strip() for text in result):
                labelled = True
                if not choices.marks_answer(line):
                    line = _LABELLED.sub("", line, count=1).lstrip() if _LABELLED.match(line) else line
            tidied = self.tidy_line(line)
            if line.strip() and not tidied.strip():
                answer.left.append(number)
                result.append("")
            else:
                result += tidied.split("\n")
            at += 1
        return result

    def tidy_line(self, line):
        summary = _SUMMARY.search(line)
        if summary and not furniture.is_label(titles.plain(summary[1]).text):
            line = _SUMMARY.sub(lambda match: f"\n**{titles.plain(match[1]).text}**\n", line)
        elif summary:
            line = _SUMMARY.sub("", line)
        return tidy(line)

    def html_block(self, numbers, at):
        """The lines of a table, a list or code in HTML that begins at `at`."""
        match = _HTML_BLOCK.match(self.lines[numbers[at]])
        if not match:
            return []
        name, depth = match[1].casefold(), 0
        for end in range(at, min(len(numbers), at + 400)):
            line = self.lines[numbers[end]].casefold()
            depth += line.count(f"<{name}") - line.count(f"</{name}")
            if depth <= 0:
                return numbers[at : end + 1]
        return []

    def indent_of(self, numbers, indent):
        """How much of the lines of an answer is no text: the indent of its item, or of a whole answer."""
        if not indent and self.is_indented:
            filled = [self.lines[number] for number in numbers if self.lines[number].strip()]
            blanks = [blank for line in filled if (blank := _blank(line))]
            least = min(blanks, key=len, default="")
            is_first = filled[:1] and _blank(filled[0])
            return len(least) if is_first and len(least.expandtabs()) >= _CODE_INDENT else 0
        if not indent:
            return 0
        first = next((number for number in numbers if self.lines[number].strip()), None)
        if first is None:
            return indent
        width = len(self.lines[first]) - len(self.lines[first].lstrip())
        return width if width >= min(indent, 2) else 0


def _are_indented(lines):
    """Whether a text indents what it says: then this is no code, as it would be in Markdown."""
    filled = [line for line in lines if line.strip()]
    inner = [line for line in filled if len(_blank(line).expandtabs()) >= _CODE_INDENT]
    is_markdown = any(line.startswith(("```", "~~~", "#")) for line in filled)
    return len(inner) > 0.5 * len(filled) and not is_markdown


def _blank(line):
    return line[: len(line) - len(line.lstrip())]


def _first_filled(numbers, lines):
    return next((at for at, number in enumerate(numbers) if lines[number].strip()), -1)


def _is_bold(line):
    found = titles.plain(line)
    return bool(found.strong) and not found.rest


def _dedented(line, width):
    blank = len(line) - len(line.lstrip())
    return line[min(blank, width) :]


def _trimmed(lines):
    """The lines as one text, without blank lines around it and more than one between."""
    result: list[str] = []
    fence = ""
    for line in lines:
        if match := _FENCE.match(line):
            fence = "" if fence and match[1].startswith(fence) else fence or match[1]
        if line.strip() or fence or (result and result[-1].strip()):
            result.append(line if fence or match else line.rstrip() + "  " * line.endswith("  "))
    first = len(result[0]) - len(result[0].lstrip()) if result else 0
    if 0 < first < 4:
        result = [_dedented(line, first) for line in result]
    return "\n".join(result).rstrip()


def tidy(line: str) -> str:
    """A line of Markdown with its HTML as Markdown, and its images as links."""
    if "<" not in line and "![" not in line:
        return line
    parts, last = [], 0
    for span in _CODE_SPAN.finditer(line):
        parts += [_tidied(line[last : span.start()]), span[0]]
        last = span.end()
    return "".join([*parts, _tidied(line[last:])]).rstrip() if parts else _tidied(line).rstrip()


def _tidied(text):
    text = _LINKED_IMAGE.sub(lambda match: _link(match["alt"], match["href"]), text)
    text = _IMAGE.sub(lambda match: _link(match["alt"], match["src"]), text)
    if "<" not in text:
        return text
    codes: list[str] = []

    def put_away(match):
        codes.append(_code(match[2]))
        return f"{_AWAY}{len(codes) - 1}{_AWAY}"

    def put_away_word(match):
        codes.append("<")
        return f"{_AWAY}{len(codes) - 1}{_AWAY}"

    text = _CODE_TAGS.sub(put_away, _COMMENT.sub("", text))
    text = _ESCAPED.sub(put_away_word, text)
    text = _IMG.sub(lambda match: _image(match[0]), text)
    text = _LINK.sub(lambda match: _link(match[4], match[1] or match[2] or match[3] or ""), text)
    for pattern, markdown in _PAIRS:
        text = pattern.sub(markdown, text)
    text = _TAG.sub("", _BREAK.sub("  \n", text))
    return re.sub(f"{_AWAY}(\\d+){_AWAY}", lambda match: codes[int(match[1])], text)


def _code(text):
    text = re.sub(r"&lt;", "<", re.sub(r"&gt;", ">", text)).replace("&amp;", "&")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _image(tag):
    found = {name.casefold(): one or two or three for name, one, two, three in _ATTRIBUTE.findall(tag)}
    return _link(found.get("alt", ""), found.get("src", ""))


def _link(text, address):
    text, address = text.strip(), address.strip().strip("<>")
    text = _TAG.sub("", text) if "<" in text else text
    if not address or address.startswith(("#", "data:", "javascript:")):
        return text
    return f"[{text or address.rpartition('/')[2][:80] or address}]({address})"
