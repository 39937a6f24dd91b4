"""What a page says to search engines, in the words of schema.org."""

import re
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

from django.conf import settings
from django.utils.translation import gettext as _

_LINK = re.compile(r'(<a [^>]*?href=")([^"]*)')
_VOICE = re.compile(r"<span[^>]*>|</span>")  # of highlighted code
_PROSE = {"p", "li", "blockquote"}
_NO_PROSE = {"pre", "math", "table", "h3", "h4", "h5", "h6", "sup"}


def absolute(path):
    """`path` at the one public address."""
    return f"{settings.SITE_URL}{path}"


def absolute_links(html, path):
    """The stored `html` of the page at `path`, whose links hold wherever it is read."""

    def whole(match):
        return match[1] + escape(urljoin(absolute(path), unescape(match[2])))

    return _LINK.sub(whole, html)


def summary(html, length):
    """One line of prose from stored `html`, without code, formulas and tables; empty where that is all."""
    reader = _Prose()
    reader.feed(html)
    reader.close()
    text = " ".join(reader.sentences())
    if len(text) <= length:
        return text
    cut = text[:length].rpartition(" ")[0]
    # A script without spaces, or one endless word, is cut anywhere.
    return (cut if len(cut) > length / 2 else text[: length - 1]).rstrip(",;:– ") + "…"


class _Prose(HTMLParser):
    """Collects the text of each paragraph and list item."""

    def __init__(self):
        super().__init__()
        self.items = self.skipped = 0  # depths
        self.blocks = []  # of (whether it is in a list, the parts of its text)
        self.begin()

    def begin(self):
        self.blocks.append((self.items > 0, []))

    def handle_starttag(self, tag, attrs):
        self.items += tag == "li"
        self.skipped += tag in _NO_PROSE
        if tag in _PROSE:
            self.begin()
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag):
        self.items -= tag == "li"
        self.skipped -= tag in _NO_PROSE
        if tag in _PROSE:
            self.begin()

    def handle_data(self, data):
        if not self.skipped:
            self.blocks[-1][1].append(data)

    def sentences(self):
        blocks = [(is_item, " ".join("".join(parts).split())) for is_item, parts in self.blocks]
        blocks = [block for block in blocks if block[1]]
        for number, (is_item, text) in enumerate(blocks, start=1):
            follower = number < len(blocks) and blocks[number][0]
            if text[-1].isalnum() or text[-1] in ")”’»'\"":
                text += ";" if is_item and follower else "."
            yield text


def breadcrumbs(pages, here):
    """A BreadcrumbList of `pages` ({name, path}) and, last, the name of the page itself."""
    items = [{"name": page["name"], "item": absolute(page["path"])} for page in pages]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, **item}
            for position, item in enumerate([*items, {"name": here}], start=1)
        ],
    }


def question_and_answer(question):
    """The question as a quiz of one card: its answer is the editors', not one of a community's."""
    address = absolute(question.get_absolute_url())
    answer = absolute_links(_VOICE.sub("", question.answer_html), question.get_absolute_url())
    return {
        "@context": "https://schema.org",
        "@type": "Quiz",
        "name": question.text,
        "url": address,
        "author": {"@type": "Organization", "name": _("Interview Prep"), "url": settings.SITE_URL},
        "datePublished": (question.published_at or question.created).isoformat(),
        "dateModified": question.updated.isoformat(),
        "hasPart": {
            "@type": "Question",
            "eduQuestionType": "Flashcard",
            "text": question.text,
            "acceptedAnswer": {"@type": "Answer", "text": answer},
        },
    }
