"""The book of tokens: what language models are paid with."""
