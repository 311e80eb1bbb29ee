"""Is this set-up sound? Asked by ``manage.py doctor``, answered by every installed app: see :mod:`core.findings`."""
