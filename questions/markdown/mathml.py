"""What a printer does to a formula: names upright and set apart, brackets as tall as what they hold.

Works on the tree of the converter, whose references (`&#x00028;`) are still to be replaced.
"""

import re
from html import unescape
from xml.etree.ElementTree import Element

_ROWS = frozenset("math mrow mtd mstyle mpadded mphantom msqrt menclose".split())
_SCRIPTED = frozenset("msub msup msubsup munder mover munderover".split())
_TALL = frozenset("mfrac msqrt mroot munder munderover mtable".split())
_BARS = "|‖"
# A half-open interval is a pair as well.
_CLOSING = {"(": ")]", "[": ")]", "{": "}", "⌊": "⌋", "⌈": "⌉", "⟨": "⟩", "|": "|", "‖": "‖"}
_BRACKETS = {*_CLOSING, *"".join(_CLOSING.values())}
_ACCENTS = {"^": "ˆ", "~": "˜", "―": "‾"}  # a maths font draws the latter to stand over letters
_NO_SPACE = {"lspace": "0em", "rspace": "0em"}
_MAX_OPEN = 20  # brackets that wait for their other halves

_NAME = re.compile(r"[^\W\d_]{2}")
_UPRIGHT = re.compile(r"&#x000[4-7][0-9A-F];")  # how the converter writes the letter of `\mathrm{h}`


def refine(formula):
    """Change the tree `formula` in place, in a time linear in its size."""
    _tighten(formula)
    tall = set()
    for element in reversed(list(formula.iter())):  # the parts of an element before itself
        _correct(element)
        if element.tag in _ROWS:
            element[:] = _grouped(_joined(_spaced(element)), tall)
        if element.tag in _TALL or any(part in tall for part in element):
            tall.add(element)


def _tighten(formula):
    """Take the space from around signs in sub- and superscripts."""
    small = set()
    for element in formula.iter():
        for place, part in enumerate(element):
            if element in small or (place and element.tag in _SCRIPTED - {"mover"}):
                small.add(part)
        if element in small and element.tag == "mo" and "stretchy" not in element.attrib:
            element.attrib |= _NO_SPACE


def _correct(element):
    """Tell letters, names and brackets apart, which the converter takes for each other."""
    if element.tag == "mi" and _UPRIGHT.fullmatch(element.text or ""):
        element.set("mathvariant", "normal")
    # Not the library's own way, which lets words of a writer be tags.
    element.text = element.text and unescape(element.text)
    if element.tag == "mo" and _NAME.search(element.text or ""):
        element.tag = "mi"
        element.attrib.clear()
    elif element.tag == "mi" and element.text in _BRACKETS:
        element.tag = "mo"
    elif element.tag == "mo" and element.text == "/":
        element.attrib |= _NO_SPACE
    elif element.tag == "mover" and element[-1].text in _ACCENTS:
        element[-1].text = _ACCENTS[element[-1].text]
        if element[-1].text == "‾":
            element.attrib.clear()  # an accent would touch the letters


def _spaced(parts):
    """`parts` with a thin space between the name of a function and a number or letter beside it."""
    row = []
    for part in parts:
        if row and (
            (_is_function(part) and (_is_operand(row[-1]) or row[-1].text in _BRACKETS))
            or (_is_function(row[-1]) and _is_operand(part))
        ):
            row.append(Element("mspace", width="0.167em"))
        row.append(part)
    return row


def _is_function(part):
    core = _core(part)
    return core.tag == "mi" and bool(_NAME.match(core.text or ""))


def _is_operand(part):
    core = part[0] if part.tag == "mrow" and len(part) else _core(part)
    return core.tag not in {"mo", "mspace", "mtext"}


def _core(part):
    """What the scripts of `part` stand at, or `part` itself."""
    return part[0] if part.tag in _SCRIPTED and len(part) else part


def _joined(parts):
    """`parts` with the letters of `\\mathrm{softmax}` as one name, which browsers set upright."""
    row = []
    for part in parts:
        if row and _is_upright_letter(part) and _is_upright_letter(row[-1]):
            row[-1].text += part.text
        else:
            row.append(part)
    return row


def _is_upright_letter(part):
    return part.tag == "mi" and part.get("mathvariant") == "normal"


def _grouped(parts, tall):
    """`parts` with a row for each pair of brackets, which grow if something between them is `tall`."""
    row, opened = [], []  # the places in `row` of brackets that wait
    for part in parts:
        bracket = _core(part)  # that of `(x)^2` has the script
        is_free = bracket.tag == "mo" and bracket.get("stretchy") != "true" and bracket.text in _BRACKETS
        if is_free and _closes(bracket.text, row, opened):
            start = opened.pop()
            part = _pair(row[start:], part, bracket, tall)
            del row[start:]
        elif is_free and bracket is part and bracket.text in _CLOSING and len(opened) < _MAX_OPEN:
            opened.append(len(row))
        row.append(part)
    return row


def _pair(parts, last, bracket, tall):
    """A row of `parts` from the bracket that opens it to the `last`, which is or has the `bracket`."""
    group = Element("mrow")
    is_tall = any(part in tall for part in parts)
    for fence in parts[0], bracket:
        fence.set("stretchy", "true" if is_tall else "false")
        fence.attrib.pop("fence", None)
    if not is_tall or bracket is last:
        group[:] = [*parts, last]
    else:  # the script is as high as the bracket grows
        group[:] = [*parts, bracket]
        last[0] = group
    if is_tall:
        tall.update({group, last})
    return last if is_tall and bracket is not last else group


def _closes(sign, row, opened):
    """Whether `sign` closes the bracket opened last, which is then the last of `opened`."""
    waiting = len(opened)
    if sign not in _BARS:  # a bar between brackets is alone: P(A|B)
        while waiting and row[opened[waiting - 1]].text in _BARS:
            waiting -= 1
    if not waiting or sign not in _CLOSING[row[opened[waiting - 1]].text]:
        return False
    del opened[waiting:]
    return True
