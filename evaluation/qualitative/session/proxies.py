"""The proxies whose X-Forwarded-For header says where a visitor comes from (`JUST_LOOK_TRUSTED_PROXIES`).

The server itself (uvicorn) reads the header: from a trusted proxy it takes the last address that is not a trusted
proxy's, because each proxy appends the address that it saw; from anybody else it takes nothing.
"""

from __future__ import annotations

import ipaddress
import os

LOOPBACK = "127.0.0.0/8,::1"
SPACE = "10.0.0.0/8"  # the network in which the proxy of a Hugging Face Space stands


def trusted_proxies() -> str:
    """Return the trusted addresses and networks, separated by commas.

    Raises:
        ValueError: an entry of the setting is neither an address nor a network.
    """
    default = f"{LOOPBACK},{SPACE}" if os.environ.get("SPACE_ID") else LOOPBACK
    entries = [entry.strip() for entry in os.environ.get("JUST_LOOK_TRUSTED_PROXIES", default).split(",")]
    for entry in filter(None, entries):
        try:
            ipaddress.ip_network(entry)
        except ValueError as error:
            raise ValueError(
                f"JUST_LOOK_TRUSTED_PROXIES: {entry!r} is neither an address nor a network such as 10.0.0.0/8."
            ) from error
    return ",".join(filter(None, entries))


def trust_proxies() -> None:
    """Let the server that starts next trust these proxies alone, whatever its own setting says.

    Raises:
        ValueError: see `trusted_proxies`.
    """
    os.environ["FORWARDED_ALLOW_IPS"] = trusted_proxies()
