"""What the tests of the ground floor share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from conftest import signed_in


@pytest.fixture
def client_of() -> Callable[..., APIClient]:
    """A client in a session of its own, for any user."""
    return signed_in
