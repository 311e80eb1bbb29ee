"""The Celery application and its beat schedule, which is what the installed modules name.

With Redis, worker and beat are processes of their own. Without it, :mod:`kintsugi.process` runs both as threads of the
serving process.
"""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import import_modules
from kombu import Exchange
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")

app = Celery("kintsugi")
app.config_from_object(
    {
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": 600,
        "task_soft_time_limit": 540,
        "task_default_queue": "default",
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "timezone": "UTC",
        "broker_connection_retry_on_startup": True,
        # redis-py closes idle sockets after 5 s unless told otherwise; a killed worker's task comes back in seconds.
        "broker_transport_options": {
            "socket_timeout": None,
            "socket_connect_timeout": 5,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
        },
    }
)
app.autodiscover_tasks()


@app.on_configure.connect
def _read_settings(sender: Celery, **_kwargs: object) -> None:
    from django.conf import settings

    sender.conf.update(
        broker_url=settings.CELERY_BROKER_URL,
        task_always_eager=settings.CELERY_TASK_ALWAYS_EAGER,
        # A worker that is not told otherwise consumes these; without the list, the default queue alone.
        task_queues=[Queue(name, Exchange(name), routing_key=name) for name in settings.JOB_QUEUES],
    )


@import_modules.connect
def _read_schedule(sender: Celery, **_kwargs: object) -> None:
    from core import modules

    sender.conf.beat_schedule = modules.beat_schedule()
