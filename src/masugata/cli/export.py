"""`masugata export`: write an organization as a file that `masugata apply` reads."""

from typing import Any

import click

from masugata.apply import read_state, write_description
from masugata.cli._applying import Where, connected, server_options


@click.command(epilog="Example: masugata export > organization.yaml")
@server_options
def export(**where: Any) -> int:
    """Write accounts, policies, users, groups and roles; applying that where it came from changes nothing.

    No secret is in it: of access keys only how many a user has. Exit status 1: the IAM of some accounts
    could not be read, and is left out.
    """
    with connected(Where(**where)) as server:
        state = read_state(server.sessions, lambda _account: True)
    click.echo(write_description(state), nl=False)
    for key in state.unread:
        click.echo(f"masugata: the IAM of the account `{key}` cannot be read, and is left out", err=True)
    return 1 if state.unread else 0
