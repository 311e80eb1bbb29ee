"""Letters that must arrive: written down in the caller's transaction, sent by a job, forgotten once sent.

See ``core/README.md``.
"""

from core.mail.letter import Button
from core.mail.letter import Letter
from core.mail.services import can_send
from core.mail.services import check
from core.mail.services import providers
from core.mail.services import send

__all__ = ["Button", "Letter", "can_send", "check", "providers", "send"]
