"""daphne's ``runserver`` without daphne itself in every other process."""

from __future__ import annotations

from django.apps import AppConfig


class DaphneConfig(AppConfig):
    """Stands in for the package's own, which loads Twisted: a quarter of what starting any process takes.

    ``runserver`` loads it when it is called.
    """

    name = "daphne"
    verbose_name = "Daphne"
