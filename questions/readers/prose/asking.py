"""How surely a line asks: by its question mark, or by the words that people ask with, in their languages.

The words are those that a question begins with. Chinese, Japanese and Korean ask anywhere in the line.
"""

import re

_ADDRESS = re.compile(r"https?://\S+")
_ENDS_ASKING = re.compile(r"[?？؟][\s\"'”’»)\]*!.…]*$|\?\s*\([^()?]{1,60}\)$")
_INTERROGATIVE = re.compile(
    r"(?:(?:in|on|at|by|for|to|from|under|with|of|about)\s+)?(?:what|what['’]s|whats|how|how['’]s|why|when|"
    r"where|which|who|whom|whose|is|are|can|could|does|do|did|should|would|will|have|has|had|was|were|am|may)\b"
    # Russian and Ukrainian
    r"|(?:(?:в|во|о|об|за|из|на|по|с|к|для|від|з|у)\s+)?(?:что|чего|чем|чему|чём|как|какой|какая|какое|какие|"
    r"каких|каким|какими|какую|каков|какова|каковы|почему|зачем|когда|где|кто|кого|сколько|куда|откуда|що|"
    r"чому|як|який|яка|яке|які|коли|де|хто|навіщо)\b|\w+ ли\b"
    # Spanish, Portuguese, Italian
    r"|¿|(?:(?:en|em|de|para|por|con|com)\s+)?(?:qué|cuál|cuáles|cómo|cuándo|cuánt[oa]s?|dónde|quién|quiénes|"
    r"o que|o quê|por ?qu[eéê]|qual|quais|como|quando|onde|quem|che cos['’]?è?|cosa|perché|quali)\b"
    # French, German
    r"|(?:qu['’]\w+|quels?|quelles?|pourquoi|quand|où|comment \w+[- ](?:on|vous|tu)|est[- ]ce que)\b"
    r"|(?:wie|warum|wieso|weshalb|wann|wo|wer|wen|wem|welche[rsnm]?|worin|wozu|womit|wodurch|wofür)\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"(?:please\s+)?(?:explain|describe|define|tell|list|name|compare|contrast|give|write|implement|design|"
    r"discuss|mention|differentiate|difference|differences|distinguish|state|show|walk|talk|suppose|imagine|"
    r"given|create|find|reverse|convert|calculate|compute|outline|enumerate|provide|demonstrate|identify|"
    r"derive|prove|sketch|draw|estimate|print|check|count|remove|sort|swap|predict|guess|solve|generate|"
    r"construct|optimi[sz]e|evaluate|true or false|let['’]s|make|say|briefly|share|elaborate|justify|"
    r"illustrate)\b"
    # Russian and Ukrainian
    r"|(?:объясни|расскажи|опиши|назови|перечисли|приведи|напиши|сравни|реализуй|покажи|поясни)(?:те)?\b"
    r"|дайте\b|(?:разница|отличи[ея]|различи[ея]|різниця|поясніть|опишіть|назвіть|порівняйте|розкажіть)\b"
    # Spanish, Portuguese, Italian
    r"|(?:expli[cq]u?[ae]r?|defin[ae]|descri?b[ae]|descreva|diferen(?:cia|ça)s?|mencion[ae]|cit[ae]|"
    r"enumer[ae]|nombra|nomeie|cuénta(?:me|nos)|conte(?:-me)?|fale|háblame|háblanos|compar[ae]|implement[ae]|"
    r"escrib[ae]|escreva|spiega|descrivi|differenz[ae])\b"
    # French, German
    r"|(?:expliquez|décrivez|définissez|citez|comparez|donnez|différences?|parlez)\b"
    r"|(?:erklär(?:e|en|t)|beschreib(?:e|en|t)|nenn(?:e|en|t)|unterschiede?|vergleich(?:e|en)|"
    r"definier(?:e|en))\b",
    re.IGNORECASE,
)
# Written without spaces: Chinese, Japanese; Korean ends its words by what they do.
_ANYWHERE = re.compile(
    r"什么|什麼|为何|为啥|為什麼|如何|怎么|怎麼|怎样|哪些|哪种|哪个|哪几|区别|區別|差别|异同|吗$|呢$|是否|有何|几种"
    r"|^(?:请|請|说说|说一|说下|谈谈|谈一|谈下|讲讲|讲一|讲下|聊聊|介绍[一下]|解释|描述|简述|阐述|列举|比较|对比|手写"
    r"|写出|写一)"
    r"|とは$|何です|なぜ|どのよう|違い|説明し|ですか|ますか|でしょうか"
    r"|무엇|무슨|어떻게|어떤|차이|설명하|란$|이란|인가요|나요|까요|는가"
)
# “Event loop: explain how it works”, but “Step 2: create it”, too.
_LABEL = re.compile(r"[^:：?]{1,40}[:：]\s+")
_LONGEST = 120  # characters of a line of Chinese that is a title, and no text


def asks(text: str) -> float:
    """How surely `text` asks: 1 for a question mark, less for words that may ask, 0 for none."""
    if "://" in text:
        text = _ADDRESS.sub("", text).strip()
    if found := _asks(text):
        return found
    label = _LABEL.match(text)
    return 0.5 if label and _asks(text[label.end() :]) else 0.0


def _asks(text):
    if _ENDS_ASKING.search(text):
        return 1.0
    if _IMPERATIVE.match(text):
        return 0.8
    if _INTERROGATIVE.match(text) or "?" in text:
        return 0.7
    return 0.7 if not text.isascii() and len(text) < _LONGEST and _ANYWHERE.search(text) else 0.0
