"""Text that every reader of HTML and XML takes, whatever the database holds."""

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def well_formed(text):
    """`text` without what no page or feed may hold: controls, lone surrogates, U+FFFE and U+FFFF."""
    return _UNPRINTABLE.sub("", text)
