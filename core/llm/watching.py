"""Celery workers learn of pasted keys and of lists as serving processes do: in a thread, from their start on."""

from __future__ import annotations

import threading
from functools import cache

from celery.signals import worker_init
from celery.signals import worker_process_init
from django.db import close_old_connections

from core.llm import discovery


@worker_init.connect
@worker_process_init.connect
def begin(**_kwargs: object) -> None:
    """Once in each process: that of the worker, and those it divides into."""
    _thread_of_this_process().start()


def _thread_of_this_process() -> threading.Thread:
    return threading.Thread(target=watch, name="model-lists", daemon=True)


@cache
def stopping() -> threading.Event:
    """Set to end the watching."""
    return threading.Event()


def watch() -> None:
    """Look at once and then several times a minute."""
    while True:
        close_old_connections()
        discovery.look()
        close_old_connections()
        if stopping().wait(discovery.LOOK_SECONDS):
            return
