"""What the window is made with and every page is given."""

import msgspec

from kafka_agent_studio.gui.actions import Actions
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import Theme


class WindowParts(msgspec.Struct, frozen=True):
    """One of each for a window: made in application.py, handed down by constructor."""

    bridge: EngineBridge
    navigator: Navigator
    preferences: Preferences
    theme: Theme
    icons: Icons
    actions: Actions
