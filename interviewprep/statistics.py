"""What SQLite's planner knows of the tables. PostgreSQL gathers it by itself; SQLite never does unasked.

Without it, SQLite may begin a query at a hundred thousand questions in place of a role's thirty.
"""

from django.db import connection, transaction

MANY = 500  # documents of a change set, after which tables may have another size


def gather():
    """Look at a sample of each index: some tenths of a second, however large the bank is."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")


def gather_after_many(changes, **kwargs):
    """After a load or a large import, once it is committed."""
    if len(changes) >= MANY:
        transaction.on_commit(gather, robust=True)
