"""What must run, kept in PostgreSQL. Redis is only the bell.

A service calls `add` in its own transaction. A worker claims with a lease, and every effect checks that the lease still holds.
"""

from coachwatts.jobs.errors import GiveUp, LeaseLost, RetryLater
from coachwatts.jobs.kinds import Kind, job
from coachwatts.jobs.run import Run
from coachwatts.jobs.service import add

__all__ = ["GiveUp", "Kind", "LeaseLost", "RetryLater", "Run", "add", "job"]
