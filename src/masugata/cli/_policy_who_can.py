"""`masugata policy who-can`: who may do an action on a resource."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._account import Source, open_accounts
from masugata.cli._question import check_texts, context_from
from masugata.cli._reach import (
    assumption_to_dict,
    painted,
    policy_set_of,
    reach_options,
    reason_lines,
    reasons_to_dict,
)
from masugata.engines.common import compile_glob, tokenize

_EXAMPLES = """\b
Examples:
  masugata policy who-can iam:DeleteUser arn:aws:iam::111122223333:user/alice
  masugata policy who-can s3:GetObject arn:aws:s3:::shop/menu --export account.json \\
      --context aws:MultiFactorAuthPresent=true --transitive
  masugata policy who-can kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/1 \\
      --resource-policy key.json --except 'arn:aws:iam::*:role/admin'
"""


@click.command("who-can", epilog=_EXAMPLES)
@click.argument("action")
@click.argument("resource")
@click.option("--transitive", is_flag=True, help="Follow roles that are assumed one after another.")
@click.option(
    "--except", "excepted", multiple=True, metavar="ARN", help="Leave out who may; `*` is a wildcard."
)
@click.option(
    "--resource-policy", type=click.Path(dir_okay=False, path_type=Path), help="The resource's policy."
)
@click.option(
    "--resource-account", metavar="ID", help="Who owns the resource, where its ARN does not say it."
)
@reach_options
@click.pass_context
def who_can_command(
    ctx: click.Context,
    /,
    action: str,
    resource: str,
    transitive: bool,
    excepted: tuple[str, ...],
    resource_policy: Path | None,
    resource_account: str | None,
    context: tuple[str, ...],
    scp: tuple[Path, ...],
    as_json: bool,
    **source: Any,
) -> None:
    """Say who may do ACTION on RESOURCE, by which statement, and who may through roles.

    Whatever a request may hold and --context does not say is unknown: who may only under conditions on that
    is listed with them. Root users are listed, and do not count as found.
    Exit status: 0 nobody may, 1 somebody may or may under conditions, 2 the question cannot be answered.
    """
    from masugata.authorization.reach.people import Population  # noqa: PLC0415
    from masugata.authorization.reach.who_can import who_can  # noqa: PLC0415
    from masugata.engines.policy import PolicyType  # noqa: PLC0415
    from masugata.engines.policy.matrix import Facts  # noqa: PLC0415

    check_texts(action, resource, *context, *excepted)
    found = who_can(
        Population(
            open_accounts(Source(**source), scp=bool(scp)),
            tuple(policy_set_of(PolicyType.SCP, path) for path in scp),
        ),
        action,
        resource,
        account=resource_account,
        policy=None if resource_policy is None else policy_set_of(PolicyType.RESOURCE, resource_policy),
        asked=Facts(context_from(context)),
        transitive=transitive,
    )

    left_out = [compile_glob(tokenize(pattern)) for pattern in excepted]

    def kept(name: str) -> bool:
        return not any(matches(name) for matches in left_out)

    found = found._replace(
        direct=tuple(holder for holder in found.direct if kept(holder.person.name)),
        through_roles=tuple(route for route in found.through_roles if kept(route.person.name)),
    )
    click.echo(orjson.dumps(_to_dict(found)) if as_json else "\n".join(_lines(found)))
    ctx.exit(1 if found.through_roles or any(not holder.person.root for holder in found.direct) else 0)


def _to_dict(found: Any) -> dict[str, Any]:
    return {
        "action": found.action,
        "resource": found.resource.arn,
        "direct": [
            {
                "principal": holder.person.name,
                "verdict": holder.verdict.value,
                "outside": holder.person.outside,
                "note": holder.person.note,
                **reasons_to_dict(holder.reasons),
            }
            for holder in found.direct
        ],
        "through_roles": [
            {
                "principal": route.person.name,
                "verdict": route.verdict.value,
                "hops": [assumption_to_dict(hop) | reasons_to_dict(found.why(hop)) for hop in route.hops],
            }
            for route in found.through_roles
        ],
        "notes": list(found.notes),
    }


def _lines(found: Any) -> Iterator[str]:
    yield f"{found.action} on {found.resource.arn}"
    if not found.direct and not found.through_roles:
        yield "nobody may"
    for holder in found.direct:
        yield f"{painted(holder.verdict)}: {holder.person.name}"
        yield from (f"    {line}" for line in reason_lines(holder.person, holder.verdict, holder.reasons))
    for route in found.through_roles:
        yield f"{painted(route.verdict)}: {route.person.name}"
        for hop in route.hops:
            yield f"    through {hop.role}"
            yield from (f"        {line}" for line in reason_lines(hop.person, hop.verdict, found.why(hop)))
    yield from (f"note: {note}" for note in found.notes)
