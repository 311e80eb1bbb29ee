"""What apps and rooms offer is gathered, each thing once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from core import modules
from core.api import throttles
from core.errors import RateLimited
from kintsugi.config import BASE_DIR

COUNTED = re.compile(r'(?:throttle_scope(?: =|:) *|limit\(request, *|throttles\.hit\( *)"(\w+)"')


def product() -> Iterator[str]:
    for app in ("core", "accounts", "billing", "messenger", "aichat", "calls"):
        for path in (BASE_DIR / app).rglob("*.py"):
            if "tests" not in path.parts:
                yield path.read_text()


def test_what_the_code_counts_has_a_limit() -> None:
    counted = {scope for text in product() for scope in COUNTED.findall(text)}
    assert len(counted) > 15
    assert counted <= set(modules.rate_limits())


def test_no_two_modules_name_the_same_scope_or_choices() -> None:
    for hook in ("rate_limits", "schema_enums", "beat_schedule", "backup_sums", "socket_routes"):
        names = Counter(name for module in modules.installed() for name in getattr(module, hook))
        assert [name for name, times in names.items() if times > 1] == []


def test_rooms_belong_to_their_app() -> None:
    rooms = [module for module in modules.installed() if type(module).__module__.endswith(".room")]
    assert {room.label for room in rooms} == {"core"}
    assert not any(room.is_product for room in rooms)
    assert "core" not in modules.client_config()["modules"]


def test_a_setting_goes_before_what_a_module_says(settings: LazySettings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"search": (1, 3600)}
    throttles.hit("search", "test-a-setting")
    with pytest.raises(RateLimited):
        throttles.hit("search", "test-a-setting")


def test_an_unknown_scope_is_a_fault() -> None:
    with pytest.raises(KeyError):
        throttles.hit("serach", "somebody")
