"""Tests of the Agents page."""
