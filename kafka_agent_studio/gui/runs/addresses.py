"""The places of runs beside `run/<id>`: two compared, one run again with changes."""


def compare_address(left_id: str, right_id: str) -> str:
    """Return the address of two runs side by side."""
    return f"compare/{left_id}/{right_id}"


def rerun_address(run_id: str) -> str:
    """Return the address of running a run again with another prompt, model or message."""
    return f"rerun/{run_id}"
