"""The window: a front end on the seam (api/, model/) and nothing else. Start reading in application.py."""
