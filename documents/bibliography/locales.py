"""Languages of documents."""

from __future__ import annotations

LOCALES = {
    "en": "en-US",
    "de": "de-DE",
    "fr": "fr-FR",
    "es": "es-ES",
    "it": "it-IT",
    "cs": "cs-CZ",
    "uk": "uk-UA",
    "pl": "pl-PL",
}
"""Languages of documents, and the words their lists are written with."""
