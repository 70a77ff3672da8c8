"""What holds for all tests."""

from hypothesis import settings

#: The same examples in every run, and no test fails because a machine is busy.
settings.register_profile("gatehouse", deadline=None, derandomize=True, database=None)
settings.load_profile("gatehouse")
