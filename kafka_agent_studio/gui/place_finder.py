"""Finds places by what a person types: pages of one thing, and runs, which the engine searches in full text."""

from collections.abc import Callable

import msgspec

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.formats import moment
from kafka_agent_studio.gui.navigation import connection_address, connector_address, run_address
from kafka_agent_studio.model.run import Run

_MOST_RUNS = 8
_FEWEST_LETTERS = 3
"""Fewer would find too many runs to be of use."""


class FoundPlace(msgspec.Struct, frozen=True):
    """A place: its kind and name as a person knows it, where it is, and further words it is found by."""

    kind: str
    name: str
    address: str
    keywords: str = ""


class PlaceFinder:
    """Looks at the engine's view; runs beyond it are asked for."""

    def __init__(self, *, bridge: EngineBridge) -> None:
        self._bridge = bridge

    def places(self, words: list[str]) -> list[FoundPlace]:
        """Return connectors, connections and agents that hold all of these words."""
        workspace = self._bridge.view.workspace
        every = [
            *(
                FoundPlace("Connector", name, connector_address(name), f"{connector.topic} {connector.direction}")
                for name, connector in sorted(workspace.connectors.items())
            ),
            *(
                FoundPlace("Agent", name, f"agent/{name}", agent.description)
                for name, agent in sorted(workspace.agents.items())
            ),
            *(
                FoundPlace("Connection", name, connection_address(name), connection.bootstrap_servers)
                for name, connection in sorted(workspace.connections.items())
            ),
        ]
        return [p for p in every if all(w in f"{p.kind} {p.name} {p.keywords}".casefold() for w in words)]

    def search_runs(self, text: str, on_found: Callable[[list[FoundPlace]], object]) -> None:
        """Ask for the newest runs that hold this text; nothing is asked for less than three letters."""
        if len(text.strip()) < _FEWEST_LETTERS:
            on_found([])
            return

        def show(page: RunPage) -> None:
            on_found([_place(run) for run in page.runs])

        query = RunQuery(text=text.strip(), limit=_MOST_RUNS)
        self._bridge.submit(ListRuns(query), show, lambda _refusal: on_found([]))


def _place(run: Run) -> FoundPlace:
    when = "" if run.started_at_us is None else f", {moment(run.started_at_us)}"
    return FoundPlace("Run", f"{run.agent_name} {run.status.value}{when}  {run.place}", run_address(run.run_id))
