"""A document as a file, and how long it is."""
