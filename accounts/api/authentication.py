"""Who is asking: the bearer token."""

from __future__ import annotations

from rest_framework_simplejwt.authentication import JWTAuthentication


class BearerAuthentication(JWTAuthentication):
    """``Authorization: Bearer <access token>``."""
