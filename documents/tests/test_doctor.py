"""What the doctor says of the models that write documents."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from documents import doctor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("models", "state", "says"),
    [
        ((), "ok", "the default model"),
        (("demo",), "warn", "demo alone"),
        (("demo", "gone-9"), "warn", "names gone-9"),
    ],
)
def test_who_writes_is_told(settings: Settings, models: tuple[str, ...], state: str, says: str) -> None:
    settings.DOCUMENTS = replace(settings.DOCUMENTS, models=models)
    (found,) = doctor.models()
    assert (found.state, says in found.sentence) == (state, True)
