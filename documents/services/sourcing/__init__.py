"""The sources of a document: found, added by its owner, examined, and asked about again."""
