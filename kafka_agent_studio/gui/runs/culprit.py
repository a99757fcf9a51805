"""Where in a run it went wrong."""

from collections.abc import Sequence

from kafka_agent_studio.model.run import Span


def culprit(spans: Sequence[Span]) -> Span | None:
    """Return the last span that failed and in which none failed itself; None where every span went well."""
    failed = [span for span in spans if span.error is not None]
    around = {span.parent_id for span in failed}
    within = [span for span in failed if span.span_id not in around]
    return max(within, key=lambda span: span.started_at_us, default=None)
