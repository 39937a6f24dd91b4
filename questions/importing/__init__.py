"""Imports: from what readers find in files to a change set.

`candidates` gives everything that was found an id, `recognising` finds the question that it is, `planning`
gives a verdict and a change, `working` keeps both in an `Import` while a curator looks it through, and
`assembling` makes of that what is applied. `template` has tables to fill in.
"""

from .assembling import OF_FILE, Choices
from .candidates import Source, source_of
from .working import Outcome

__all__ = ["OF_FILE", "Choices", "Outcome", "Source", "source_of"]
