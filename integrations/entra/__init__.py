"""Microsoft Entra: reads the clients' tenants and changes who is in their MFA group."""

import time
from collections.abc import Callable

from core.ports import Clock, Lanes
from integrations.entra.api import IN_TURN, SOURCE
from integrations.entra.auth import SignIn
from integrations.entra.directory import EntraDirectory
from integrations.entra.settings import AppSettings, EntraSettings
from integrations.entra.sign_in_errors import SOURCE as SIGN_IN
from integrations.http import Http, Patience, ssl_context

__all__ = ["EntraDirectory", "EntraSettings", "connect"]

#: An assertion is good for one call, so a lost one is made anew instead of sent again.
_ONCE = Patience(tries=1)


def connect(
    settings: EntraSettings,
    *,
    clock: Clock,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
    parallel: Lanes = IN_TURN,
) -> EntraDirectory:
    """Speaks to nobody yet; `parallel` runs the reads of a tenant. Raises OSError where `ca_file` cannot be read."""
    context = ssl_context(settings.ca_file)
    login = Http(source=SIGN_IN, base_url=settings.login_url, context=context, patience=_ONCE)
    graph = Http(
        source=SOURCE,
        base_url=settings.graph_url,
        context=context,
        patience=patience,
        sleep=sleep,
    )

    def sign_in(name: str, app: AppSettings) -> SignIn:
        return SignIn(name, settings, app, login)

    return EntraDirectory(
        graph=graph,
        read=sign_in("read", settings.read),
        write=sign_in("write", settings.write) if settings.write is not None else None,
        clock=clock,
        parallel=parallel,
    )
