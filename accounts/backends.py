"""How Django itself (the admin) checks passwords: the same way, under the same lockout, as the API."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.clients import client_of
from accounts.errors import AccountDisabled
from accounts.errors import DeletionScheduled
from accounts.errors import InvalidCredentials
from accounts.errors import LockedOut
from accounts.models import User
from accounts.services import login


class CredentialsBackend(ModelBackend):
    """E-mail address or user name and password; rights and ``get_user`` (active people only) are Django's."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Also asked for the user of each cookie session."""
        return user.kind == User.Kind.HUMAN and super().user_can_authenticate(user)

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_kwargs: Any
    ) -> User | None:
        """The user, or None; PermissionDenied, which ends the search, while locked out."""
        if username is None or password is None:
            return None
        try:
            return login.check_credentials(username, password=password, client=client_of(request))
        except LockedOut as error:
            raise PermissionDenied from error
        except (InvalidCredentials, AccountDisabled, DeletionScheduled):
            return None
