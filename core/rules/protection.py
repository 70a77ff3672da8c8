"""What is never touched: break-glass accounts, and whatever the configuration protects."""

from core.domain.clients import Client
from core.domain.remediation import Plan, Target


def is_protected(target: Target, plan: Plan, client: Client) -> bool:
    """Whether the configuration now forbids touching a target, by its id or any other of its names."""
    names = {name.casefold() for name in (target.id, *target.aliases)}
    if plan.action.on_devices:
        held = {item.casefold() for item in client.protected_devices}
        names |= {target.name.casefold(), target.id.partition(":")[2].casefold()}
    elif plan.action.in_house:
        held = {item.casefold() for item in client.break_glass}
    else:
        held = {item.casefold() for item in (*client.break_glass, *client.never_touched)}
    return not names.isdisjoint(held)
