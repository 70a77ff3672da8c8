"""When a plan that waits for the client's maintenance window would run."""

from datetime import datetime

from core.domain.clients import Client
from core.domain.remediation import Options, When


def first_opening(
    client: Client, options: Options, now: datetime
) -> tuple[datetime, datetime] | None:
    """The opening it would begin in if it were approved now; None where it waits for none."""
    window = client.maintenance_window
    if options.when is not When.WINDOW or window is None:
        return None
    return window.next_opening(now)
