"""Backups: one folder that holds the database, the files, and the figures by which a restore is proven.

::

    kintsugi-20261128T031700Z/
        manifest.json       what is in it: counts, sums, checksums, applied migrations, the ids of the encryption keys
        database.dump       pg_dump's custom format, or database.sqlite3
        files.jsonl         one line for each file: key, size, SHA-256
        files/…             the files, under their keys

Everything is of one moment of the database: counts, sums and the list of files are read in the very snapshot that is
dumped. Files are never changed once written, so copying them afterwards is safe. Nothing is held in memory as a whole.

Keys and secrets are not in it. Encrypted fields stay encrypted: without ``ENCRYPTION_KEYS``, kept apart, they are lost.
"""

from __future__ import annotations


class BackupError(Exception):
    """It cannot go on; the message is a sentence for the operator."""
