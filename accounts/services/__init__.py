"""Every write of this app; one module a subject, one function a verb."""
