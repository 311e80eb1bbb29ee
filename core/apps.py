"""The ground floor: knows no product."""

from __future__ import annotations

from core import modules
from core import observability


class CoreConfig(modules.ModuleConfig):
    name = "core"
    verbose_name = "Operations"
    is_product = False
    rooms = (
        "core.doctor.room.Doctor",
        "core.api.room.Api",
        "core.files.room.Files",
        "core.jobs.room.Jobs",
        "core.mail.room.Mail",
        "core.push.room.Push",
        "core.realtime.room.Realtime",
        "core.crypto.room.Crypto",
        "core.llm.room.LanguageModels",
        "core.backup.room.Backup",
    )

    def ready(self) -> None:
        """Register what listens and what checks, and begin to observe."""
        from core.files import blobs  # noqa: F401 - importing connects it to the deletion of rows
        from core.files import receipts  # noqa: F401 - as above
        from core.llm import checks  # noqa: F401 - importing registers them
        from core.llm import watching  # noqa: F401 - importing connects it to the start of workers

        observability.install()
