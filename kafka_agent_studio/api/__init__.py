"""THE SEAM between the engine and its front ends: commands in, events out, one snapshot to start from."""
