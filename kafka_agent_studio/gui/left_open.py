"""Widgets cannot be abstract classes, Qt having a metaclass of its own: what one leaves open says so when called."""


class LeftOpenError(TypeError):
    """A method that a subclass has to fill was called on one that does not."""

    def __init__(self, owner: object) -> None:
        super().__init__(f"{type(owner).__name__} leaves this open")
