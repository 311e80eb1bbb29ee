"""Translating by any model of the house, so that what it loses, tears or talks around is found."""
