"""Filters that a person kept: remembered for the workspace, offered in a menu, forgotten one by one."""

from kafka_agent_studio.gui.preferences import Preferences

_MOST = 30


class SavedFilters:
    """The newest first; a filter is its text. `name` is what they are remembered under."""

    def __init__(self, *, name: str, preferences: Preferences) -> None:
        self._name = f"{name}/saved filters"
        self._preferences = preferences

    @property
    def texts(self) -> list[str]:
        """The filters kept."""
        kept = self._preferences.get(self._name, [])
        return [str(text) for text in kept] if isinstance(kept, list) else []

    def keep(self, text: str) -> None:
        """Keep a filter; the oldest beyond thirty goes."""
        text = " ".join(text.split())
        if text:
            self._preferences.put(self._name, [text, *(t for t in self.texts if t != text)][:_MOST])

    def forget(self, text: str) -> None:
        """Forget a filter."""
        self._preferences.put(self._name, [t for t in self.texts if t != text])

    def has(self, text: str) -> bool:
        """Whether a filter is kept."""
        return " ".join(text.split()) in self.texts
