"""The tables of translation."""

from translation.models.documents import TranslationChunk
from translation.models.documents import TranslationSegment
from translation.models.documents import TranslationTerm
from translation.models.glossaries import Glossary
from translation.models.glossaries import GlossaryCopy
from translation.models.glossaries import TranslationMemory
from translation.models.translations import Translation
from translation.models.translations import TranslationQuerySet
from translation.models.translations import TranslationText

__all__ = [
    "Glossary",
    "GlossaryCopy",
    "Translation",
    "TranslationChunk",
    "TranslationMemory",
    "TranslationQuerySet",
    "TranslationSegment",
    "TranslationTerm",
    "TranslationText",
]
