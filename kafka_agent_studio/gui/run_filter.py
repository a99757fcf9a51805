"""Whether a run that just changed belongs to the query on screen, as far as the run itself can tell."""

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.gui.formats import json_text
from kafka_agent_studio.model.run import Run


def fits(run: Run, query: RunQuery) -> bool:
    """Return whether a run fits; its text is what the event carries: output, error, key, agent, ids, place."""
    return fits_without_text(run, query) and (query.text is None or _has_all_words(run, query.text))


def fits_without_text(run: Run, query: RunQuery) -> bool:
    """Return whether every filter but the full text holds; what the store found by text may say it in its message."""
    return (
        (query.status is None or run.status is query.status)
        and (query.agent is None or run.agent_name == query.agent)
        and (query.connector is None or run.connector == query.connector)
        and (query.key is None or run.key == query.key)
        and (query.place is None or f"{run.place}/".startswith(f"{query.place}/"))
        and _is_within(run, query)
    )


def _is_within(run: Run, query: RunQuery) -> bool:
    tokens, cost = run.token_usage.total_tokens, run.cost or 0.0
    started_us = run.started_at_us
    return (
        (query.min_tokens is None or tokens >= query.min_tokens)
        and (query.max_tokens is None or tokens <= query.max_tokens)
        and (query.min_cost is None or cost >= query.min_cost)
        and (query.max_cost is None or cost <= query.max_cost)
        and (query.started_after_us is None or started_us is None or started_us >= query.started_after_us)
        and (query.started_before_us is None or (started_us is not None and started_us < query.started_before_us))
    )


def _has_all_words(run: Run, text: str) -> bool:
    output = run.output if isinstance(run.output, str) else "" if run.output is None else json_text(run.output)
    error = "" if run.error is None else f"{run.error.type.value} {run.error.message}"
    words = " ".join((run.run_id, run.agent_name, run.connector, run.place, run.key or "", output, error)).casefold()
    return all(word in words for word in text.casefold().split())
