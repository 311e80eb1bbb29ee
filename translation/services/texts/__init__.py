"""Texts that are translated at once: asked for, paid in tokens, done, kept."""
