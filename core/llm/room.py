"""What language models bring to the project."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from core.db_threads import in_db_thread
from core.findings import Check
from core.llm import catalogue
from core.llm import discovery
from core.llm import doctor
from core.llm import registry
from core.modules import Room


class LanguageModels(Room):
    personal_data = "core.llm.holdings"

    def client_config(self) -> dict[str, Any]:
        known = [{"name": p.name, "label": p.label, "real": p.real} for p in registry.providers()]
        return {"providers": {"llm": known}}

    def checks(self) -> Iterable[Check]:
        return doctor.checks()

    def start(self) -> None:
        discovery.begin()
        catalogue.listed()

    async def serve(self) -> None:
        while True:
            await asyncio.sleep(discovery.LOOK_SECONDS)
            if await in_db_thread(discovery.learn) or discovery.due():
                await asyncio.to_thread(discovery.search)
