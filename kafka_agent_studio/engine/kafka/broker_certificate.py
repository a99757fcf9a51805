"""Until when the certificate that a broker shows is valid, whether it is trusted or not."""

import asyncio
import ssl
from datetime import datetime

from cryptography import x509

from kafka_agent_studio.engine.kafka.wire import connected, peer_certificate

ANSWER_S = 5.0


async def broker_certificate_end(host: str, port: int, context: ssl.SSLContext) -> datetime | None:
    """Return when it expires, in UTC; None where nobody shows one within ANSWER_S.

    Shakes hands as any client of ours does; only where the certificate is refused it is looked at without trust.
    """
    try:
        async with asyncio.timeout(ANSWER_S):
            der = await _shown(host, port, context)
            return None if der is None else x509.load_der_x509_certificate(der).not_valid_after_utc
    except (TimeoutError, ValueError):
        return None


async def _shown(host: str, port: int, context: ssl.SSLContext) -> bytes | None:
    try:
        async with connected(host, port, context) as (_, writer):
            session: ssl.SSLObject = writer.get_extra_info("ssl_object")
            return session.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError:
        return await peer_certificate(host, port)
    except (OSError, EOFError):
        return None
