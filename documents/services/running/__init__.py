"""The durable run: every answer of a model is a row before the next one is asked for."""
