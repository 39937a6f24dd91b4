"""Formulas: `$…$` and `$$…$$` beside the fenced `math` block, as MathML."""

import re

# How much of formulas one text may have converted: characters, and so many more for each formula.
_ROOM, _EACH = 20_000, 40
_MAX_LINES = 60  # of one formula between lines of `$$`

# A dollar opens a formula where none of a price's or a variable's parts is beside it: something
# follows it at once, and the closing dollar has something before it and no letter or digit after it.
# So "$5 and $10" and "$HOME:$PATH" stay text.
_INLINE = re.compile(
    r"\$\$(?P<display>(?:[^$\\]|\\.)+)\$\$(?!\$)"
    r"|(?<![\w$])\$(?=[^\s$])(?P<inline>(?:[^$\\]|\\.)*)(?<!\s)\$(?![\w$])",
    re.DOTALL | re.ASCII,
)
_ONE_LINE = re.compile(r"\$\$(?P<latex>(?:[^$\\]|\\.)+)\$\$\s*")
_COMMAND = re.compile(r"\\[A-Za-z]")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
# Browsers show an error in place of one of these with other than so many parts.
_PARTS = dict.fromkeys("mfrac mroot msub msup munder mover".split(), 2) | {"msubsup": 3, "munderover": 3}


def add_to(parser):
    parser.inline.ruler.before("escape", "formula", _inline)
    alt = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "formula", _block, alt)


def _inline(state, silent):
    if state.src[state.pos] != "$":
        return False
    match = _INLINE.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    if not silent:
        token = state.push("formula_inline", "math", 0)
        token.content = match["display"] or match["inline"]
        token.markup = "$$" if match["display"] else "$"
    state.pos = match.end()
    return True


def _block(state, start_line, end_line, silent):
    if not state.src.startswith("$$", _start(state, start_line)) or state.is_code_block(start_line):
        return False
    latex, next_line = _to_closing_dollars(state, start_line, end_line)
    if latex is None:
        return False
    if not silent:
        state.line = next_line
        token = state.push("formula", "math", 0)
        token.content, token.map, token.block = latex, [start_line, next_line], True
    return True


def _to_closing_dollars(state, start_line, end_line):
    """`(latex, line after it)` of the block that begins at `start_line`; `(None, None)` without an end."""
    if match := _ONE_LINE.fullmatch(_line(state, start_line)):
        return match["latex"], start_line + 1
    lines = [_line(state, start_line).removeprefix("$$")]
    if "$$" in lines[0]:
        return None, None
    for number in range(start_line + 1, min(end_line, start_line + _MAX_LINES)):
        line = _line(state, number).rstrip()
        if not line or state.sCount[number] < state.blkIndent:
            break
        lines.append(line.removesuffix("$$"))
        if "$$" in lines[-1]:
            break
        if line.endswith("$$"):
            return "\n".join(lines), number + 1
    return None, None


def _start(state, line):
    return state.bMarks[line] + state.tShift[line]


def _line(state, line):
    return state.src[_start(state, line) : state.eMarks[line]]


def mathml(latex, env, display="inline"):
    """MathML of `latex`; None if it cannot be converted, or if the text of `env` has had its share."""
    env["formula_room"] = env.get("formula_room", _ROOM) - len(latex) - _EACH
    if env["formula_room"] < 0 or not _balanced(latex):
        return None
    # 3 MB, which a process that only shows pages does without
    from xml.etree.ElementTree import tostring

    from latex2mathml.converter import convert_to_element

    from .mathml import refine

    try:
        formula = convert_to_element(latex.strip(), display=display)
        if not all(map(_is_sound, formula.iter())):
            return None
        refine(formula)
        return tostring(formula, encoding="unicode")
    except Exception:  # noqa: BLE001 - the library raises many kinds; the source is a fair fallback
        return None


def _balanced(latex):
    depth = 0
    for brace in _BRACES.findall(latex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _is_sound(element):
    # The library shows an unknown command as its name, and a missing argument not at all.
    return not _COMMAND.search(element.text or "") and len(element) == _PARTS.get(element.tag, len(element))
