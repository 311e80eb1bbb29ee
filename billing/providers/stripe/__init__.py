"""Stripe, through its SDK and the house's own door to the internet."""
