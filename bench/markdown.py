"""The time that the worst known texts take to render: `python -m bench.markdown`.

Prints processor seconds, the worst first, of texts of 50,000 characters that repeat a few signs, and of
the code of each language known here, at the length up to which code has colours. Nothing may take much
more than a second, because a thread that renders cannot be interrupted.
"""

import os
from itertools import product
from random import Random
from time import process_time

import django

SIGNS = (
    "[ ![ ] ]( ](a) ( ) * ** _ ~~ ` `` ``` < </ > # | |- |-|- --- === $ $$ \\ & &# \" ' a é ا 「 漢 [^ [^1] "
    "[^1]: [a]: [a] https://a.b www.a <https://a.b> <!-- -- ... \\frac{ x^ - + 1. ~~~ **a** [a](b) $a$"
).split()
CODE = (
    "( [ { < (( {{ a _ 1 0x ' \" ` \"\"\" ''' \\ / // /* # % $ @ & | - -> : :: ; , . * q{ s{ m{ qw( %{ ${ $( "
    '{% <% <? <!-- <a <<A R"( r#" f"{ \\" =begin --[[ [[ (* {- #| /+ a. a( a[ if def class SELECT begin fn é'
).split()
SPACES = ["", " ", "\n", "  ", "\n\n", "\t", " \n"]
SHOWN = 15


def timed(function, *arguments):
    start = process_time()
    function(*arguments)
    return process_time() - start


def repeated(part, length):
    return (part * (length // len(part) + 1))[:length]


def texts(random):
    """Single signs with each kind of space, then mixtures of them."""
    yield from (sign + space for sign, space in product(SIGNS, SPACES))
    for _ in range(300):
        yield "".join(random.choice(SIGNS) + random.choice(SPACES) for _ in range(random.randint(2, 5)))


def worst(name, results):
    print(f"\n{name}")
    for seconds, *what in sorted(results, reverse=True)[:SHOWN]:
        print(f"{seconds:6.2f} s  {' '.join(map(repr, what))}")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
    django.setup()
    from questions.markdown import MAX_LENGTH, lost, render
    from questions.markdown.html import LANGUAGES, MAX_BLOCK

    random = Random(1)
    parts = list(texts(random))
    functions = [render, lost]
    worst(
        "Texts",
        ((timed(f, repeated(part, MAX_LENGTH)), f.__name__, part) for part in parts for f in functions),
    )
    parts = [sign + space for sign, space in product(CODE, SPACES)]
    parts += SPACES[1:]
    codes = ((name, part) for name in sorted(LANGUAGES) for part in parts)
    worst(
        f"Blocks of {MAX_BLOCK} characters of code",
        (
            (timed(render, f"```{name}\n{'a' + repeated(part, MAX_BLOCK - 2)}\n```"), name, part)
            for name, part in codes
        ),
    )


if __name__ == "__main__":
    main()
