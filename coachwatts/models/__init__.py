"""Tables: columns and constraints only. Importing this package registers every table in `Base.metadata`."""

from coachwatts.models import athlete, job, sign_in, trust, user
from coachwatts.models.base import Base

__all__ = ["Base", "athlete", "job", "sign_in", "trust", "user"]
