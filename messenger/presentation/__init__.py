"""Rows as the shapes of ``messenger.events``: REST answers and events are built here, in a fixed number of queries."""
