"""Active health checks: each upstream is asked now and then, whether clients ask it or not."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from masugata.edge.http.response import parse_response

if TYPE_CHECKING:
    from masugata.edge.pool import Upstream
    from masugata.edge.site import Site

_LONGEST_HEAD = 65_536

_log = logging.getLogger("masugata.edge")


async def check_for_ever(site: "Site", path: str) -> None:
    """Ask all upstreams of a site for `path`, again and again."""
    while True:
        await asyncio.gather(*(check(site, upstream, path) for upstream in site.pool.upstreams))
        await asyncio.sleep(site.limits.health_seconds)


async def check(site: "Site", upstream: "Upstream", path: str) -> None:
    """Ask once: any answer below 500 is a good one."""
    try:
        async with asyncio.timeout(site.limits.health_seconds):
            status = await _status(upstream, path)
    except Exception as error:  # noqa: BLE001  # whatever it is, this one is not healthy; others are asked on
        healthy, said = False, str(error) or type(error).__name__
    else:
        healthy, said = status < 500, f"status {status}"
    if healthy != upstream.healthy:
        _log.warning("upstream %s is %s: %s", upstream.address, "healthy" if healthy else "not healthy", said)
        upstream.healthy = healthy
    if healthy:
        upstream.answered()


async def _status(upstream: "Upstream", path: str) -> int:
    address = upstream.address
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=_LONGEST_HEAD)
    try:
        lines = (
            f"GET {path} HTTP/1.1",
            f"Host: {address}",
            "User-Agent: masugata",
            "Connection: close",
            "",
            "",
        )
        writer.write("\r\n".join(lines).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        return parse_response(head[:-4], b"GET").status
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
