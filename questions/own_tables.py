"""The tables of this site: their columns, and the mark before what a spreadsheet takes for a formula.

`writers` makes them and `readers` takes them back to the letter, as far as a table holds a question.
"""

import re

# The key of each column in an exact file, and its heading for people.
COLUMNS = {
    "id": "ID",
    "number": "Number",
    "question": "Question",
    "difficulty": "Difficulty",
    "topics": "Topics",
    "short_answer": "Short answer",
    "answer": "Answer",
    "key_points": "Key points",
    "weak_answer": "Weak answer",
    "follow_ups": "Follow-ups",
    "sources": "Sources",
    "status": "Status",
    "reviewed_on": "Reviewed on",
    "corrected_on": "Corrected on",
}
_TELLING = ("id", "question", "short_answer")  # tables of others have no such three columns

# What spreadsheets begin a formula with, also in the wide letters of East Asian keyboards.
_SIGNS = "=+@\t\r\n＝＋－＠-"
_FORMULA = re.compile(rf"'*[{_SIGNS}]")
_MARKED = re.compile(rf"'+[{_SIGNS}]")


def neutral(cell: str) -> str:
    """`cell` with a mark in front, if a spreadsheet could take it for a formula, or if it looks marked."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unmarked(cell: str) -> str:
    """`neutral()` taken back."""
    return cell[1:] if _MARKED.match(cell) else cell


def columns_of(names: list[str]) -> tuple[list[str], bool]:
    """The keys of the columns `names` in a table of this site, and whether it is made for spreadsheets.

    There are none where it is the table of somebody else. Columns may be moved, added or gone.
    """
    for names_of_keys, is_neutral in ((COLUMNS, True), ({key: key for key in COLUMNS}, False)):
        if all(names_of_keys[key] in names for key in _TELLING):
            keys = {name: key for key, name in names_of_keys.items()}
            return [keys.get(name, "") for name in names], is_neutral
    return [], False
