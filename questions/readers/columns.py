"""The names that people give to the columns of a table, and to the keys of an object."""

import re
from typing import NamedTuple


class Columns(NamedTuple):
    """What somebody says that the columns of a table hold, and whether its first row names them."""

    roles: list[str]
    has_head: bool = True


_NAMES = {
    "uid": "id uid guid key identifier questionid cardid",
    "question": "question q questions questiontext text prompt front ask problem questiontitle query card "
    "interviewquestion title name term statement questiondescription instruction вопрос pregunta pergunta "
    "frage "
    "问题 問題 题目 질문",
    "answer": "answer a answers answertext response back solution reply definition sampleanswer modelanswer "
    "idealanswer expectedanswer acceptedanswer answerexplanation body description explanation content output "
    "completion ответ respuesta resposta réponse antwort 答案 回答 解答 답변",
    "difficulty": "difficulty level difficultylevel complexity seniority grade hardness experiencelevel "
    "сложность "
    "уровень dificultad dificuldade nivel nível difficulté niveau schwierigkeit 难度 級别 级别 난이도",
    "topics": "topics topic tags tag subject subjects skill skills area section technology keywords subtopic "
    "chapter module category categories domain theme themes subjectname topicname тема темы теги категория "
    "раздел "
    "tema temas categoría categoria thème catégorie thema 分类 标签 类别 知识点 주제",
    "key_points": "keypoints keypoint points mustmention takeaways keytakeaways highlights goodtohear",
    "options": "options choices alternatives answeroptions possibleanswers",
    "correct": "correct correctanswer correctoption correctchoice rightanswer rightoption solutionkey key "
    "answerkey correctindex correctanswers answerindex cop",
    "wrong": "incorrectanswers wronganswers incorrectoptions incorrect wrong distractors",
    "explanation": "explanation rationale reason why comment explain justification feedback exp example "
    "examples",
    "code": "code codeexample codesnippet codeblock snippet",
    "number": "no number nr num index sno srno serial serialnumber n row questionno questionnumber",
}
_ROLES: dict[str, str] = {}
_RANKS: dict[str, int] = {}  # of a name among those of its role: the first are the surest
for _role, _words in _NAMES.items():
    for _rank, _word in enumerate(_words.split()):
        _ROLES.setdefault(_word, _role)
        _RANKS.setdefault(_word, _rank)
_OPTION = re.compile(
    r"(?:option|choice|alternative|opt?|ans|answer)?[ _-]?(?P<letter>[a-h1-8])", re.IGNORECASE
)


def role_of(name: str) -> str:
    """What a column of this name holds: `question`, `answer`, …, `option b`; empty if nothing usual."""
    name = name.strip().strip("*_` :#?.")
    word = folded(name)
    if role := _ROLES.get(word) or (_ROLES.get(word.removesuffix("s"), "") if len(word) > 3 else ""):
        return role
    if match := _OPTION.fullmatch(name):
        letter = match["letter"].casefold()
        return f"option {letter if letter.isalpha() else 'abcdefgh'[int(letter) - 1]}"
    return ""


def best_roles(names: list[str]) -> list[str]:
    """The role of each column; where several may be the question or the answer, the surest is."""
    roles = [role_of(name) for name in names]
    if {"option b", "option c"} <= set(roles):
        roles = ["option a" if folded(name) == "a" else role for name, role in zip(names, roles, strict=True)]
    for role, otherwise in {"question": "", "answer": "explanation", "uid": "", "correct": ""}.items():
        places = [at for at, each in enumerate(roles) if each == role]
        for at in sorted(places, key=lambda at: _RANKS.get(folded(names[at]), 0))[1:]:
            roles[at] = otherwise
    return roles


def folded(name: str) -> str:
    """A name without case, marks and what stands in brackets behind it."""
    return re.sub(r"[\W_]", "", re.sub(r"\s*[(\[].*[)\]]\s*$", "", name.casefold()))
