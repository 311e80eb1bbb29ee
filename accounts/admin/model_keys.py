"""Keys of model providers, pasted in by staff. It lies here because what staff do is audited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.clients import client_of
from accounts.models import User
from accounts.services import audit
from core.admin_base import BaseAdmin
from core.admin_base import SecretInput
from core.http import guard
from core.llm import catalogue
from core.llm import discovery
from core.llm import keys
from core.llm import presets
from core.llm import registry
from core.llm import survey
from core.llm.models import ProviderKey

if TYPE_CHECKING:
    _ModelForm = forms.ModelForm[ProviderKey]
else:
    _ModelForm = forms.ModelForm

_KEY = re.compile(r"[\x21-\x7e]{1,1000}")
_SHOWN = 8
_RESOLVED_WITHIN_SECONDS = 2.0
_SAVED = "kintsugi.saved_provider"


class PastedKeyForm(_ModelForm):
    """The key itself is taken and never given back."""

    pasted = forms.CharField(
        label="Key",
        required=False,
        widget=SecretInput(attrs={"autocomplete": "off"}),
        help_text="It is stored encrypted and not shown again. Leave this empty to keep the one that is stored.",
    )

    class Meta:
        model = ProviderKey
        fields = ("provider", "base_url", "enabled")

    def clean_base_url(self) -> str:
        """An address that a request can be made of, without a user, a query or a place that hands out credentials."""
        address: str = self.cleaned_data["base_url"].strip().rstrip("/")
        if not address:
            return ""
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise ValidationError("This is not an address.") from None
        if parts.scheme not in {"http", "https"} or not host or not address.isascii() or not address.isprintable():
            raise ValidationError("Write the whole address: http:// or https://, the host and the path.")
        if parts.username or parts.password or parts.query or parts.fragment or " " in address:
            raise ValidationError("The address must not hold a name, a password, a query or a fragment.")
        if any(map(guard.is_link_local, _addresses(host))):
            raise ValidationError("This address belongs to the machine's own network service, not to a model server.")
        return address

    def clean_pasted(self) -> str:
        """What a header can carry."""
        pasted: str = self.cleaned_data["pasted"].strip()
        if pasted and not _KEY.fullmatch(pasted):
            raise ValidationError("A key has letters, digits and signs, and no spaces. Copy it once more.")
        return pasted

    def clean(self) -> dict[str, Any]:
        """A stored key stays where it was sent before: whoever may change the address must have the key."""
        cleaned = super().clean() or self.cleaned_data
        stored = bool(self.instance.api_key)
        pasted = cleaned.get("pasted")
        if stored and not pasted and "base_url" in self.changed_data:
            self.add_error("pasted", "Paste the key again: a stored one is not sent to another address.")
        own_server = cleaned.get("provider") == presets.OPENAI.name and cleaned.get("base_url")
        if not stored and not pasted and not own_server:
            self.add_error("pasted", "Paste the key in.")
        return cleaned


def _addresses(host: str) -> list[str]:
    """What a host means at this moment, itself where it is an address; nothing where nobody knows.

    A name may mean something else later, so the calls look as well (:mod:`core.llm.adapters.sessions`).
    """
    if guard.is_link_local(host):
        return [host]
    try:
        return guard.Policy.of(trusted=True).addresses(host, 0, seconds=_RESOLVED_WITHIN_SECONDS)
    except (OSError, TimeoutError, UnicodeError):
        return []


@admin.register(ProviderKey)
class ProviderKeyAdmin(BaseAdmin):
    """A key is tried when it is saved; every process uses it within a minute."""

    form = PastedKeyForm
    list_display = ("provider", "base_url", "key", "enabled", "used", "updated_at")
    list_filter = ("enabled",)
    search_exact = ("pk", "provider")
    search_help_text = "The whole name of a provider, such as openai"
    ordering = ("provider",)
    actions = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002 - Django's signature
        asked = ("provider", "base_url", "pasted", "enabled")
        return (*asked, "key", "used", "offers") if obj else asked

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002 - as above
        return ("provider", "key", "used", "offers") if obj else ()

    @admin.display(description="stored key")
    def key(self, row: ProviderKey) -> str:
        return row.api_key.last4() if row.api_key else "none"

    @admin.display(description="in use")
    def used(self, row: ProviderKey) -> str:
        if not row.enabled:
            return "No: it is switched off."
        if registry.by_environment(presets.BY_NAME[row.provider]):
            return "No: the environment sets this provider, and goes first."
        return "Yes."

    @admin.display(description="what it offers")
    def offers(self, row: ProviderKey) -> str:
        return _told(row.provider)[1]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Once all is written, and outside the transaction, the provider is asked."""
        answer = super().changeform_view(request, *args, **kwargs)
        if provider := request.META.get(_SAVED):
            _try_out(request, provider)
        return answer

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        answer = super().delete_view(request, *args, **kwargs)
        if request.method == "POST":
            discovery.look()
        return answer

    def save_model(self, request: HttpRequest, obj: ProviderKey, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        if form.cleaned_data["pasted"]:
            obj.api_key = form.cleaned_data["pasted"]
        super().save_model(request, obj, form, change)
        fields = sorted("key" if name == "pasted" else name for name in form.changed_data)
        self._record(request, "provider_key.changed" if change else "provider_key.added", obj, fields=fields)
        request.META[_SAVED] = obj.provider

    def delete_model(self, request: HttpRequest, obj: ProviderKey) -> None:
        self._record(request, "provider_key.removed", obj)
        super().delete_model(request, obj)

    def _record(self, request: HttpRequest, event: str, row: ProviderKey, **data: Any) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - the admin is for signed-in staff
        audit.record(event, actor=request.user, client=client_of(request), on=row, provider=row.provider, **data)


def _try_out(request: HttpRequest, provider: str) -> None:
    """Ask the provider with its new key, and tell what it said."""
    keys.refresh()
    preset = presets.BY_NAME[provider]
    if registry.by_environment(preset):
        messages.warning(
            request,
            f"The environment sets {preset.label} ({preset.key}) and goes first: this key waits.",
        )
        return
    slot = next(slot for slot in registry.hosted() if slot.name == provider)
    if slot.asked is None:
        return
    discovery.try_out(slot.asked)
    works, sentence = _told(provider)
    messages.add_message(request, messages.SUCCESS if works else messages.ERROR, f"{slot.label}: {sentence}")


def _told(provider: str) -> tuple[bool, str]:
    """What a provider last said to this process, and whether that is good."""
    slot = next(slot for slot in registry.hosted() if slot.name == provider)
    listing = slot.listing
    if slot.config is None:
        return False, slot.reason
    if listing is None:
        return False, "Not asked yet."
    notes = " ".join(survey.notes(slot))
    if listing.problem:
        return False, f"{listing.problem.partition(': ')[2]} {notes}".strip()
    offered = [model.name for model in catalogue.visible() if model.provider == provider]
    names = ", ".join(offered[:_SHOWN]) + (" …" if len(offered) > _SHOWN else "")
    has = len(listing.reading.rows) if listing.reading else 0
    if not offered:
        return False, f"It lists {has} models, and none of them can be offered. {notes}".strip()
    return True, f"It works: {has} models, of which {len(offered)} are offered: {names}. {notes}".strip()
