"""Agents of every type, ready to run: builder.py makes a runner of each, parts.py holds what they share."""
