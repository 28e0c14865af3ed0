"""Telling systemd how the service does, where it asked (`Type=notify`)."""

import os
import socket
import time
from contextlib import suppress


def notify_ready() -> None:
    """Requests are answered, by this process or those it started."""
    _notify("READY=1")


def notify_reloading() -> None:
    """Settings are read again; `notify_ready` follows when that is done."""
    _notify(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")


def notify_stopping() -> None:
    """The service ends."""
    _notify("STOPPING=1")


def _notify(message: str) -> None:
    """One datagram, as sd_notify(3) describes; nobody who cannot be told keeps the server from its work."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract names
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.sendto(message.encode(), address)
