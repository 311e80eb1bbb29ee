"""E-mail addresses and passwords as they are compared: by what people typed, not by the bytes it came in."""

from __future__ import annotations

import unicodedata

import idna

from core import text


def canonical(address: str) -> str:
    """The one form of an address: nothing invisible around it, its domain in lower case and in ASCII (RFC 5890).

    The part before the last @ stays as it is, since only its own server knows what is the same there. What is no domain
    stays, too, for the validator to refuse.
    """
    address = text.bare(address)
    name, at, domain = address.rpartition("@")
    return f"{name}@{_ascii(domain)}" if at else address


def _ascii(domain: str) -> str:
    domain = domain.lower()
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain


def readable_password(raw: str) -> str:
    """A password in the one form its letters have (NFKC): é is one code point on some keyboards and two on others."""
    return raw if raw.isascii() else unicodedata.normalize("NFKC", raw)
