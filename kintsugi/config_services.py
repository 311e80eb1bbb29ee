"""What makes no sense in the settings of the services that somebody else runs: mail and payments.

Both read a :class:`kintsugi.config.Config`, which asks them."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

_PAID_TIERS = ("premium_starter", "premium_pro", "premium_ultra", "unlimited")


def mail_problems(config: Any) -> list[str]:
    problems = []
    if config.smtp_password.get_secret_value() and not config.smtp_user:
        problems.append("SMTP_PASSWORD needs SMTP_USER")
    if config.mail_url and not _is_server(config.mail_url):
        problems.append(f"{'SMTP_HOST' if config.smtp_host else 'EMAIL_URL'} must name a host, and a port that exists")
    address = parseaddr(config.mail_from)[1]
    if config.mail_from and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        problems.append("MAIL_FROM must be an address, such as Kintsugi <no-reply@example.org>")
    return problems


def payment_problems(config: Any) -> list[str]:
    """A payment provider that is half set up takes money and gives nothing for it."""
    key = config.stripe_secret_key.get_secret_value()
    prices = [price for tier in _PAID_TIERS for price in config.prices_of(tier)]
    shown = config.stripe_publishable_key
    if shown and not shown.startswith("pk_"):
        return ["STRIPE_PUBLISHABLE_KEY must be a publishable key of Stripe (pk_…): everybody is shown it"]
    if not key:
        return []
    problems = []
    if not key.startswith(("sk_", "rk_")):
        problems.append("STRIPE_SECRET_KEY must be a secret key of Stripe (sk_…) or a restricted one (rk_…)")
    if not config.stripe_webhook_secret:
        problems.append("STRIPE_SECRET_KEY needs STRIPE_WEBHOOK_SECRET: without it no payment would be heard of")
    if any(not one.get_secret_value().startswith("whsec_") for one in config.stripe_webhook_secret):
        problems.append("STRIPE_WEBHOOK_SECRET must hold signing secrets of Stripe (whsec_…)")
    if not all(prices):
        problems.append("STRIPE_SECRET_KEY needs a STRIPE_PRICE_… for every paid plan")
    elif len(set(prices)) != len(prices):
        problems.append("Every STRIPE_PRICE_… must be another price")
    if shown and ("_test_" in shown[:8]) != ("_test_" in key[:8]):
        problems.append("STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must be of one mode: both test, or both live")
    if config.is_production and key.startswith(("sk_test_", "rk_test_")):
        problems.append("STRIPE_SECRET_KEY is a test key: it takes no money")
    if config.is_production and config.stripe_api_base:
        problems.append("STRIPE_API_BASE is for tests")
    return problems


def _is_server(url: str) -> bool:
    try:
        server = urlsplit(url)
        return bool(re.fullmatch(r"[\w.:-]+", server.hostname or "")) and server.port != 0
    except ValueError:
        return False
