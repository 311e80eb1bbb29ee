"""Does sign-in work on a restored copy? It opens a session there, so it is for copies only."""

from __future__ import annotations

from accounts.models import User
from accounts.services import login as door
from accounts.services import sessions
from core.errors import DomainError


def sign_in(name: str, *, password: str = "") -> tuple[str, str]:
    """Sign a user in (by name or address; the newest active one when empty): what was tried, and its problem.

    With a password it is compared as at the door. Without, a session is opened, refreshed, and its access token shown.
    """
    user = door.find(name) if name else User.objects.people().filter(is_active=True).order_by("-pk").first()
    if user is None:
        return "login", f"There is no user {name}." if name else ""
    try:
        grant = door.login(name, password=password) if name and password else sessions.open_session(user)
        again = sessions.refresh(grant.refresh_token)
        seen, _session_id = sessions.authenticate(again.access_token)
    except DomainError as error:
        return f"login of {user.pk}", error.sentence
    return f"login of {user.pk}", "" if seen.pk == user.pk else "The session belongs to somebody else."
