"""Sets the project up and runs its tools: ``python3 -m deploy <target>``, called by the Makefile.

Standard library only, as it runs before anything is installed.
"""
