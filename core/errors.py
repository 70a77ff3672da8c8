"""Every refusal and failure. Where no message is given, the docstring is the sentence a person reads."""

from datetime import timedelta


class GatehouseError(Exception):
    """Something went wrong in Gatehouse; the log has the details."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())

    @property
    def sentence(self) -> str:
        return str(self)

    @property
    def advice(self) -> str:
        """The sentence, and what to do about it where that is known."""
        return self.sentence


# The asker's side: said to the person, never retried.


class Refused(GatehouseError):
    """That cannot be done."""


class NotAllowed(Refused):
    """You are not on Gatehouse's list of people. Ask its owner to add you."""


class NotFound(Refused):
    """There is no such thing."""


class TooLate(Refused):
    """This request has already been decided."""


class Frozen(Refused):
    """Gatehouse is frozen: nothing is changed at any client until it is unfrozen."""


class BadInput(Refused):
    """That could not be understood. Type /gatehouse help for examples."""


class ImpossibleTransition(GatehouseError):
    """A request cannot go from its state to that one."""


# The store's side.


class Conflict(GatehouseError):
    """Someone else changed this a moment ago; look again."""


class StorageFailed(GatehouseError):
    """Gatehouse cannot write to its disk, so it does nothing at all until it can."""


class DataInUse(GatehouseError):
    """Another Gatehouse is running on this data directory; stop that one first."""


# The world's side.


class VendorError(GatehouseError):
    """A service Gatehouse depends on did not answer as it should."""

    #: The sentence that tells an operator what to do about it.
    remedy = "Try again later; if it stays, run: python bot.py check"

    def __init__(
        self,
        source: str,
        message: str | None = None,
        *,
        remedy: str | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(f"{source}: {message or (type(self).__doc__ or '').strip()}")
        self.source = source
        self.reason = message or (type(self).__doc__ or "").strip()
        #: The HTTP status and the vendor's own error code, where there were any.
        self.status = status
        self.code = code
        if remedy is not None:
            self.remedy = remedy

    @property
    def advice(self) -> str:
        ended = self.sentence.endswith((".", "!", "?", "…"))
        return f"{self.sentence}{'' if ended else '.'} {self.remedy}".strip()


class VendorAuthError(VendorError):
    """The service did not accept our credentials."""

    remedy = "Renew the credential in the configuration, then run: python bot.py check"


class VendorForbidden(VendorError):
    """Our credentials lack a permission."""

    remedy = "Grant the permission named by: python bot.py check"


class VendorRefused(VendorError):
    """The service refused the call as wrong; repeating it will not help."""


class VendorNotFound(VendorRefused):
    """The service knows no such thing."""


class VendorBusy(VendorError):
    """The service asks us to slow down; the call was not carried out."""

    def __init__(
        self,
        source: str,
        message: str | None = None,
        *,
        wait: timedelta | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(source, message, status=status, code=code)
        self.wait = wait


class VendorDown(VendorError):
    """The service could not be reached; nothing was carried out."""


class VendorUntrusted(VendorDown):
    """The service's certificate is not trusted; nothing was sent."""

    remedy = "Set ca_file for this service if it, or a proxy on the way, uses a private certificate authority."


class MalformedAnswer(VendorError):
    """The service answered something that cannot be understood."""


class OutcomeUnknown(VendorError):
    """The call was cut off: it may have been carried out, or not."""
