"""Documents: asked for, read and quoted, started, translated part by part, put together, reviewed, deleted."""
