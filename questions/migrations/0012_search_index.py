"""The tables of the search index, which are no models: what is derived belongs into no fixture.

SQLite has FTS5 beside the entries, PostgreSQL a tsvector in them. The index is filled after migrating.
"""

from django.db import migrations

ENTRIES = """
    CREATE TABLE questions_searchentry (
        id bigint PRIMARY KEY, kind varchar(10) NOT NULL, uid varchar(100) NOT NULL, pk bigint NOT NULL,
        title text NOT NULL, topics text NOT NULL, lead text NOT NULL, body text NOT NULL,
        facets text NOT NULL, UNIQUE (kind, uid)
    )
"""
WORDS = """
    CREATE TABLE questions_searchword (
        word varchar(40){collation} PRIMARY KEY, stem varchar(40){collation} NOT NULL,
        documents integer NOT NULL, published integer NOT NULL
    )
"""
BOTH = [
    "CREATE INDEX questions_searchword_stem ON questions_searchword (stem)",
    "CREATE TABLE questions_searchstate (version integer NOT NULL)",
]
SQLITE = [
    ENTRIES.replace("bigint PRIMARY KEY", "integer PRIMARY KEY"),  # it is the number of the row
    """
    CREATE VIRTUAL TABLE questions_search USING fts5 (
        title, topics, lead, body, facets, tokenize = 'ascii', columnsize = 0,
        content = 'questions_searchentry', content_rowid = 'id'
    )
    """,
    WORDS.format(collation=""),
    *BOTH,
]
POSTGRESQL = [
    ENTRIES,
    # Rows as short as can be, the words out of their way: a common word makes a search pass by most of them.
    """
    CREATE TABLE questions_search (id bigint PRIMARY KEY, words tsvector NOT NULL)
    WITH (toast_tuple_target = 128, parallel_workers = 0)
    """,
    # What is not in the index yet is looked through by every search: little of it is quicker to both.
    "CREATE INDEX questions_search_words ON questions_search USING gin (words)"
    " WITH (gin_pending_list_limit = 256)",
    WORDS.format(collation=' COLLATE "C"'),
    *BOTH,
]
TABLES = ["questions_search", "questions_searchentry", "questions_searchword", "questions_searchstate"]


def make(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE IF EXISTS {table}")


class Migration(migrations.Migration):
    dependencies = [("questions", "0011_synonyms")]
    operations = [migrations.RunPython(make, drop)]
