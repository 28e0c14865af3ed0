"""Operations on logs, and on what edges have seen."""

from masugata.call import Operation, read, write
from masugata.services.wafv2 import logging_configurations, observations

OPERATIONS: dict[str, Operation] = {
    "DeleteLoggingConfiguration": write(logging_configurations.delete_logging_configuration),
    "GetLoggingConfiguration": read(logging_configurations.get_logging_configuration),
    "GetRateBasedStatementManagedKeys": read(observations.get_rate_based_statement_managed_keys),
    "GetSampledRequests": read(observations.get_sampled_requests),
    "ListLoggingConfigurations": read(logging_configurations.list_logging_configurations),
    "PutLoggingConfiguration": write(logging_configurations.put_logging_configuration),
}
