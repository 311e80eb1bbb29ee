"""PDF: looked into, split and joined, shown as pictures, translated in place. Django-free, and run in a child process.

Nothing is imported here: the libraries are large, and have no business in a serving process.
"""
