"""What a model may write, and what is made of it: its answers read, each citation held against its source."""
