"""Words that people want translated in one way, and what was translated before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models import TimestampedModel
from core.models import UUIDModel
from translation import limits

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class GlossaryQuerySet(models.QuerySet["Glossary"]):
    """Who may see which glossaries."""

    def visible_to(self, user: AbstractBaseUser) -> GlossaryQuerySet:
        """The user's own."""
        return self.filter(user_id=user.pk)


class Glossary(TimestampedModel):
    """Terms of one person for one pair of languages: ``entries`` is a list of ``[source, target]``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="glossaries")
    name = models.CharField(max_length=limits.NAME_LENGTH)
    source_lang = models.CharField(max_length=limits.LANGUAGE_LENGTH)
    target_lang = models.CharField(max_length=limits.LANGUAGE_LENGTH)
    entries = models.JSONField(default=list)
    digest = models.CharField(max_length=64, help_text="Of the entries.")

    objects = GlossaryQuerySet.as_manager()

    class Meta:
        db_table = "glossaries"
        verbose_name_plural = "glossaries"
        constraints = [
            models.UniqueConstraint(fields=["user", "name", "source_lang", "target_lang"], name="glossary_name"),
        ]

    def __str__(self) -> str:
        return self.name


class GlossaryCopy(UUIDModel):
    """A glossary as a service has it; made again when the entries have changed."""

    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="copies")
    service = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, help_text="Of the entries that the service has.")
    vendor_id = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "glossary_copies"
        verbose_name_plural = "glossary copies"
        constraints = [models.UniqueConstraint(fields=["glossary", "service", "digest"], name="glossary_copy")]

    def __str__(self) -> str:
        return f"{self.glossary_id} {self.service}"


class TranslationMemory(UUIDModel):
    """A segment that was translated before, for the same person by the same recipe. Nobody else's is ever used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="translation_memory")
    pair = models.CharField(max_length=2 * limits.LANGUAGE_LENGTH + 1, help_text="Such as en>uk.")
    recipe = models.CharField(
        max_length=64, help_text="Digest of service, model, glossary, formality and the version of the prompt."
    )
    source_hash = models.CharField(max_length=64)
    target = models.TextField()
    used_at = models.DateTimeField(default=timezone.now, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "translation_memory"
        verbose_name_plural = "translation memory"
        constraints = [
            models.UniqueConstraint(fields=["user", "pair", "recipe", "source_hash"], name="translation_memory_entry"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
