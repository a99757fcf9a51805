"""How a stage of the connection check ends early."""


class StageFailedError(Exception):
    """The stage failed: what was found, and what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class StageSkippedError(Exception):
    """The stage does not apply."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
