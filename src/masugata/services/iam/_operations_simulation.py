"""The rows of IAM's table for the policy simulator."""

from masugata.call import Operation, read
from masugata.services.iam import simulation

SIMULATION_OPERATIONS: dict[str, Operation] = {
    "SimulateCustomPolicy": read(simulation.simulate_custom_policy),
    "SimulatePrincipalPolicy": read(simulation.simulate_principal_policy),
    "GetContextKeysForCustomPolicy": read(simulation.get_context_keys_for_custom_policy),
    "GetContextKeysForPrincipalPolicy": read(simulation.get_context_keys_for_principal_policy),
}
