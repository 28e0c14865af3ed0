"""From one export to the records of its account."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, TypeVar

import msgspec

from masugata.arn import Arn, InvalidArnError, parse_arn
from masugata.authorization import managed_policies
from masugata.authorization.accounts.details import (
    AccountExportError,
    AuthorizationDetails,
    GroupDetail,
    InlinePolicy,
    Moment,
    PolicyDetail,
    RoleDetail,
    UserDetail,
    document_text,
)
from masugata.engines.policy import PolicyType
from masugata.records.iam import (
    AWS_ACCOUNT,
    GROUP,
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    ROLE,
    USER,
    Group,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
    Principal,
    Role,
    Tag,
    User,
    iam_arn,
)
from masugata.records.kind import Kind

Row = tuple[Kind[Any], str, msgspec.Struct]
"""The kind of a record, its account, and the record."""
Item = TypeVar("Item")

_ACCOUNT = re.compile(r"[0-9]{12}")
_VERSION = re.compile(r"v([1-9][0-9]*)")


class AccountExport(NamedTuple):
    """The pages of one export in their order; `where` names it in errors."""

    where: str
    pages: Sequence[AuthorizationDetails]


class ExportReader:
    """The records of one export; `account` is known once the first entity is read."""

    def __init__(self, export: AccountExport) -> None:
        self._where = export.where
        self._pages = export.pages
        self.account: str | None = None
        self.partition = "aws"
        self.notes: list[str] = []
        self._policies: set[str] = set()
        self._shipped: set[str] = set()
        if not export.pages or export.pages[-1].is_truncated or export.pages[-1].next_token:
            raise AccountExportError(f"{self._where}: more pages follow: export without --max-items")

    def rows(self) -> Iterator[Row]:
        for policy in self._all(lambda page: page.policies):
            self._policies.add(policy.arn)
            arn = self._arn(policy.arn)
            yield MANAGED_POLICY, arn.account, self._managed_policy(policy, arn)
        groups: dict[str, str] = {}
        for group in self._all(lambda page: page.group_detail_list):
            groups[group.group_name] = group.group_id
            yield GROUP, self._own(group.arn), self._group(group)
        for user in self._all(lambda page: page.user_detail_list):
            yield USER, self._own(user.arn), self._user(user, groups)
        profiles: dict[str, InstanceProfile] = {}
        for role in self._all(lambda page: page.role_detail_list):
            yield ROLE, self._own(role.arn), self._role(role)
            for profile in self._profiles(role):
                profiles[profile.id] = profile
        for profile in profiles.values():
            yield INSTANCE_PROFILE, self.account or "", profile
        self.notes = [
            f"{self._where} lacks {arn}: masugata's own copy of it is used" for arn in sorted(self._shipped)
        ]

    def _all(self, of: Callable[[AuthorizationDetails], Iterable[Item]]) -> Iterator[Item]:
        for page in self._pages:
            yield from of(page)

    def _group(self, detail: GroupDetail) -> Group:
        group = Group(
            name=detail.group_name,
            path=detail.path,
            id=detail.group_id,
            create_date=self._moment(detail.create_date),
            attached_policies=self._attached(detail),
            inline_policies=self._inline(detail.arn, detail.group_policy_list),
        )
        self._check_arn(detail.arn, "group", group)
        return group

    def _user(self, detail: UserDetail, groups: dict[str, str]) -> User:
        missing = [name for name in detail.group_list if name not in groups]
        if missing:
            self._fail(f"{detail.arn} is in the group `{missing[0]}`, which the export lacks")
        user = User(
            name=detail.user_name,
            path=detail.path,
            id=detail.user_id,
            create_date=self._moment(detail.create_date),
            attached_policies=self._attached(detail),
            inline_policies=self._inline(detail.arn, detail.user_policy_list),
            groups=tuple(groups[name] for name in detail.group_list),
            boundary=self._boundary(detail),
            tags=tuple(Tag(tag.key, tag.value) for tag in detail.tags),
        )
        self._check_arn(detail.arn, "user", user)
        return user

    def _role(self, detail: RoleDetail) -> Role:
        where = f"{self._where}: the trust policy of {detail.arn}"
        role = Role(
            name=detail.role_name,
            path=detail.path,
            id=detail.role_id,
            create_date=self._moment(detail.create_date),
            attached_policies=self._attached(detail),
            inline_policies=self._inline(detail.arn, detail.role_policy_list),
            trust_policy=document_text(detail.assume_role_policy_document, PolicyType.TRUST, where),
            boundary=self._boundary(detail),
            tags=tuple(Tag(tag.key, tag.value) for tag in detail.tags),
        )
        self._check_arn(detail.arn, "role", role)
        return role

    def _profiles(self, detail: RoleDetail) -> Iterator[InstanceProfile]:
        for item in detail.instance_profile_list:
            profile = InstanceProfile(
                name=item.instance_profile_name,
                path=item.path,
                id=item.instance_profile_id,
                create_date=self._moment(item.create_date),
                roles=(detail.role_id,),
                tags=tuple(Tag(tag.key, tag.value) for tag in item.tags),
            )
            self._check_arn(item.arn, "instance-profile", profile)
            yield profile

    def _managed_policy(self, detail: PolicyDetail, arn: Arn) -> ManagedPolicy:
        versions = []
        for version in detail.policy_version_list:
            name = f"{self._where}: version {version.version_id} of {detail.arn}"
            number = _VERSION.fullmatch(version.version_id)
            if number is None:
                raise AccountExportError(f"{name}: not a version: v1, v2, …")
            text = document_text(version.document, PolicyType.IDENTITY, name)
            created = self._moment(version.create_date)
            versions.append(PolicyVersion(number=int(number[1]), document=text, create_date=created))
        default = _VERSION.fullmatch(detail.default_version_id)
        if default is None or int(default[1]) not in {version.number for version in versions}:
            self._fail(f"{detail.arn} lacks its default version `{detail.default_version_id}`")
        versions.sort(key=lambda version: version.number)
        policy = ManagedPolicy(
            name=detail.policy_name,
            path=detail.path,
            id=detail.policy_id,
            description=detail.description,
            create_date=self._moment(detail.create_date),
            update_date=self._moment(detail.update_date),
            versions=tuple(versions),
            default_version=int(default[1]),
            latest_version=versions[-1].number,
        )
        self._check_arn(detail.arn, "policy", policy, account=arn.account)
        return policy

    def _inline(self, arn: str, policies: Sequence[InlinePolicy]) -> dict[str, str]:
        inline: dict[str, str] = {}
        for policy in policies:
            name = policy.policy_name
            if name in inline:
                self._fail(f"{arn} has two inline policies `{name}`")
            where = f"{self._where}: the inline policy {name} of {arn}"
            inline[name] = document_text(policy.policy_document, PolicyType.IDENTITY, where)
        return inline

    def _attached(self, detail: UserDetail | GroupDetail | RoleDetail) -> tuple[str, ...]:
        arns = tuple(policy.policy_arn for policy in detail.attached_managed_policies)
        for arn in arns:
            self._check_policy(arn, detail.arn)
        return arns

    def _boundary(self, detail: UserDetail | RoleDetail) -> str | None:
        if detail.permissions_boundary is None:
            return None
        arn = detail.permissions_boundary.permissions_boundary_arn
        self._check_policy(arn, detail.arn)
        return arn

    def _check_policy(self, arn: str, user: str) -> None:
        """A policy that is used must be known."""
        if arn in self._policies:
            return
        if managed_policies.get(arn, self._arn(arn).partition) is None:
            self._fail(f"{user} has the policy {arn}, which the export lacks: export without --filter")
        self._shipped.add(arn)

    def _arn(self, text: str) -> Arn:
        try:
            return parse_arn(text)
        except InvalidArnError as error:
            raise AccountExportError(f"{self._where}: {error}") from None

    def _own(self, text: str) -> str:
        """The account of an entity, which is the same for all of an export."""
        arn = self._arn(text)
        if self.account is None and _ACCOUNT.fullmatch(arn.account):
            self.account, self.partition = arn.account, arn.partition
        if (arn.partition, arn.account) != (self.partition, self.account):
            self._fail(f"{text} is not of the account {self.account}: give each account its own file")
        return arn.account

    def _check_arn(
        self, arn: str, kind: str, record: Principal | ManagedPolicy | InstanceProfile, account: str = ""
    ) -> None:
        if account != AWS_ACCOUNT:
            account = self._own(arn)
        if iam_arn(account, kind, record, partition=self._arn(arn).partition) != arn:
            self._fail(f"{arn} is not the ARN of the {kind} `{record.path}{record.name}`")

    def _moment(self, value: Moment) -> datetime:
        """Aware, UTC: AWS writes no other times."""
        try:
            if isinstance(value, int | float):
                return datetime.fromtimestamp(value, UTC)
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            self._fail(f"`{value}` is not a time")

    def _fail(self, problem: str) -> NoReturn:
        raise AccountExportError(f"{self._where}: {problem}")
