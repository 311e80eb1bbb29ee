"""What staff, operators and the leaving of an account do to plans, tokens and payments."""
