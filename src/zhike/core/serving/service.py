"""What systemd wants to hear from a service of `Type=notify`: that it answers now."""

import os
import socket
from contextlib import suppress


def notify_ready() -> None:
    """So that `systemctl restart` of one process ends when the next may be restarted; elsewhere nothing."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # An abstract address is written with @ and begins with a zero byte.
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(b"READY=1", address)
