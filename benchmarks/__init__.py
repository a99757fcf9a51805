"""Measurements, each a ratio against a baseline of the same run: these machines are noisy."""
