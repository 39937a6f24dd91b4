"""Difficulty as people mark it: words, emoji, stars, circles, `2/5`; in titles, sections and columns."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

EASY, MEDIUM, HARD = "easy", "medium", "hard"

_WORDS = {
    EASY: "easy easiest beginner beginners basic basics junior jr entry entry-level novice simple fresher "
    "freshers fundamental fundamentals elementary starter trainee foundational warm-up warmup intro "
    "лёгкий легкий лёгкие легкие лёгкая легкая простой простые начальный начальные básico básica básicos "
    "básicas fácil fáceis fáciles principiante principiantes iniciante débutant facile einfach leicht "
    "anfänger 简单 初级 基础 入门 初級 簡單 쉬움 초급",
    MEDIUM: "medium intermediate intermediates mid mid-level middle moderate average regular normal "
    "средний средние средняя intermedio intermedia intermedios intermediário intermediária medio médio "
    "media pleno intermédiaire moyen mittel 中等 中级 进阶 中級 進階 보통 중급",
    HARD: "hard hardest advanced senior sr expert experts difficult experienced guru tough challenging "
    "master lead principal staff complex "
    "сложный сложные сложная трудный трудные продвинутый продвинутые avanzado avanzada avanzados avançado "
    "avançada avançados difícil difíceis difíciles avancé difficile schwer fortgeschritten experte "
    "困难 高级 困難 高級 上級 较难 어려움 고급",
}
_LEVELS = {word: level for level, words in _WORDS.items() for word in words.split()}
# Words that mean a level wherever they stand in a heading; the others have other meanings as well.
_PLAIN = frozenset(
    "easy beginner beginners junior fresher freshers entry-level novice medium intermediate mid-level "
    "senior expert experts experienced advanced hard basic basics middle "
    "básico básicas básicos intermedio intermediário avanzado avançado débutant 初级 中级 高级 初級 中級 "
    "高級 进阶".split()
)
_AROUND = frozenset(  # what stands around a level without changing what it says
    "level difficulty question questions interview for candidates candidate developer developers "
    "q&a answers and the top most asked common tier stage part rated rating years year yoe "
    "programmer programmers engineer engineers professionals "
    "уровень сложность вопрос вопросы nivel nível niveau pregunta preguntas pergunta perguntas".split()
)

_PICTURE = (
    "[\u00a9\u00ae\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
)
_MODIFIER = "[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff\u20e3]"
EMOJI = f"(?:{_PICTURE}{_MODIFIER}*(?:\u200d{_PICTURE}{_MODIFIER}*)*)"  # with skin tones and joiners
_EMOJI = re.compile(EMOJI)
_DECORATION = re.compile(f"{_MODIFIER}|\u200d[\u2640\u2642]")
_SIGNS = {
    **dict.fromkeys("👶🐣🌱🟢💚🍼🐥🧒", EASY),
    **dict.fromkeys("🟡💛🟠🧡🟨🟧🔶", MEDIUM),
    **dict.fromkeys("🔴🚀🔥💀🟥🧠💣🏆🌋", HARD),
    **dict.fromkeys("🟩", EASY),
    **dict.fromkeys(["🧑\u200d🎓", "👨\u200d🎓", "👩\u200d🎓"], EASY),
    **dict.fromkeys(["🧑\u200d💻", "👨\u200d💻", "👩\u200d💻"], MEDIUM),
    **dict.fromkeys(
        ["🧑\u200d🔬", "👨\u200d🔬", "👩\u200d🔬", "🧑\u200d🚀", "👨\u200d🚀", "👩\u200d🚀", "🧙"], HARD
    ),
}
_COUNTED = "⭐★🌟✪✭🌶🔥"
_UNLIT = "☆✩⚝"
_SHORTCODES = {
    ":star:": "⭐",
    ":star2:": "🌟",
    ":green_circle:": "🟢",
    ":yellow_circle:": "🟡",
    ":orange_circle:": "🟠",
    ":red_circle:": "🔴",
    ":large_orange_diamond:": "🔶",
    ":baby:": "👶",
    ":rocket:": "🚀",
    ":fire:": "🔥",
    ":hot_pepper:": "🌶",
}
_SHORTCODE = re.compile(r":[a-z0-9_+-]{2,40}:")

_OF_TOTAL = re.compile(r"(\d{1,2})\s*(?:/|of|out of)\s*(\d{1,2})")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|&)*(?:-[^\W\d_]+)*\.?")
_CHINESE_END = re.compile(
    r"(?<=..)(?:[难難]度|级别|面试|部分|题目|题|問題|问题|篇|編|문제)+$"
)  # “basic questions”
_BRACKETED = r"[(\[{【<（]\s*(?P<inside>[^()\[\]{}【】（）<>]{1,40}?)\s*[)\]}】>）]"
_AT_END = re.compile(rf"\s*{_BRACKETED}\s*[.:]?\s*$")
_AT_START = re.compile(rf"^\s*{_BRACKETED}\s*[:–—-]?\s+")
_IN_CODE = re.compile(r"\s*`(?P<inside>[^`]{1,30})`\s*$")
_AFTER_DASH = re.compile(r"\s*(?:\s[–—|:·•-]+|[–—|·•])\s*(?P<inside>[\w!*/ .⭐★☆-]{1,30}?)\s*$")
_AFTER_MARK = re.compile(r"(?<=[?.!？。])\s*(?P<inside>[A-Za-z][A-Za-z -]{2,20})$")
_EMOJI_AT_END = re.compile(f"(?:\\s*(?:{EMOJI}|[{_UNLIT}]|:[a-z0-9_+-]{{2,40}}:))+\\s*$")
_EMOJI_AT_START = re.compile(f"^(?:\\s*(?:{EMOJI}|[{_UNLIT}]|:[a-z0-9_+-]{{2,40}}:))+\\s*")
NAME = (  # what people call a difficulty
    r"(?:(?:difficulty|level|complexity|seniority|rating)(?: level)?|сложность|уровень(?: сложности)?|"
    r"dificultad|dificuldade|nivel|nível|difficulté|niveau|schwierigkeit|难度|難度|级别|難易度|난이도)"
)
_LABEL = re.compile(rf"{NAME}\s*[:：=–—-]\s*", re.IGNORECASE)


def of_words(text: str) -> str:
    """The level that `text` means if it says nothing but a level: “Hard”, “Level: senior”, “for freshers”."""
    words = _words(_LABEL.sub("", text.casefold()))
    levels = {_LEVELS[word] for word in words if word in _LEVELS}
    others = [word for word in words if word not in _LEVELS and word not in _AROUND]
    return levels.pop() if len(levels) == 1 and not others else ""


def _words(text):
    return [_CHINESE_END.sub("", word.rstrip(".")) for word in _WORD.findall(text)]


def of_section(heading: str) -> tuple[str, bool]:
    """The level that a section's heading names, and whether it names nothing else.

    “Senior sysadmin” names a level if its neighbours name others: the caller has to see that.
    """
    words = _words(_SHORTCODE.sub("", heading.casefold()))
    levels = {_LEVELS[word] for word in words if word in _PLAIN}
    if not levels and len(words) <= 2:
        levels = {_LEVELS[word] for word in words if word in _LEVELS}
    if len(levels) != 1 or len(words) > 8:
        return "", False
    return levels.pop(), bool(of_words(heading))


_GRADES = {  # of a difficulty, where that word says what it is of
    **dict.fromkeys("low lower низкая низкий baja baixa faible gering niedrig 低".split(), EASY),
    **dict.fromkeys("中".split(), MEDIUM),
    **dict.fromkeys("high higher высокая высокий alta élevée hoch 高".split(), HARD),
}


def of_value(value: str) -> str:
    """The level that a cell or an attribute holds, in any of the ways that people mark it."""
    value = value.strip()
    if value.isdigit() and 1 <= int(value) <= 5:
        return {1: EASY, 2: MEDIUM, 3: HARD, 4: HARD, 5: HARD}[int(value)]
    grade = _GRADES.get(value.strip(" *_.!").casefold(), "")
    return of_words(value) or grade or of_number(value) or Signs().level_of(value)


def of_number(text: str) -> str:
    """The level that `2/5` or `3 of 3` means."""
    match = _OF_TOTAL.search(text)
    if not match or not 0 < int(match[1]) <= int(match[2]) or int(match[2]) < 3:
        return ""
    return of_share(int(match[1]), int(match[2]))


def of_share(number: int, total: int) -> str:
    """The level at `number` of `total` steps."""
    place = (number - 0.5) / total
    return EASY if place < 1 / 3 else MEDIUM if place < 2 / 3 else HARD


@dataclass
class Signs:
    """What the emoji of one document mean: by its own legend where it has one, else by custom."""

    legend: dict[str, str] = field(default_factory=dict)
    most_stars: int = 3

    @classmethod
    def of(cls, lines: Iterable[str]) -> "Signs":
        """The signs of a document with these lines."""
        signs, most = cls(), 3
        for line in lines:
            if line.isascii() and ":" not in line:
                continue
            line = with_emoji(line)
            if not signs.legend:
                signs.legend = _legend(line)
            for run in _STARS.findall(line):
                most = max(most, len(run) - run.count("\ufe0f"))
        signs.most_stars = min(most, 5)
        return signs

    def level_of(self, text: str) -> str:
        """The level that the emoji in `text` stand for."""
        found = _EMOJI.findall(with_emoji(text))
        names = [_DECORATION.sub("", sign) for sign in found]
        for name in names:
            if level := self.legend.get(name):
                return level
        lit = sum(name in _COUNTED for name in names)
        unlit = sum(text.count(sign) for sign in _UNLIT)
        if lit and (unlit or "⭐" in names or "★" in names or "🌟" in names or lit > 1):
            return of_share(lit, max(lit + unlit if unlit else self.most_stars, lit))
        return next((_SIGNS[name] for name in names if name in _SIGNS), "")


_STARS = re.compile("(?:[⭐★🌟]\ufe0f?){2,5}")


def with_emoji(text: str) -> str:
    """`text` with the emoji that short codes such as `:star:` stand for."""
    return _SHORTCODE.sub(lambda code: _SHORTCODES.get(code[0], code[0]), text) if ":" in text else text


def _legend(line):
    """`{emoji: level}` of a line such as “Legend: 👶 easy ⭐️ medium 🚀 expert”."""
    parts = re.split(f"({EMOJI})", line)
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for text, sign, following in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
        name = _DECORATION.sub("", sign)
        if level := of_words(following):
            after.setdefault(name, level)
        if level := of_words(text):
            before.setdefault(name, level)
    found = after if len(after) >= len(before) else before
    return found if len(set(found.values())) > 1 else {}


# Titles


def split(title: str, signs: Signs) -> tuple[str, str]:
    """`title` without its mark of difficulty, and the difficulty."""
    level = ""
    for _ in range(4):  # a title may have several marks, one behind the other
        rest, found = _without_mark(title, signs)
        if rest == title:
            break
        title, level = rest, level or found
    return title, level


def _without_mark(title, signs):
    for at in (_EMOJI_AT_END, _EMOJI_AT_START):
        if (match := at.search(title)) and match[0].strip() and match[0].strip() != title.strip():
            return (title[: match.start()] + title[match.end() :]).strip(), signs.level_of(match[0])
    for at in (_AT_END, _AT_START, _IN_CODE, _AFTER_DASH, _AFTER_MARK):
        match = at.search(title)
        if not match or match[0].strip() == title.strip():
            continue
        if level := _of_mark(match["inside"], signs):
            return (title[: match.start()] + " " * (at is _AT_START) + title[match.end() :]).strip(), level
    return title, ""


def _of_mark(inside, signs):
    inside = inside.strip("!*_# ")
    if level := of_words(inside):
        return level
    bare = _EMOJI.sub("", inside).strip(f"{_UNLIT}. ")
    if not bare or of_words(bare):
        return of_words(bare) or signs.level_of(inside)
    labelled = _LABEL.match(inside)
    if labelled or _OF_TOTAL.fullmatch(inside):
        value = inside[labelled.end() :] if labelled else inside
        return of_number(value) or of_value(value)
    return ""
