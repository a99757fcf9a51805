"""Item models: projections of what the engine said, rebuilt at any time from a snapshot and events."""
