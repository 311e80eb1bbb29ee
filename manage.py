#!/usr/bin/env python
"""The operators' door."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintsugi.settings")
    # What is imported stays to the end; looking for garbage in it again and again took a sixth of the start. The last
    # app to be loaded, this project itself, turns it on again.
    gc.disable()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
