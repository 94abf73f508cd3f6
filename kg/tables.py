"""The tables of the journal."""

import sqlite3

from kg import life

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source (name TEXT PRIMARY KEY, root TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS input (
    source TEXT NOT NULL, location TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (source, location)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS op (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS document (
    id TEXT PRIMARY KEY, seq INTEGER NOT NULL, source TEXT NOT NULL, input TEXT NOT NULL,
    location TEXT NOT NULL, digest TEXT NOT NULL, level TEXT NOT NULL, trusted INTEGER NOT NULL,
    edition INTEGER NOT NULL, live INTEGER NOT NULL, clusters TEXT NOT NULL,
    body BLOB NOT NULL, quads BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS document_by_place ON document (source, location);
CREATE INDEX IF NOT EXISTS document_by_input ON document (source, input);
CREATE INDEX IF NOT EXISTS document_by_digest ON document (digest);
CREATE INDEX IF NOT EXISTS document_by_seq ON document (seq);
CREATE TABLE IF NOT EXISTS chunk (
    number INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL, position INTEGER NOT NULL,
    body BLOB NOT NULL, vector BLOB NOT NULL, code BLOB NOT NULL DEFAULT x'');
CREATE INDEX IF NOT EXISTS chunk_by_document ON chunk (document, position);
CREATE TABLE IF NOT EXISTS retired (number INTEGER PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS retired_by_seq ON retired (seq);
CREATE TABLE IF NOT EXISTS edition (
    document TEXT NOT NULL, edition INTEGER NOT NULL, replaced TEXT NOT NULL,
    body BLOB NOT NULL, quads BLOB NOT NULL, PRIMARY KEY (document, edition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS graph (
    name TEXT PRIMARY KEY, seq INTEGER NOT NULL, digest TEXT NOT NULL, quads BLOB NOT NULL,
    level TEXT NOT NULL DEFAULT 'public') WITHOUT ROWID;
"""

LAYOUT = "1"
"""Version of the tables above; another one is refused with a message."""


def create(db: sqlite3.Connection) -> None:
    """Make the tables that are not there yet, and add what a former release lacked."""
    db.executescript(SCHEMA + life.SCHEMA)
    if "level" not in {row[1] for row in db.execute("PRAGMA table_info(graph)")}:
        db.execute("ALTER TABLE graph ADD COLUMN level TEXT NOT NULL DEFAULT 'public'")
    if "code" not in {row[1] for row in db.execute("PRAGMA table_info(chunk)")}:
        db.execute("ALTER TABLE chunk ADD COLUMN code BLOB NOT NULL DEFAULT x''")
