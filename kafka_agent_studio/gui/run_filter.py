"""Whether a run that just changed belongs to the query on screen, as far as the run itself can tell."""

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.gui.formats import json_text
from kafka_agent_studio.model.run import Run


def fits(run: Run, query: RunQuery) -> bool:
    """Return whether a run fits; its text is what the event carries: output, error, key, agent, ids, place."""
    return (
        (query.status is None or run.status is query.status)
        and (query.agent is None or run.agent_name == query.agent)
        and (query.connector is None or run.connector == query.connector)
        and (query.key is None or run.key == query.key)
        and (query.place is None or run.place == query.place)
        and (query.text is None or _has_all_words(run, query.text))
    )


def _has_all_words(run: Run, text: str) -> bool:
    output = run.output if isinstance(run.output, str) else "" if run.output is None else json_text(run.output)
    error = "" if run.error is None else f"{run.error.type.value} {run.error.message}"
    words = " ".join((run.run_id, run.agent_name, run.connector, run.place, run.key or "", output, error)).casefold()
    return all(word in words for word in text.casefold().split())
