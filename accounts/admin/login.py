"""The sign-in of the admin, and no second door to the password beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import HttpResponseNotAllowed
from django.shortcuts import redirect

from accounts.clients import client_of
from accounts.services import audit
from accounts.services import lockout
from accounts.services.login import find


class LoginForm(AdminAuthenticationForm):
    """Takes an e-mail address as well, and says so when the account is locked."""

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs["maxlength"] = 254
        self.fields["username"].label = "User name or e-mail address"

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        audit.record("login.succeeded", actor=user, client=client_of(self.request), on=user, door="admin")

    def get_invalid_login_error(self) -> ValidationError:
        identifier = str(self.cleaned_data.get("username"))
        refusal = lockout.locked_for(identifier, user=find(identifier), client=client_of(self.request))
        return ValidationError(refusal.sentence, code=refusal.code) if refusal else super().get_invalid_login_error()


def password_elsewhere(request: HttpRequest, **_context: Any) -> HttpResponse:
    """Django's own page knows no lockout, ends no session and writes no audit event; the settings' does all three."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return redirect("/app/settings")


admin.site.login_form = LoginForm
# Views of the stock site that write, or belong to one that did. A test knows every view the site has.
for _view in ("password_change", "password_change_done"):
    setattr(admin.site, _view, password_elsewhere)
