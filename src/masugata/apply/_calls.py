"""Changes that several parts of a plan make alike."""

from typing import Any

from masugata.apply.changes import Change, Late, Plan, Stage
from masugata.apply.description import MANAGEMENT, Tags
from masugata.apply.live import tag_list


def organizations(
    stage: Stage,
    action: str,
    what: str,
    operation: str,
    details: tuple[str, ...] = (),
    learns: tuple[str, Any, tuple[str, ...]] | None = None,
    /,
    **request: Any,
) -> Change:
    """A call of Organizations by the management account."""
    return Change(
        stage=stage,
        action=action,
        what=what,
        account=MANAGEMENT,
        service="organizations",
        operation=operation,
        request=request,
        details=details,
        learns=learns,
    )


def plan_tags(plan: Plan, what: str, id_: Late, described: Tags | None, live: Tags | None) -> None:
    """Tags of something of the organization; those of what is made are part of its making."""
    if described is None or live is None:
        return
    changed = {key: value for key, value in described.items() if live.get(key) != value}
    if changed:
        details = tuple(f"{key}: {value}" for key, value in changed.items())
        plan.add(
            organizations(
                Stage.ORGANIZATION_TAGS,
                "tag",
                what,
                "TagResource",
                details,
                ResourceId=id_,
                Tags=tag_list(changed),
            )
        )
    gone = [key for key in live if key not in described]
    for key in gone:
        removal = organizations(
            Stage.REMOVE, "untag", f"{what}: {key}", "UntagResource", ResourceId=id_, TagKeys=[key]
        )
        plan.leave(f"the tag `{key}` of the {what}", MANAGEMENT, removal)
