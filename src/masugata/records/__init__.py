"""Typed records, one file per service, and the table of all their kinds."""

from typing import Any

from masugata.records.account import ACCOUNT
from masugata.records.iam import IAM_KINDS
from masugata.records.kind import Kind
from masugata.records.kms import KMS_KINDS
from masugata.records.organizations import ORGANIZATIONS_KINDS
from masugata.records.wafv2 import WAFV2_KINDS

ALL_KINDS: tuple[Kind[Any], ...] = (
    ACCOUNT,
    *IAM_KINDS,
    *KMS_KINDS,
    *ORGANIZATIONS_KINDS,
    *WAFV2_KINDS,
)
