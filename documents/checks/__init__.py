"""What is checked of a citation: here its words, by computing alone. Nothing here asks a model or a network."""
