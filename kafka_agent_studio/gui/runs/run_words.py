"""What is said about a run in a line."""

from kafka_agent_studio.gui import formats
from kafka_agent_studio.model.run import Run


def figures_of(run: Run) -> str:
    """Return duration, tokens, cost and attempts, as far as they are known: `1.84 s · 412 tokens`."""
    figures = [formats.duration(run.duration_s)] if run.duration_s is not None else []
    figures += [f"{run.token_usage.total_tokens:,} tokens"] if run.token_usage.total_tokens else []
    figures += [formats.cost(run.cost)] if run.cost is not None else []
    figures += [f"{run.attempts} attempts"] if run.attempts > 1 else []
    return " · ".join(figures)


def stand_in_words(run: Run) -> str:
    """Return what stood in for what; nothing where all was real."""
    said = []
    if "rehearsal" in run.stand_ins:
        said.append("REHEARSAL: the stand-in answered in place of a model; what it says means nothing.")
    if "sandbox" in run.stand_ins:
        said.append("SANDBOX: the message came from the embedded broker.")
    return "  ".join(said)
