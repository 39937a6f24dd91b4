"""The curator's desk for the bank. The role's page, which joins the apps, is in `interviewprep.admin`."""

from . import bank, history, imports, links, questions, reports

__all__ = ["bank", "history", "imports", "links", "questions", "reports"]
