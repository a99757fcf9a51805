"""Tests of the Links page."""
