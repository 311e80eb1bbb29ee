"""References as a style wants them."""
