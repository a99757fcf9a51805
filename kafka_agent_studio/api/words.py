"""Faults in plain words: what happened, what it means for the messages, what to do."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kafka_agent_studio.api.faults import Fault, FaultCode


class Sentence(msgspec.Struct, frozen=True):
    """A fault for a person. `what` is one line and stands alone; no part ends in a full stop."""

    what: str
    means: str
    remedy: str


def sentence(fault: Fault) -> Sentence:
    """Return a fault in words; parameters that are missing leave a shorter sentence, never an error."""
    return _SENTENCES[fault.code](_Parameters(fault.parameters))


def one_line(fault: Fault) -> str:
    """Return what happened in one line, for a log or a status strip."""
    return " ".join(sentence(fault).what.split())


class _Parameters:
    """A fault's parameters as text."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return str(self._values.get(name, "?"))

    def detail(self, name: str = "detail") -> str:
        """Return `: detail`, or nothing where there is none."""
        text = str(self._values.get(name, "")).strip()
        return f": {text}" if text else ""

    def at(self, name: str, *, before: str = " ", after: str = "") -> str:
        """Return a parameter with its surroundings, or nothing where it is missing or empty."""
        text = str(self._values.get(name, "")).strip()
        return f"{before}{text}{after}" if text else ""

    def is_one(self, name: str) -> bool:
        """Whether a count is 1."""
        return self._values.get(name) == 1


def _broker_unreachable(p: _Parameters) -> Sentence:
    return Sentence(
        f"the broker{p.at('address')} cannot be reached{p.detail()}",
        "nothing is read or published through this connection meanwhile, and nothing is lost",
        "it is tried again by itself; if it stays so, check the address, the network and that the broker runs",
    )


def _login_refused(p: _Parameters) -> Sentence:
    return Sentence(
        f"the broker refused the login{p.at('username', before=' of ')}{p.detail()}",
        "nothing is read or published with these credentials, and nothing is lost",
        "check user name, password secret and SASL mechanism; a corrected secret is used at the next try",
    )


def _tls_failed(p: _Parameters) -> Sentence:
    return Sentence(
        f"no secure connection{p.at('address', before=' to ')}{p.detail()}",
        "nothing is read or published through this connection, and nothing is lost",
        "check the protocol, ca_file, the host name and the validity of the certificates",
    )


def _secret_missing(p: _Parameters) -> Sentence:
    return Sentence(
        f"the secret {p['secret']} is not there",
        "what needs it cannot log in; nothing is lost",
        f"store it with: kas secret set {p['secret']}",
    )


def _secret_store(p: _Parameters) -> Sentence:
    return Sentence(
        f"the keyring cannot be used{p.detail()}",
        "secrets that are not in the environment cannot be read; nothing is lost",
        "unlock or install a keyring, or give the secret in KAFKA_AGENT_STUDIO_SECRET_<NAME>",
    )


def _topic_missing(p: _Parameters) -> Sentence:
    return Sentence(
        f"the topic {p['topic']} does not exist",
        "there is nothing to read yet; reading never creates a topic",
        "create it, or correct the name; it is noticed within a minute",
    )


def _topic_recreated(p: _Parameters) -> Sentence:
    return Sentence(
        f"the topic {p['topic']} was deleted and created anew",
        "the offsets committed so far mean nothing in the new topic, so reading has stopped",
        "reset the group's offsets to where reading should begin, then start the connector",
    )


def _topic_denied(p: _Parameters) -> Sentence:
    return Sentence(
        f"no permission to {p['operation']} the topic {p['topic']}",
        "its messages stay where they are until it is granted",
        f"grant the operation {p['operation'].upper()} on the topic to this user; it is tried again by itself",
    )


def _group_denied(p: _Parameters) -> Sentence:
    return Sentence(
        f"no permission to read with the group {p['group']}",
        "nothing is read, and nothing is lost",
        "grant READ on the group to this user, or choose another group_id; it is tried again by itself",
    )


def _records_removed(p: _Parameters) -> Sentence:
    if p["first"] == p["last"]:
        removed = f"{p['first']} was removed before it was read"
    else:
        removed = f"{p['first']} to {p['last']} were removed before they were read"
    return Sentence(
        f"{p['topic']}/{p['partition']}: {removed}",
        "retention overtook the reader: these messages are gone, reading goes on at the oldest that is left",
        "keep messages longer on the topic, or read faster: more engines in the group, a higher max_concurrent_runs",
    )


def _record_unreadable(p: _Parameters) -> Sentence:
    return Sentence(
        f"{p['topic']}/{p['partition']}/{p['offset']} cannot be read{p.detail()}",
        "the record is broken on the broker; it is passed over and reading goes on behind it",
        "look at the record with other tools if it matters, and at the producer that wrote it",
    )


def _run_failed_stop(p: _Parameters) -> Sentence:
    return Sentence(
        f"the run of {p['agent']} for {p['place']} failed{p.detail()}",
        "on_failure is stop: reading has stopped before this message, nothing past it is committed",
        "correct the cause and start the connector: the message is tried again under the same run id",
    )


def _model_refused(p: _Parameters) -> Sentence:
    times = "once" if p.is_one("count") else f"{p['count']} times in a row"
    return Sentence(
        f"the model's provider refused {p['agent']} {times}{p.detail()}",
        "reading is paused and nothing of it is committed, so that no message is spent on failures",
        "check the model's key, its name and the account, then start the connector",
    )


def _tools_not_trusted(p: _Parameters) -> Sentence:
    return Sentence(
        f"the tools of {p['agent']} are code of a folder that nobody has trusted on this computer yet",
        "nothing is read: the messages stay in the topic",
        "look at the files in tools/, then choose Trust and run",
    )


def _budget_reached(p: _Parameters) -> Sentence:
    unit = "US dollars" if p["kind"] == "cost" else p["kind"]
    return Sentence(
        f"the day's budget is reached: {p['used']} of {p['limit']} {unit}",
        "connectors with llm agents are paused until midnight UTC; what was read is finished or stays uncommitted",
        "wait for the next day, or raise the budget in studio.yaml",
    )


def _store_full(p: _Parameters) -> Sentence:
    return Sentence(
        f"the run store {p['path']} cannot be written{p.detail()}",
        "intake is paused: no result leaves that could not be finished after a crash",
        "make room on the disk (or let it be written); work goes on by itself",
    )


def _store_damaged(p: _Parameters) -> Sentence:
    aside = p.at("set_aside", before="; it was set aside as ")
    return Sentence(
        f"the run store {p['path']} was damaged{aside}",
        "earlier runs are no longer listed; a new store was begun, messages not yet committed are worked again"
        if aside
        else "its runs cannot be listed",
        "look at the disk; the file set aside can be examined with sqlite3"
        if aside
        else "the engine sets it aside when it next runs; look at the disk",
    )


def _config_invalid(p: _Parameters) -> Sentence:
    return Sentence(
        f"{p['file']}:{p['line']}:{p['column']}: {p['message']}",
        "the version before keeps running, where there was one",
        "correct the file; a save is picked up by itself",
    )


def _not_progressing(p: _Parameters) -> Sentence:
    return Sentence(
        f"no progress for {p['seconds']} s although messages wait",
        "the consumer is taken to be stuck and is made anew; nothing is lost",
        "nothing, unless it happens again and again: then look at the broker's log",
    )


def _certificate_expires(p: _Parameters) -> Sentence:
    days = str(p["days"])
    has_expired = days.startswith("-")
    if has_expired:
        # rounded down, so that -1 is whatever is less than a day ago
        ago = int(days[1:]) - 1
        when = f"expired {'less than a day' if not ago else '1 day' if ago == 1 else f'{ago} days'} ago"
    elif days == "0":
        # rounded down: it may be tomorrow by the calendar
        when = "expires in less than a day"
    else:
        when = f"expires in {days} {'day' if p.is_one('days') else 'days'}"
    whose, refuses, remedy = _CERTIFICATES.get(str(p["kind"]), _CERTIFICATES["client"])
    return Sentence(
        f"{whose} {p['file']} {when}",
        f"{refuses} every new connection; one that is open goes on until it breaks"
        if has_expired
        else f"after that {refuses} every new connection; until then everything goes on",
        remedy,
    )


_CERTIFICATES = {
    "client": (
        "the client certificate",
        "the broker refuses",
        "renew it and put the new file in its place; it is read at the next connect",
    ),
    "authority": (
        "the authority's certificate",
        "this program, which trusts brokers by it, refuses",
        "get the authority's new certificate and put it in its place; it is read at the next connect",
    ),
    "broker": (
        "the certificate of the broker",
        "this program, as every client that looks at it, refuses",
        "have the broker's certificate renewed",
    ),
}
"""Whose it is, who refuses once it has expired, and what to do."""


def _publish_waiting(p: _Parameters) -> Sentence:
    return Sentence(
        f"results for the topic {p['topic']} wait{p.detail()}",
        "they are kept and sent as soon as it is possible; their messages stay uncommitted until then",
        "check that the topic exists, may be written and that its cluster is reachable",
    )


def _internal(p: _Parameters) -> Sentence:
    return Sentence(
        f"an error inside the program{p.detail()}",
        "the part that failed is started again; nothing uncommitted is lost",
        "please report it with the log",
    )


_SENTENCES: Mapping[FaultCode, Callable[[_Parameters], Sentence]] = {
    FaultCode.BROKER_UNREACHABLE: _broker_unreachable,
    FaultCode.LOGIN_REFUSED: _login_refused,
    FaultCode.TLS_FAILED: _tls_failed,
    FaultCode.SECRET_MISSING: _secret_missing,
    FaultCode.SECRET_STORE: _secret_store,
    FaultCode.TOPIC_MISSING: _topic_missing,
    FaultCode.TOPIC_RECREATED: _topic_recreated,
    FaultCode.TOPIC_DENIED: _topic_denied,
    FaultCode.GROUP_DENIED: _group_denied,
    FaultCode.RECORDS_REMOVED: _records_removed,
    FaultCode.RECORD_UNREADABLE: _record_unreadable,
    FaultCode.RUN_FAILED_STOP: _run_failed_stop,
    FaultCode.MODEL_REFUSED: _model_refused,
    FaultCode.TOOLS_NOT_TRUSTED: _tools_not_trusted,
    FaultCode.BUDGET_REACHED: _budget_reached,
    FaultCode.STORE_FULL: _store_full,
    FaultCode.STORE_DAMAGED: _store_damaged,
    FaultCode.CONFIG_INVALID: _config_invalid,
    FaultCode.NOT_PROGRESSING: _not_progressing,
    FaultCode.CERTIFICATE_EXPIRES: _certificate_expires,
    FaultCode.PUBLISH_WAITING: _publish_waiting,
    FaultCode.INTERNAL: _internal,
}
