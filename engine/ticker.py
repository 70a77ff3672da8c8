"""APScheduler as a plain ticker: it only asks, again and again; what is due is decided elsewhere."""

from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from engine.executor import Executor


class Ticker:
    """Has each question asked every so many seconds; a missed tick is simply the next one.

    The executor does the asking, so that a question that takes long is drained like all other work, and a
    tick that comes meanwhile waits for it.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None}
        )

    def every(self, seconds: float, name: str, question: Callable[[], object]) -> None:
        """Ask from the start on."""
        self._scheduler.add_job(
            self._executor.submit,
            "interval",
            args=(f"{name}:tick", question),
            seconds=seconds,
            id=name,
            name=name,
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Ask no more; a question being answered is left to the executor."""
        self._scheduler.shutdown(wait=False)
