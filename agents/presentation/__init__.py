"""Rows as shapes: REST answers and events are built here, in a fixed number of queries."""
