"""`masugata up`: start the server."""

import shlex
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from masugata import __version__
from masugata.cli._first_root_keys import first_root_keys, is_sealed, lasting_file, open_root_keys
from masugata.cli._options import data_option, json_option, settings_from
from masugata.keeper.child import KeeperProcess
from masugata.settings import Settings
from masugata.sockets import listen

if TYPE_CHECKING:
    from masugata.server import First, Started


@click.command(epilog="Example: masugata up --port 4566")
@data_option
@click.option(
    "--database", metavar="URL", help="PostgreSQL database to keep everything in, for several nodes."
)
@click.option(
    "--keeper", metavar="unix:PATH", help="Keeper of its own that holds the root key, instead of one of ours."
)
@click.option("--seal", metavar="URI", help="How the root keys are kept. [default: file:root.key]")
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    help="File, or descriptor such as /dev/fd/3, with the passphrase or PIN of the seal.",
)
@click.option("--host", help="Address to listen on. [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one. [default: 4566]")
@click.option("--tls", metavar="auto|CERT,KEY", help="Serve HTTPS; `auto` makes a local authority.")
@click.option("--insecure", is_flag=True, default=None, help="Allow plain HTTP beyond this machine.")
@click.option(
    "--ephemeral",
    is_flag=True,
    default=None,
    help="Keep everything in memory; --data is then .masugata-ephemeral.",
)
@click.option(
    "--organization",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make the organization that this file describes, before anybody else is answered.",
)
@click.option("--workers", type=int, metavar="N", help="Processes that answer requests. [default: 1]")
@click.option(
    "--edge",
    "sites",
    multiple=True,
    metavar="NAME=LISTEN=UPSTREAM",
    help="Stand in front of a web application too; more in `masugata edge`.",
)
@click.option(
    "--fail-open", is_flag=True, help="Let requests through that edge, uninspected, while it has no plan."
)
@click.option("--account-id", help="Account of a new installation. [default: 111122223333]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="What to log.")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="How to log. [default: text]")
@click.option(
    "--access-log",
    type=click.Choice(["none", "errors", "all"]),
    help="Which requests to log, one line each. [default: none]",
)
@json_option
def up(
    as_json: bool,
    organization: Path | None,
    sites: tuple[str, ...],
    fail_open: bool,
    **flags: Path | str | int | bool | None,
) -> int:
    """Start the server, in the foreground, until Ctrl-C.

    The first start makes an account, its root user and an IAM user `admin`, whose access key goes
    to the file `credentials` in the data directory.
    """
    settings = settings_from(flags)
    first = None
    if organization is not None:
        if settings.workers > 1:
            raise click.UsageError("--organization needs one worker: run `masugata apply` beside several")
        from masugata.cli._organization_first import making  # noqa: PLC0415  YAML is slow to import

        first = making(organization, settings)
        if first is None:
            return 2
    fresh = not (settings.ephemeral or settings.keeper or (settings.data / "credentials").exists())
    first_root_keys(settings, quiet=as_json)
    # The keeper is started before this process loads the rest, so that it gets ready meanwhile.
    with (
        listen(settings) as listener,
        _keeper(settings) as keeper,
        _edge(sites, settings, listener, fail_open=fail_open) as registering,
    ):
        from masugata import server  # noqa: PLC0415
        from masugata.server.monitoring import configure_logging  # noqa: PLC0415

        configure_logging(settings)
        open_root_keys(settings, keeper)
        server.serve(
            settings,
            listener,
            lambda started: _announce(
                settings,
                started,
                as_json,
                sealed=is_sealed(settings, keeper),
                fresh=fresh,
                open_edge=bool(sites) and fail_open,
            ),
            lambda: settings_from(flags),
            first if registering is None else registering(first),
            keeper,
        )
    return 0


def _keeper(settings: Settings) -> "KeeperProcess | nullcontext[None]":
    """The process that holds the root key, unless it is in memory or with somebody else."""
    if settings.ephemeral or settings.keeper is not None:
        return nullcontext()
    return KeeperProcess(settings.data, settings.seal, lasting_file(settings), settings.log_level)


@contextmanager
def _edge(
    sites: tuple[str, ...], settings: Settings, listener: socket.socket, *, fail_open: bool
) -> "Iterator[Callable[[First | None], First] | None]":
    """The process in front of web applications, if there are some; what makes edges in memory known."""
    if not sites:
        yield None
        return
    from masugata.cli._edge_settings import edge_settings  # noqa: PLC0415
    from masugata.edge.beside import Beside  # noqa: PLC0415
    from masugata.edge.settings import EdgeSettings, StoreSettings, read_site  # noqa: PLC0415

    named = tuple(map(read_site, sites))
    store, endpoint, registering = None, None, None
    if settings.ephemeral:
        from masugata.cli._edges_in_memory import EdgesInMemory  # noqa: PLC0415
        from masugata.server.listening import url_of  # noqa: PLC0415

        edges = EdgesInMemory(settings, named)
        endpoint, registering = edges.endpoint(url_of(settings, listener)), edges.registering
    else:
        store = StoreSettings(str(settings.data.absolute()), settings.region, settings.database)
    edge = EdgeSettings(
        sites=named,
        workers=settings.workers,
        fail_open=fail_open,
        trusted_proxies=settings.trusted_proxies,
        log_level=settings.log_level,
        store=store,
        endpoint=endpoint,
        **edge_settings(settings),
    )
    with Beside(edge):
        yield registering


def _announce(
    settings: Settings, started: "Started", as_json: bool, *, sealed: bool, fresh: bool, open_edge: bool
) -> None:
    """Say that the server is ready, and the three lines that a person needs next."""
    if as_json:
        ready = {"status": "sealed" if sealed else "ready", "url": started.url, "account": started.account}
        click.echo(orjson.dumps(ready | {"data": str(settings.data)}).decode())
        return
    data = "" if settings.data == Path(".masugata") else f" --data {shlex.quote(str(settings.data))}"
    state = "SEALED" if sealed else "ready"
    lines = [f"masugata {__version__} is {state} at {started.url}, account {started.account}."]
    if sealed:
        lines += ["It answers no call before its root keys are opened:", f"  {_program()} keys unseal{data}"]
    if fresh and (settings.seal is None or settings.seal.startswith("file:")):
        place = (settings.data / (settings.seal or "file:root.key").removeprefix("file:")).absolute()
        lines += [
            f"Its root key is new, in {place}. Whoever loses that file loses",
            "every secret here, and no backup has it: keep a copy elsewhere.",
        ]
    if open_edge:
        from masugata.cli._edge_settings import OPEN_WHILE_UNPLANNED  # noqa: PLC0415

        lines.append(OPEN_WHILE_UNPLANNED)
    if settings.ephemeral:
        lines.append("Everything is kept in memory and gone when it stops.")
    lines += [
        "In another shell:",
        "",
        f'  eval "$({_program()} env{data})"',
        "  aws sts get-caller-identity",
        f"  {_program()} doctor{data}",
        "",
    ]
    click.echo("\n".join(lines))


def _program() -> str:
    """How this program was called, so that the lines work where it is not on the PATH."""
    return shlex.quote(sys.argv[0]) if "/" in sys.argv[0] and not sys.argv[0].endswith(".py") else "masugata"
