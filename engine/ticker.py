"""APScheduler as a plain ticker: it only asks, again and again; what is due is decided elsewhere."""

from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler


class Ticker:
    """Calls each question every so many seconds; a missed tick is simply the next one."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def every(self, seconds: float, name: str, question: Callable[[], object]) -> None:
        """Ask from the start on."""
        self._scheduler.add_job(question, "interval", seconds=seconds, id=name, name=name)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Ask no more; a question being answered goes on in its thread."""
        self._scheduler.shutdown(wait=False)
