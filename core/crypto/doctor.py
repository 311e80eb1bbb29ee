"""Can every encrypted value be read?"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from core.crypto import rotation
from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("encryption", encryption, needs="migrations", seconds=60)


def encryption() -> Iterator[Finding]:
    for label, (count, problem) in rotation.examine_all().items():
        if problem:
            yield fail("encryption", f"{label}: {problem} Put the key back into ENCRYPTION_KEYS.")
        else:
            yield ok("encryption", f"{count} values of {label} can be read.")
    if old := sum(rotation.waiting_all().values()):
        yield warn("encryption keys", f"{old} values wait for the newest key. Run `manage.py rotate_keys`.")
    elif len(settings.ENCRYPTION_KEYS) > 1:
        yield ok("encryption keys", "Every value has the newest key: older ones may leave ENCRYPTION_KEYS.")
    else:
        yield ok("encryption keys", "One key, and every value has it.")
