"""DeepL, by its own SDK over the house's transport."""
