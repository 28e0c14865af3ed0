"""The command line: one file a verb, loaded only when it is called.

Exit status: 0 fine, 1 found or denied something, 2 could not do it.
"""

import sys
from importlib import import_module

import click

from masugata import __version__
from masugata.errors import MasugataError

VERBS = {
    "apply": "Make an organization as a file describes it.",
    "backup": "Copy an installation into one file.",
    "doctor": "Check this machine and an installation.",
    "edge": "Stand in front of web applications and inspect their requests.",
    "edges": "Tell edges, and make those on other machines known.",
    "env": "Print what to export so that AWS clients talk to masugata.",
    "export": "Write an organization as a file that `apply` reads.",
    "feeds": "Fetch lists and tables of addresses, and tell how old they are.",
    "keeper": "Hold the root key for servers of another user.",
    "keys": "Open, close, rotate, move and recover the root keys.",
    "login": "Sign in with a password, and keep the session as a profile.",
    "policy": "Check, test, simulate, compare and explain policies.",
    "restore": "Put a backup into a data directory.",
    "root": "Manage the root user's credentials, on this machine only.",
    "up": "Start the server.",
    "waf": "Test, explain and import rules of the web application firewall.",
}


class _Verbs(click.Group):
    """Finds `masugata.cli.VERB` and its command of the same name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"masugata.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))


@click.group(cls=_Verbs)
@click.version_option(__version__, prog_name="masugata")
def command() -> None:
    """The security system that AWS describes, running for real behind AWS's own APIs."""


def main() -> None:
    """Run the command line; our own errors are told in one line, and end with status 2."""
    stdout = sys.stdout
    try:
        status = command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Abort:
        sys.exit(130)
    except MasugataError as error:
        click.echo(f"masugata: {error}", err=True)
        sys.exit(2)
    except SystemExit as ended:
        # When nobody reads our output any more, click exchanges stdout and exits with 1; but that means
        # here that something was found.
        sys.exit(ended.code if sys.stdout is stdout else 2)
    except OSError as error:
        where = f" `{error.filename}`" if error.filename else ""
        click.echo(f"masugata: cannot use{where}: {error.strerror or error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
