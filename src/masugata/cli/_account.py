"""Whose policies a tool asks about: an installation, a server, or exported accounts."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from masugata.authorization.accounts import (
    AccountExport,
    AccountView,
    AuthorizationDetails,
    read_details,
    view_of_exports,
    view_of_records,
)
from masugata.authorization.reach.organizations import management_notes
from masugata.cli._json_values import read_file, read_values
from masugata.cli._options import data_option, settings_from
from masugata.errors import MasugataError

Command = TypeVar("Command", bound=Callable[..., Any])

_READING_SECONDS = 60


class Source(NamedTuple):
    """What the options of `account_options` said."""

    data: Path | None = None
    endpoint: str | None = None
    profile: str | None = None
    export: Sequence[Path] = ()


def account_options(command: Command) -> Command:
    """The options `--data`, `--endpoint`, `--profile` and `--export`, named like the fields of `Source`."""
    for option in (
        click.option(
            "--export",
            multiple=True,
            type=click.Path(dir_okay=False, path_type=Path),
            help="What `aws iam get-account-authorization-details` wrote; one file for each account.",
        ),
        click.option(
            "--profile", help="Ask a server or AWS itself, with this profile of the AWS configuration."
        ),
        click.option(
            "--endpoint", metavar="URL", help="Ask the server at this URL, e.g. http://127.0.0.1:4566"
        ),
        data_option,
    ):
        command = option(command)
    return command


def open_accounts(source: Source, *, scp: bool = False) -> AccountView:
    """The accounts of the source; raises `MasugataError`, `AccountExportError` among them.

    Without any option the source is the installation of this directory, as `--data` has it. With `scp` its
    notes say which accounts no service control policy binds.
    """
    view = _opened(source, scp=scp)
    return view._replace(notes=(*view.notes, *management_notes(view))) if scp else view


def _opened(source: Source, *, scp: bool) -> AccountView:
    given = [
        name
        for name, value in (
            ("--export", source.export),
            ("--data", source.data),
            ("--endpoint or --profile", source.endpoint or source.profile),
        )
        if value
    ]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} are different sources: give one")
    if source.export:
        return view_of_exports([read_export(path) for path in source.export])
    if source.endpoint or source.profile:
        return _fetched(source.endpoint, source.profile, scp=scp)
    # All of the server, which --help and exported accounts need not wait for.
    from masugata.server import open_installation  # noqa: PLC0415

    store, _ = open_installation(settings_from({"data": source.data}), create=False)
    try:
        return view_of_records(store.snapshot())
    finally:
        store.close()


def read_export(path: Path) -> AccountExport:
    """One exported account: all pages of it, one after another or merged as the AWS CLI does."""
    values = read_values(read_file(str(path)), str(path))
    return AccountExport(str(path), [read_details(value, where) for value, where in values])


def _fetched(endpoint: str | None, profile: str | None, *, scp: bool) -> AccountView:
    """The account that the profile's credentials belong to, asked for page by page.

    Unless SCPs were given, a note says what of its organization is not known.
    """
    # Slow to import, and needed only here.
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.session import Session  # noqa: PLC0415

    try:
        session = Session(profile=profile)
        client, organizations = (
            session.create_client(
                service,
                region_name="us-east-1",
                endpoint_url=endpoint,
                config=Config(read_timeout=_READING_SECONDS),
            )
            for service in ("iam", "organizations")
        )
        where = str(client.meta.endpoint_url)
        view = view_of_exports([AccountExport(where, list(_pages(client, where)))])
        unknown = () if scp else _unknown_policies(organizations, view.accounts[0])
        return view._replace(notes=(*view.notes, *unknown))
    except (BotoCoreError, ClientError, ValueError) as error:
        raise MasugataError(f"cannot read the account at {endpoint or 'AWS'}: {error}") from error


def _unknown_policies(client: Any, account: str) -> Iterator[str]:
    """That control policies bind the account which are not read here, or that nobody knows."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        found = client.describe_organization()["Organization"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AWSOrganizationsNotInUseException":
            yield f"whether an organization's policies bind the account is not known: {error}"
        return
    if found["MasterAccountId"] != account:
        yield (
            f"the account {account} is in the organization {found['Id']}, whose policies are not read: "
            "give the service control policies of each level with --scp"
        )


def _pages(client: Any, where: str) -> Iterator[AuthorizationDetails]:
    marker: dict[str, str] = {}
    while True:
        answer = client.get_account_authorization_details(**marker)
        yield read_details(answer, where)
        if not answer["IsTruncated"]:
            return
        if answer["Marker"] == marker.get("Marker"):
            raise MasugataError(f"{where} gave the same page twice")
        marker = {"Marker": answer["Marker"]}
