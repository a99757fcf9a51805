"""Where the broker's program comes from: Java of the machine, jars by Maven, kept in a cache folder."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CACHE_VARIABLE = "KAFKA_AGENT_STUDIO_KAFKA_CACHE"
OLDEST_JAVA = 17

_ROOT = Path(__file__).resolve().parents[2]
_POM = _ROOT / "packaging" / "kafka" / "pom.xml"
LOGGING_FILE = _POM.with_name("log4j2.properties")


class KafkaUnavailableError(RuntimeError):
    """This machine cannot run Apache Kafka; the message says what is missing, in half a sentence."""


def java_command() -> str:
    """Return the path of a Java that is new enough: that of JAVA_HOME, else the one on the PATH.

    Raises:
        KafkaUnavailableError: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    candidates = [shutil.which("java", path=str(Path(home) / "bin")) if home else None, shutil.which("java")]
    for java in candidates:
        if java is not None and _java_version(java) >= OLDEST_JAVA:
            return java
    raise KafkaUnavailableError(f"no Java {OLDEST_JAVA} or newer")


def _java_version(java: str) -> int:
    # On a Mac without Java the command is there, and only says where to get one.
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', answer)
    return int(found.group(1)) if found else 0


def jars_folder() -> Path:
    """Return the folder with the broker's jars, after fetching them with Maven where they are not there yet.

    Raises:
        KafkaUnavailableError: there is no Maven, or it could not fetch them.
    """
    folder = _cached_jars()
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailableError("no Maven to fetch its jars with")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Fetched aside and moved into place: a second run at the same time, or one cut short, finds all of them or none.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as aside:
        fetched = Path(aside) / "jars"
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={fetched}"]
        command = [maven, "-B", "-q", "-f", str(_POM), *goal]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            reason = next((line for line in answer.stdout.splitlines() if "ERROR" in line), answer.stderr[-500:])
            raise KafkaUnavailableError(f"Maven could not fetch its jars: {reason.strip()}")
        try:
            fetched.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    return folder


def missing_reason() -> str | None:
    """Return what keeps this machine from running Apache Kafka, None where nothing does. Fetches nothing."""
    try:
        java_command()
    except KafkaUnavailableError as error:
        return str(error)
    if not _cached_jars().is_dir() and shutil.which("mvn") is None:
        return "no Maven to fetch its jars with"
    return None


def _cached_jars() -> Path:
    cache = Path(os.environ.get(CACHE_VARIABLE) or _ROOT / ".cache" / "kafka")
    # Named after the file's content, so that a changed version is never mixed with the old jars.
    return cache / hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]
