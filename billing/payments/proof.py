"""What of orders does not add up: run with the proof of the books."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from billing.metering.findings import LedgerFinding
from billing.metering.findings import differences
from billing.metering.findings import rows

_ORDERS = """
SELECT id, amount, units, delivered, rest, parts, returned, state FROM (
  SELECT placed.id, placed.amount, placed.units, placed.delivered, placed.rest, placed.state,
    COALESCE((SELECT SUM(part.units) FROM billing_order_parts part WHERE part.order_id = placed.id), 0) AS parts,
    COALESCE((SELECT SUM(refund.amount) FROM billing_refunds refund
              WHERE refund.order_id = placed.id AND refund.payment_id = placed.payment_id), 0) AS returned
  FROM billing_orders placed
) AS sums
WHERE delivered <> parts OR rest <> returned OR (state = 'done' AND delivered <> units)
   OR rest > amount - amount * delivered / units
"""


def check() -> Iterator[LedgerFinding]:
    """Orders against their parts and refunds: units as they were delivered, the rest as it was promised, and no more.

    One statement, which sees one moment of the database.
    """
    for order_id, amount, units, delivered, rest, parts, returned, state in rows(_ORDERS):
        subject = str(UUID(str(order_id)))
        yield from differences(subject, order_delivered=(parts, delivered), order_rest=(returned, rest))
        if state == "done":
            yield from differences(subject, order_done=(units, delivered))
        most = amount - amount * delivered // units
        if rest > most:
            yield LedgerFinding("order_overpaid", subject, int(most), int(rest))
