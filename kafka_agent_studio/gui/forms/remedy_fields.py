"""Which fields of a form the words of a connection check mean: they speak of the file, as on a terminal."""

import re

_KEYS = {
    r"bootstrap_servers|\bbootstrap server\b": "bootstrap_servers",
    r"\bchoose (?:SASL_)?(?:SSL|PLAINTEXT)\b": "security.protocol",
    r"\bmechanisms\b": "security.sasl_mechanism",
    r"\bca_file\b": "security.ca_file",
    r"\bverify_hostname\b": "security.verify_hostname",
    r"\bclient_cert_file\b": "security.client_cert_file",
    r"\bclient_key_file\b": "security.client_key_file",
    r"\bclient_key_password_secret\b": "security.client_key_password_secret",
    r"\bgroup_id\b": "group_id",
}
_SECRET = re.compile(r"\bsecret set (\S+)")


def fields_meant(text: str) -> list[str]:
    """Return the dotted keys of the fields that a remedy speaks of, in the order of a form."""
    return [key for pattern, key in _KEYS.items() if re.search(pattern, text)]


def secrets_meant(text: str) -> set[str]:
    """Return the names of the secrets that a remedy says to set."""
    return set(_SECRET.findall(text))


def in_this_form(titles: list[str]) -> str:
    """Return a sentence that names the fields; empty where there are none."""
    quoted = [f"“{title}”" for title in titles]
    listed = " and ".join(part for part in (", ".join(quoted[:-1]), *quoted[-1:]) if part)
    return f"In this form: {listed}." if listed else ""
