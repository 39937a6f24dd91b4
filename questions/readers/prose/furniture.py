"""What stands in a page beside its questions: contents, ways back to the top, advertisements, labels.

Each list below holds the phrases that people use, as regular expressions.
"""

import re

from ... import text as texts
from . import labels, titles


def _pattern(*phrases):
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.IGNORECASE)


_BACK = _pattern(
    r"(?:back|return|go|jump|scroll)\s+(?:back\s+)?(?:up\s+)?to\s+(?:all\s+|the\s+)?(?:top|toc|contents?|index"
    r"|table of contents|main|topics|questions?(?: list)?|list|home|menu|start)",
    r"(?:to )?top|up|toc|(?:table of )?contents|index|home",
    r"(?:previous|prev|next)(?:\s+question)?",
    r"(?:вернуться )?(?:к|в|на|↑)?\s*(?:оглавлени[юе]|содержани[юе]|началу?|верх|список|главную)|наверх|"
    r"назад",
    r"(?:volver|subir|ir|voltar)(?: (?:al?|ao|para o))?(?: (?:inicio|início|índice|menú|menu|topo|arriba|"
    r"contenido|sumário))?|inicio|índice|retour(?: (?:en haut|au sommaire))?|haut de page|sommaire|nach oben|"
    r"zurück(?: .*)?",
    r"(?:返回|回到|回|跳转)(?:到)?(?:顶部|目录|首页|开头|上一级|上一页)|目录|顶部|トップへ|목차(?:로)?|"
    r"맨 위로",
)
_BESIDE = _pattern(r"(?:(?:edit|improve|report|share|discuss|comment|suggest|fix|flag)\b[\w ]{0,40})?")
_APART = re.compile(r"&nbsp;|\s[/|•·–—-]\s|\s{3,}|\u00a0+")
_ARROW = re.compile(r"[⬆↑↥⇧^]|back|return", re.IGNORECASE)

_ADVERTISEMENT = _pattern(
    r"\bsponsor(?:ed|s|ship)?\b(?:\s+by\b|\s*:)",
    r"\bour sponsors?\b",
    r"^\W*(?:advertisement|ad|promoted|sponsors?)\W*$",
    r"\d+\s?% off\b",
    r"\benrol+ (?:now|today)\b",
    r"\bsign up (?:now|today|for free)\b",
    r"\bsubscribe (?:to (?:my|our|the (?:channel|newsletter|blog))|for (?:more|free|updates)|now|here)\b",
    r"\bfollow (?:me|us) on\b",
    r"\b(?:give|leave|drop) (?:it |us |this (?:repo|project) )?a (?:⭐|star)",
    r"\bstar (?:us\b|this (?:repo|project|page|list|guide))",
    r"\bclick\b.{0,30}\bif you like\b",
    r"\bbuy me a coffee\b",
    r"\b(?:explore|find|see) all \d+\b",
    r"\bjoin (?:our|my|the) (?:telegram|discord|whatsapp|newsletter|community|slack)\b",
    r"\bread the (?:full|detailed|complete)\b",
)
_OFFER = re.compile(r"\b(?:discount|coupon|promo(?:tion)?)(?: code)?s?\b", re.IGNORECASE)
_BARGAIN = re.compile(
    r"\d\s?%|[$€£₹]\s?\d|\d\s?[$€£₹]|!|\b[A-Z]{3,}\d{1,3}\b|🎉|🔥|💰"
)  # an offer has one of these
_ONLY_A_LINK = re.compile(r"^\W*(?:\[|<a\b|<img\b)", re.IGNORECASE)

_LABEL = _pattern(
    r"(?:click|tap)\b.*",
    rf"{labels.SHOW}\s+(?:me\s+)?(?:the\s+|full\s+|my\s+|la\s+|a\s+)?"
    rf"(?:{labels.ANSWER}|{labels.SOLUTION}|explanation|more|hint|code|details|response)\b.*",
    rf"{labels.SHOW}{labels.ANSWER}",
    r"(?:the\s+)?(?:correct|right|sample|model|short|detailed|suggested|expected|possible|quick|best|ideal|my|long)?"
    rf"\s*(?:{labels.ANSWER}|a|{labels.SOLUTION}|explanation|explained|response|hint|reply)s?(?:\s*#?\d+)?"
    r"(?:\s*(?:[:：–—(]|-\s).*|\s+[a-h])?",
)
_NEUTRAL = re.compile(
    r"(?:(?:code |real[- ]world |time |space )?(?:output|example|code|approach|note|complexity|syntax|"
    r"usage|explanation|summary|pros|cons|advantage|disadvantage|benefit|step|test case|constraint|input|"
    r"definition|overview|detail|follow[- ]?up|tip|source|why|how|comparison|use case|tl;?dr|conclusion|"
    r"analogy|implementation|diagram|method|(?:key )?(?:point|takeaway)|(?:useful |ref(?:erence)? )link|"
    r"(?:additional )?resource|reference)s?|example code)(?:\s*\d+)?(?:\s*[:–—(-].*)?",
    re.IGNORECASE,
)
# What a page calls itself. Without one of these, “How to use the …?” and “What is this …?” ask something.
_PAGE = (
    r"(?:repo|repository|project|list|guide|book|e-?book|course|article|page|post|site|website|document|"
    r"collection|questions?|resources?|material|handbook|cheat ?sheet|bank|series|channel|tutorial|app)"
)
# “The” may be followed by any of these in a question: “How to use the document object?”
_THIS_PAGE = (
    rf"(?:(?:this|these|our|my) (?:\w+ ){{0,2}}{_PAGE}"
    r"|the (?:repo|repository|guide|e-?book|handbook|cheat ?sheet))"
)
_LINKS = (
    r"(?:table of )?contents?|toc|index|bibliography|sources|references?|resources|credits",
    r"further reading|(?:see|read) also|related(?: (?:\w+ )?(?:links?|articles?|posts?|questions?|topics?|"
    r"reading|resources?|projects?|repositories|repos|content|courses?|guides?|pages?|lists?|blogs?)\b.*)?",
    r"(?:useful|helpful|other|more|external|additional) (?:links?|resources|reading)",
)
_CLOSED = _pattern(*_LINKS, r"licen[cs]e|sponsors?|acknowledge?ments?|contribut\w+|support|contact")
_STOP = _pattern(
    *_LINKS,
    r"quick links|navigation|languages?|list of (?:available )?(?:languages|contents)|more questions",
    r"contribut\w*(?: (?:to|guide\w*|rules|and|&|your|by)\b.*)?",
    r"licen[cs](?:e|ing)(?: (?:and|&|info\w*)\b.*)?",
    r"(?:our |my )?sponsor(?:s|ed|ing)?(?: (?:by|this|us|me|of)\b.*)?",
    r"support(?: (?:this|the|us|me|my|our)\b.*|ers?)?",
    r"acknowledge?ments?|thanks(?: (?:for|to (?:all|our|the|every\w*|my))\b.*)?|donat(?:e|ions?)\b.*",
    r"how to contribute\b.*|how (?:to|do i|can i|should i) (?:use|read|run|study|navigate|start with|"
    rf"prepare with|get started with) (?:it|{_THIS_PAGE})\b.*",
    r"how to (?:use(?: this| it)?|start|read this|study|get started|prepare|run)",
    r"how to prepare for\b.*\binterviews?",
    r"authors?|maintainers?|community|contact(?: (?:me|us|info\w*|details)\b.*)?",
    rf"about(?: (?:me|us|(?:the )?authors?\b.*|{_THIS_PAGE}\b.*|this|the {_PAGE}))?|disclaimers?",
    r"installation|getting started|prerequisites|change ?log|version history|roadmap|updates?|news|todo",
    rf"star history|stargazers.*|downloads?(?: (?:now|free|pdf|as|{_THIS_PAGE})\b.*)?",
    r"follow(?: (?:me|us|on|for|the author)\b.*)?|feedback|legend|recently added.*|newsletter",
    r"comments?",
    r"содержание|оглавление|лицензия|(?:полезные )?(?:ссылки|материалы)|литература|источники|авторы?|"
    r"как помочь",
    r"(?:tabla de )?contenidos?|índice|sumário|conteúdo|licen[cç]ia|licença|enlaces(?: útiles)?|referencias|"
    r"referências|(?:cómo |como )?contribui?r(?: .*)?|recursos|agradecimientos|agradecimentos|autor(?:es|a)?",
    r"inhalt(?:sverzeichnis)?|lizenz|sommaire|table des matières|licence",
    r"目录|前言|参考(?:资料|文献|链接)?|许可证|贡献(?:指南)?|致谢|关于(?:作者|本项目)?|联系(?:方式|我)?|"
    r"更新日志|目次|목차",
    r"found (?:a|an|any) (?:\w+ )?(?:mistake|bug|error|typo|issue|problem)\b.*",
    r"enjoy\w*|share(?: (?:this|it|on)\b.*)?",
    rf"(?:do|did) you (?:like|find|enjoy|want)\b.*\b{_THIS_PAGE}\b.*",
    r"(?:do|did) you (?:like|find|enjoy)\b.*\b(?:this|it) (?:useful|helpful)\b.*",
    r"(?:do|did) you (?:like|enjoy|want)(?: (?:this|it|more|to (?:contribute|help|learn more|support)\b.*))?",
    rf"(?:did you know(?: how)?|enjoy\w*|like) (?:this|what you|that)\b.*|enjoy\w* {_THIS_PAGE}\b.*",
    r"need (?:more )?help.*|(?:any|have|got)(?: an?| any| more)? questions?\W*",
    r"what (?:you can|to|do you|should you|can you|we) (?:do|read|learn) next"
    r"(?: (?:after|with|if|once)\b.*)?",
    r"what next|keep learning.*",
    r"(?:have|has) (?:a |any |more )?(?:doubts?\b.*|questions?(?: (?:or|about|on|in|for (?:me|us))\b.*)?)",
    r"want more\b.*",
    r"(?:want|wish|ready) to (?:contribute|help|support|join|start|begin|dive|practi[cs]e|ace|level|take|get|"
    r"learn|know|become|master|crack)\b.*",
    r"looking for (?:more|an?|other|help|(?:the )?answers?)"
    r"(?: (?:job|developers?|engineers?|work|questions?)\b.*)?",
    r"interested in (?:contributing|joining|helping|learning|more|working)\b.*",
    rf"why (?:this|these) {_PAGE}\b.*",
    rf"what(?:'s| is) (?:inside|next|covered|(?:in )?this|(?:in |inside )?{_THIS_PAGE}\b.*)",
    r"what(?:'s| is) this (?:all )?about",
    r"where to (?:go|start)(?: (?:next|now|from here))?",
    rf"who is (?:this|it|{_THIS_PAGE}) for\b.*|who should (?:read|use|take|buy) (?:this|it|these)\b.*",
    r"was this (?:page|helpful|article)\b.*",
    r"conclusion|wrap(?:ping)? up|final (?:thoughts|words)|next steps|preface|foreword|more",
    r"frequently asked questions|faqs?",
)
_AROUND = re.compile(r"^[\W_]+|[\s:.]+$")


def _bare(text):
    return texts.line(_AROUND.sub("", titles.without_prefix(text.strip())[0]))


def is_way_back(line: str) -> bool:
    """Whether a line only leads elsewhere in the page: “[⬆ Back to top](#contents) / [Edit](…)”."""
    if not line.strip() or len(line) > 600:
        return False
    is_link = "](" in line or "href" in line.casefold()
    parts = [titles.plain(part).text for part in _APART.split(line)] if is_link else [line]
    words = [bare for part in parts if (bare := part.strip(_NO_WORDS))]
    back = [part for part in words if _BACK.fullmatch(part)]
    if not back or not all(part in back or _BESIDE.fullmatch(part) for part in words):
        return False
    return is_link or bool(_ARROW.search(line))


_NO_WORDS = " \t*_[]()<>^⬆↑↥⇧🔝✏️\ufe0f.:#-–—|/"  # around the words of a way back


def is_advertisement(line: str) -> bool:
    """Whether a paragraph sells something, or asks for stars and followers."""
    if len(line) > 600:
        return False
    words = titles.plain(line).text
    found = _ADVERTISEMENT.search(words) or (_BARGAIN.search(words) and _OFFER.search(words))
    if found:
        # An answer may say “subscribe to” or “discount”, too: it does not begin with it, nor cry.
        is_link = any(sign in line for sign in ("](", "href", "http"))
        is_begun = found.start() <= 2 or "!" in words or "⭐" in words
        return (is_link and found.start() <= 60) or (is_begun and len(words) < 100)
    return "utm_" in line and len(words) < 120 and bool(_ONLY_A_LINK.match(line))


def is_label(text: str) -> bool:
    """Whether a title only says that an answer follows: “Answer”, “Show solution”, “Answer: D”."""
    bare = _bare(text)
    if bare.endswith("?") and len(bare.split()) > 3:
        return False  # “Read more: what is it?”
    return bool(_LABEL.fullmatch(bare))


def is_neutral(text: str) -> bool:
    """Whether a heading is a usual part of an answer, at whatever level it stands."""
    return is_label(text) or bool(_NEUTRAL.fullmatch(_bare(text)))


def is_stop(text: str) -> bool:
    """Whether a heading begins something that is neither a question nor a subject."""
    return bool(_STOP.fullmatch(_bare(text).rstrip(" ?!")))


def is_closed(text: str) -> bool:
    """Whether the list below a heading leads elsewhere, and so asks nothing."""
    return bool(_CLOSED.fullmatch(_bare(text)))
