"""How far a replay, an export or an import is, in words."""

from kafka_agent_studio.api.browse import EndedBy
from kafka_agent_studio.api.transfers import TransferProgress, TransferReport
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.theme import Tone


def progress_words(progress: TransferProgress, *, is_dry_run: bool) -> str:
    """Return where a transfer is: `1,204 of 5,000 written, 12.3 s`."""
    total = "" if progress.total is None else f" of {formats.count(progress.total)}"
    done = "counted" if is_dry_run else "written"
    parts = [f"{formats.count(progress.written)}{total} {done}"]
    if progress.scanned > progress.written:
        parts.append(f"{formats.count(progress.scanned)} read")
    if progress.skipped:
        parts.append(f"{formats.count(progress.skipped)} left out")
    parts.append(formats.duration(progress.elapsed_s))
    return ", ".join(parts)


def report_words(report: TransferReport) -> tuple[str, Tone]:
    """Return how a transfer ended, and how that is meant."""
    progress = report.progress
    would = "would be written" if report.is_dry_run else "written"
    where = ", ".join(f"{formats.count(count)} to {topic}" for topic, count in report.topics.items())
    parts = [f"{formats.count(progress.written)} of {formats.count(progress.matched)} messages {would}"]
    if where:
        parts.append(f": {where}")
    if progress.size_bytes:
        parts.append(f", {formats.size(progress.size_bytes)}")
    parts.append(". ")
    if progress.skipped:
        parts.append(f"{formats.count(progress.skipped)} had nowhere to go and are left out. ")
    if report.ended_by is EndedBy.CANCELLED:
        parts.append("It was stopped before its end. ")
    parts.append(" ".join(report.remarks))
    is_whole = report.ended_by is not EndedBy.CANCELLED and not progress.skipped and not report.remarks
    tone = Tone.WAITING if not is_whole else Tone.MUTED if report.is_dry_run else Tone.OK
    return "".join(parts).strip(), tone
