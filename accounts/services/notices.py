"""What people are told by mail about leaving. The one place from which it goes out."""

from __future__ import annotations

import logging
from typing import Any
from typing import Literal

from accounts.models import User

logger = logging.getLogger(__name__)

Notice = Literal["deletion_scheduled", "deletion_cancelled", "account_deleted", "export_ready"]


def tell(user: User, notice: Notice, **context: Any) -> None:
    """Tell ``user`` once the transaction has committed; who has no address is not told. ``context`` is JSON."""
    if not user.email:
        return
    # The house has no mail yet: it goes out from here, in ``user.language``, by the template of this name.
    logger.debug("A notice is due", extra={"notice": notice, "context": sorted(context)})
