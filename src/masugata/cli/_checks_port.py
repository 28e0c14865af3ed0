"""Who has the port that a server would listen on."""

import http.client
import socket

import orjson

from masugata.cli._checks import Check, fine, warning, wrong
from masugata.settings import Settings

_PATIENCE = 3.0  # seconds
_NAME = "port"


def port_check(settings: Settings) -> Check:
    """Whether `masugata up` could listen, and if not who does."""
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            probe.listen(1)
        except PermissionError:
            return wrong(
                _NAME, f"{where} is for the administrator of this machine", "choose a --port above 1023"
            )
        except OSError as error:
            return _taken(settings, where, error)
    return fine(_NAME, f"{where} is free")


def _taken(settings: Settings, where: str, error: OSError) -> Check:
    if _is_masugata(settings):
        text = f"another masugata listens on {where}, with another data directory"
        return warning(_NAME, text, "name its --data, or start this one with another --port")
    text = f"cannot listen on {where}: {error.strerror}; a program that is not masugata may be there"
    return wrong(_NAME, text, f"see who it is (ss -ltnp 'sport = {settings.port}'), or choose another --port")


def _is_masugata(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/_masugata/health/live")
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK and orjson.loads(answer.read(1024)) == {"status": "live"}
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
