"""The plan of trusted services, delegated administrators and the resource policy."""

from masugata.apply._calls import organizations
from masugata.apply._comparing import differences, same, sent
from masugata.apply.changes import Change, Plan, Stage, late_id
from masugata.apply.description import MANAGEMENT, Description, Document
from masugata.apply.problems import Problems, shown
from masugata.apply.state import State


def plan_services(description: Description, state: State, plan: Plan, problems: Problems) -> None:
    """Services are trusted before an account administers them, and the other way round at the end."""
    live = state.description.trusted_services or []
    for service in description.trusted_services or ():
        if service not in live:
            plan.add(_access(Stage.SERVICES, "enable", str(service), "EnableAWSServiceAccess"))
    for service in live if description.trusted_services is not None else ():
        if service not in (description.trusted_services or ()):
            removal = _access(Stage.DELETE, "disable", str(service), "DisableAWSServiceAccess")
            plan.leave(f"trusted service {shown(service)}", MANAGEMENT, removal)
    trusted = {*live, *(description.trusted_services or ())}
    for delegated, accounts in (description.delegated_administrators or {}).items():
        if accounts and delegated not in trusted:
            rule = f"{shown(delegated)} has no trusted access: name it in `trusted_services`"
            problems.add(accounts[0], rule)
    _plan_administrators(description, state, plan)


def _access(stage: Stage, action: str, service: str, operation: str) -> Change:
    what = f"trusted service {shown(service)}"
    return organizations(stage, action, what, operation, ServicePrincipal=service)


def _plan_administrators(description: Description, state: State, plan: Plan) -> None:
    described = description.delegated_administrators
    live = state.description.delegated_administrators or {}
    for service, accounts in (described or {}).items():
        for account in accounts:
            if account not in live.get(service, ()):
                plan.add(
                    _administrator(
                        Stage.ADMINISTRATORS,
                        "register",
                        str(account),
                        service,
                        "RegisterDelegatedAdministrator",
                    )
                )
    for service, accounts in live.items() if described is not None else ():
        for account in accounts:
            if account not in (described or {}).get(service, ()):
                removal = _administrator(
                    Stage.REMOVE, "deregister", str(account), service, "DeregisterDelegatedAdministrator"
                )
                plan.leave(removal.what, MANAGEMENT, removal)


def _administrator(stage: Stage, action: str, account: str, service: str, operation: str) -> Change:
    what = f"delegated administrator {shown(account)} of {shown(service)}"
    id_ = late_id("account", account)
    return organizations(stage, action, what, operation, AccountId=id_, ServicePrincipal=service)


def plan_resource_policy(description: Description, state: State, plan: Plan) -> None:
    """Put the resource policy if it is another. Without one in the file the one that is there stays."""
    described, live = description.resource_policy, state.description.resource_policy
    if described is None or (live is not None and same(described, live, state.names)):
        return
    details = differences(described, live or Document(content={}), state.names)
    plan.add(
        organizations(
            Stage.RESOURCE_POLICY,
            "create" if live is None else "update",
            "resource policy",
            "PutResourcePolicy",
            details,
            Content=sent(described),
        )
    )
