"""A keyring that forgets everything: what tests get in place of the person's own."""

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryKeyring(KeyringBackend):
    """Secrets by (service, account), in this process's memory alone."""

    # Never chosen by keyring itself, which looks through all subclasses for the best backend of the machine.
    priority = -1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret, None where there is none."""
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret; Raises: PasswordDeleteError where there is none."""
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("there is no such password")
