"""Keys of providers that staff have pasted in, and what providers have said of our requests."""

from __future__ import annotations

from django.db import models

from core.bases import TimestampedModel
from core.crypto import EncryptedTextField
from core.llm import presets


class ProviderKey(TimestampedModel):
    """A key, and where it is sent. What the environment sets goes first."""

    provider = models.CharField(
        max_length=20,
        unique=True,
        choices=[(preset.name, preset.label) for preset in presets.HOSTED],
        help_text="One key each. OpenAI with an address of your own is any server that speaks its protocol.",
    )
    base_url = models.CharField(
        "address",
        max_length=500,
        blank=True,
        help_text="Empty: the provider's own. Else the whole address up to /v1, for example http://gpu.lan:8000/v1",
    )
    api_key = EncryptedTextField("key", null=True, blank=True)
    enabled = models.BooleanField(default=True, db_index=True)

    class Meta:
        db_table = "llm_provider_keys"
        ordering = ("provider",)

    def __str__(self) -> str:
        return self.get_provider_display()


class HeardWords(TimestampedModel):
    """What a server's words have changed in the requests for one model; see :mod:`core.llm.heard`."""

    base_url = models.TextField()
    model = models.TextField()
    changes = models.JSONField()
    until = models.DateTimeField()

    class Meta:
        db_table = "llm_heard_words"
        constraints = (models.UniqueConstraint(fields=["base_url", "model"], name="llm_heard_once"),)

    def __str__(self) -> str:
        return f"{self.model} at {self.base_url}"
