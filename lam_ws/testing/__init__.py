"""The contracts of the stack as checks that anyone can run on a part of their own.

An arm, a policy, a task or a site enters; nothing leaves when it keeps its contract, and a
`ContractError` with one sentence for each breach when it does not. A new adapter, policy,
task or site ends with its check.
"""
from lam_ws.testing.arm import check_arm
from lam_ws.testing.contract import ContractError
from lam_ws.testing.policy import check_policy
from lam_ws.testing.site import check_site
from lam_ws.testing.task import check_task

__all__ = ['check_arm', 'check_policy', 'check_site', 'check_task', 'ContractError']
