"""The socket that a server listens on, opened before anything else is made or loaded."""

import socket

from masugata.errors import MasugataError
from masugata.settings import Settings

BACKLOG = 2048  # connections that wait to be accepted


class CannotListenError(MasugataError):
    """The address is taken, or is not this machine's."""


def listen(settings: Settings) -> socket.socket:
    """The listening socket; raises `CannotListenError`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "not a host name"
        raise CannotListenError(
            f"cannot listen on {settings.host}:{settings.port}: {reason}; choose another --host or --port"
        ) from error
    return listener
