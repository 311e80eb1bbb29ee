"""Selling work by the piece: quote → order → paid → parts delivered → the rest given back.

What apps call; the rules are in :mod:`billing.payments.orders`, the ways to pay in :mod:`billing.payments.paying`.
They hear of a payment by :data:`billing.events.payment_changed`, and name an order by its ``reference``, which is also
what ``metering.hold_exact`` takes as ``funded_by``.
"""

from __future__ import annotations

from billing.payments.orders import Line
from billing.payments.orders import cancel
from billing.payments.orders import close
from billing.payments.orders import deliver
from billing.payments.orders import open_order
from billing.payments.orders import quote
from billing.payments.paying import Offer
from billing.payments.paying import offer
from billing.payments.paying import require_paid

__all__ = ["Line", "Offer", "cancel", "close", "deliver", "offer", "open_order", "quote", "require_paid"]
