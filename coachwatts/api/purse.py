"""What a user's (or, signed out, an address's) operations may cost: a bucket in Redis that all API processes share."""

from datetime import timedelta

from coachwatts.api.transport.ports import Balance
from coachwatts.security.throttle import Balance as BucketBalance
from coachwatts.security.throttle import Bucket, Throttle

POINTS, REFILLS_IN = 2_000, timedelta(seconds=20)  # two of the dearest operations at once, 100 points a second for good


class ThrottledPurse:
    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    async def take(self, key: str, points: int) -> Balance:
        return _balance(await self._bucket(key).take(points))

    async def give_back(self, key: str, points: int) -> Balance:
        return _balance(await self._bucket(key).refund(points))

    def _bucket(self, key: str) -> Bucket:
        return self._throttle.bucket(f"graphql:{key}", POINTS, REFILLS_IN)


def _balance(balance: BucketBalance) -> Balance:
    return Balance(balance.remaining, balance.full_in_s)
