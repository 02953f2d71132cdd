"""ZHIKE_OUTGOING_ALLOW: names and networks inside that may be called all the same: bot.corp.example,10.2.0.0/16"""

import ipaddress
import re
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


@dataclass(frozen=True)
class Allowed:
    names: frozenset[str]
    networks: tuple[Network, ...]


def outgoing_allowed(text: str) -> Allowed:
    """Nothing unless named; what is neither name nor network stops the start with a sentence."""
    names: set[str] = set()
    networks: list[Network] = []
    for part in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(part))
        except ValueError:
            if "/" in part or not _NAME.fullmatch(part) or part.replace(".", "").isdigit():
                raise ValueError(
                    "ZHIKE_OUTGOING_ALLOW must look like bot.corp.example,10.2.0.0/16."
                ) from None
            names.add(part)
    return Allowed(frozenset(names), tuple(networks))
