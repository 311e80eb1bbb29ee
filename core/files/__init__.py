"""The upload door, the store behind it, and the signed links out of it."""
