"""What may be done with documents."""
