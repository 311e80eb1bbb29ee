"""An app only tests install: its task, started by beat every second, leaves a file behind."""
