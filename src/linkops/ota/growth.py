"""A rate that grows while a job goes well."""

from linkops.ota.strategy import Growth


def rate_per_minute(growth: Growth, notified: int, succeeded: int) -> int:
    """Return the rate once so many devices were notified and so many succeeded: one step for each full threshold."""
    steps = max(_steps(notified, growth.notified), _steps(succeeded, growth.succeeded))
    rate = float(growth.base_per_minute)
    for _ in range(steps):
        rate *= growth.factor
        if rate >= growth.most_per_minute:
            break
    return min(int(rate), growth.most_per_minute)


def _steps(reached: int, threshold: int | None) -> int:
    return 0 if threshold is None else reached // threshold


def minutes_to_notify(growth: Growth, devices: int) -> int:
    """Return in how many minutes so many devices are notified, if each of them succeeds at once."""
    notified, minutes = 0, 0
    while notified < devices:
        notified += rate_per_minute(growth, notified, notified)
        minutes += 1
    return minutes
