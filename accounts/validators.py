"""Password rules beyond Django's own."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User


class LetterAndDigitValidator:
    """At least one letter, of any alphabet, and at least one digit."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's interface
        """Raise ValidationError when either is missing."""
        if not (any(map(str.isalpha, password)) and any(map(str.isdigit, password))):
            raise ValidationError(self.get_help_text(), code="password_needs_letter_and_digit")

    def get_help_text(self) -> str:
        """The rule as a sentence."""
        return _("The password must hold at least one letter and one digit.")
