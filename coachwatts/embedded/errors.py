"""What can go wrong around embedded services.

Unavailable
├── FolderInUse       another `coachwatts up` works on this data folder
├── AddressInUse      something else listens where the API should
├── ServiceFailed     a service ended by itself or did not start; carries the reason from its log
└── WrongVersion      the data was written by another major version of PostgreSQL
"""

from coachwatts.errors import Unavailable


class FolderInUse(Unavailable):
    pass


class AddressInUse(Unavailable):
    pass


class ServiceFailed(Unavailable):
    pass


class WrongVersion(Unavailable):
    pass
