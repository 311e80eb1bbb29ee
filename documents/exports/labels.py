"""Words that stand in a document beside its own, in its language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """``table`` has a place for a number and one for a caption."""

    contents: str
    references: str
    table: str
    unverified: str
    demo: str


_LABELS = {
    "en": Labels(
        "Contents", "References", "Table", "Sources not verified",
        "A demonstration: the sources of this document do not exist.",
    ),
    "uk": Labels(
        "Зміст", "Список використаних джерел", "Таблиця", "Неперевірені джерела",
        "Демонстрація: джерел цього документа не існує.",
    ),
    "de": Labels(
        "Inhalt", "Literaturverzeichnis", "Tabelle", "Nicht geprüfte Quellen",
        "Eine Vorführung: Die Quellen dieses Dokuments gibt es nicht.",
    ),
    "fr": Labels(
        "Table des matières", "Références", "Tableau", "Sources non vérifiées",
        "Une démonstration : les sources de ce document n’existent pas.",
    ),
    "es": Labels(
        "Índice", "Referencias", "Tabla", "Fuentes no verificadas",
        "Una demostración: las fuentes de este documento no existen.",
    ),
    "it": Labels(
        "Indice", "Riferimenti bibliografici", "Tabella", "Fonti non verificate",
        "Una dimostrazione: le fonti di questo documento non esistono.",
    ),
    "cs": Labels(
        "Obsah", "Seznam literatury", "Tabulka", "Neověřené zdroje",
        "Ukázka: zdroje tohoto dokumentu neexistují.",
    ),
    "pl": Labels(
        "Spis treści", "Bibliografia", "Tabela", "Źródła niezweryfikowane",
        "Demonstracja: źródła tego dokumentu nie istnieją.",
    ),
}  # fmt: skip


def of(language: str) -> Labels:
    """Those of a language of documents."""
    return _LABELS[language]
