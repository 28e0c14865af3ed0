"""The plan of organizational units and accounts."""

from typing import Any

from masugata.apply._calls import organizations, plan_tags
from masugata.apply.changes import Plan, Stage, late_id
from masugata.apply.description import MANAGEMENT, Account, Description, Unit
from masugata.apply.live import tag_list
from masugata.apply.problems import Problems, shown
from masugata.apply.state import State
from masugata.services.organizations._creating import ACCOUNT_ID_TAG


def unit_name(path: tuple[str, ...]) -> str:
    """A unit for people."""
    return f"organizational unit {shown('/'.join(path))}" if path else "root"


def plan_units(description: Description, state: State, plan: Plan) -> None:
    """Make what is missing, parents first."""
    if description.root is None:
        return
    for unit in description.root.walk():
        live = state.unit(unit.path)
        id_ = late_id("unit", unit.path)
        if live is None and unit.path:
            plan.add(
                organizations(
                    Stage.UNITS,
                    "create",
                    unit_name(unit.path),
                    "CreateOrganizationalUnit",
                    (),
                    ("unit", unit.path, ("OrganizationalUnit", "Id")),
                    ParentId=late_id("unit", unit.path[:-1]),
                    Name=unit.path[-1],
                    Tags=tag_list(unit.tags or {}),
                )
            )
            continue
        # A root that is yet to be made has no tags.
        plan_tags(plan, unit_name(unit.path), id_, unit.tags, {} if live is None else live.tags)
        if live is not None and unit.units is not None:
            for name, child in (live.units or {}).items():
                if name not in unit.units:
                    _leave_unit(child, description, plan)


def _leave_unit(unit: Unit, description: Description, plan: Plan) -> None:
    """A unit with all below it; only empty ones can be deleted, the deepest first."""
    placed = (
        {name for place in description.root.walk() for name in place.accounts or ()}
        if description.root
        else set()
    )
    below = list(unit.walk())
    for found in reversed(below):
        staying = [name for inner in found.walk() for name in inner.accounts or () if name not in placed]
        what = unit_name(found.path)
        if staying:
            plan.leave(what, MANAGEMENT, why=f"it holds the account {shown(staying[0])}")
            continue
        removal = organizations(
            Stage.DELETE,
            "delete",
            what,
            "DeleteOrganizationalUnit",
            OrganizationalUnitId=late_id("unit", found.path),
        )
        plan.leave(what, MANAGEMENT, removal)


def plan_accounts(description: Description, state: State, plan: Plan, problems: Problems) -> None:
    """Make what is missing, and move what stands elsewhere."""
    live = state.description
    for account in (description.accounts or {}).values():
        found = live.account(account.key)
        if found is None:
            _check_new(account, description, state, problems)
            _create(account, plan)
        else:
            _check_same(account, found, problems)
            what = f"account {shown(account.key)}"
            plan_tags(plan, what, late_id("account", account.key), account.tags, found.tags)
    plan_tags(
        plan,
        "management account",
        late_id("account", MANAGEMENT),
        description.management.tags,
        live.management.tags or {},
    )
    for unit in description.root.walk() if description.root is not None else ():
        for name in unit.accounts or ():
            before = state.parent_of(name) or ()
            if before != unit.path:
                plan.add(
                    organizations(
                        Stage.MOVE,
                        "move",
                        f"account {shown(name)} to the {unit_name(unit.path)}",
                        "MoveAccount",
                        (f"from the {unit_name(before)}",),
                        AccountId=late_id("account", str(name)),
                        SourceParentId=late_id("unit", before),
                        DestinationParentId=late_id("unit", unit.path),
                    )
                )
    if description.accounts is not None:
        for key in live.accounts or {}:
            if key not in description.accounts:
                why = "closing an account is for a person to do"
                plan.leave(f"account {shown(key)}", MANAGEMENT, why=why)


def _check_new(account: Account, description: Description, state: State, problems: Problems) -> None:
    """What the chosen id of a new account rules out."""
    if account.id is None:
        return
    if account.id == state.names.get("account", MANAGEMENT):
        problems.add(account, f"{account.id} is the management account: it stands at the top level")
    most = description.limits["organizations.tags-per-resource"]
    if len(account.tags or {}) >= most:
        problems.add(account, f"with its id, which is a tag too, it has more than {most} tags")


def _create(account: Account, plan: Plan) -> None:
    tags = dict(account.tags or {})
    if account.id is not None:
        tags[ACCOUNT_ID_TAG] = account.id
    request: dict[str, Any] = {"Email": account.email, "AccountName": account.name, "Tags": tag_list(tags)}
    plan.add(
        organizations(
            Stage.ACCOUNTS,
            "create",
            f"account {shown(account.key)}",
            "CreateAccount",
            (account.email,),
            ("account", account.key, ("CreateAccountStatus", "AccountId")),
            **request,
        )
    )


def _check_same(account: Account, live: Account, problems: Problems) -> None:
    """Nothing in a file changes an account's id, name or e-mail address."""
    for what, described, found in (
        ("id", account.id or live.id, live.id),
        ("name", account.name, live.name),
        ("e-mail address", account.email.lower(), live.email.lower()),
    ):
        if described != found:
            problems.add(
                account,
                f"the account {shown(account.key)} has the {what} {shown(str(found))} in the organization, "
                "and a file cannot change that",
            )
