"""The parts of the run store; run_store.py puts them together."""
