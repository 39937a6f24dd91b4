"""Search over the whole bank: one index of words in the database, one interface on both engines.

`Query.of()` reads what was typed, `find()` gives what has it, the best first, `matching()` all of it in
no order; `snippet()` and `marked()` show where. `with_rare_words()` gives what may ask the same;
`related()` leads from a question to others. The index
follows the bank in the transaction of each change (`index`); `tokens` says what a word is, `engines` how
each database keeps them.
"""

from .excerpts import marked, snippet
from .finding import Hit, Hits, find, matching, with_rare_words
from .queries import Query
from .related import related

__all__ = ["Hit", "Hits", "Query", "find", "marked", "matching", "related", "snippet", "with_rare_words"]
