"""Plans that are paid for.

A provider's word is a pointer only: whatever arrives, in whatever order and however often, :mod:`billing.payments.sync`
reads the customer anew, writes the snapshot and derives from it what the user may use.
"""
