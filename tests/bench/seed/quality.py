"""The lines of what jobs measure each day, and of uploads of offline conversions."""

from collections.abc import Iterator

from tests.bench.seed.people import People, name
from tests.bench.seed.rows import DESTINATIONS, Line, sales

EVENT_TYPES = ("Purchase", "InitiateCheckout", "PageView")
OFFLINE_SHARE = 100
"""Of so many orders one was uploaded; a batch holds those of a month."""
_STATUS = ("good", "warning", "critical")
_HEALTH = ("ok", "risk", "degraded", "critical")
_NULL = r"\N"


def _days(people: People) -> Iterator[tuple[int, str, str]]:
    """Every (day, tenant, platform)."""
    for day in range(people.size.days):
        for tenant in range(people.size.tenants):
            for platform in DESTINATIONS:
                yield day, name(tenant), platform


def measurements(people: People) -> Iterator[Line]:
    """Of emq_measurements."""
    for n, (day, tenant, platform) in enumerate(_days(people)):
        score = 60 + n * 7 % 40
        yield (
            day,
            f"{tenant}\t{people.date(day)}\t{platform}\tpixel-1\t{score}\t{score / 10}\t"
            f"{score / 10}\t{score / 10}\t1000\t{score * 10}\t{_STATUS[n % 3]}\n",
        )


def latencies(people: People) -> Iterator[Line]:
    """Of conversion_latency_stats."""
    for n, (day, tenant, platform) in enumerate(_days(people)):
        for event in EVENT_TYPES:
            median = 800 + n * 37 % 900
            yield (
                day,
                f"{tenant}\t{people.date(day)}\t{platform}\t{event}\t500\t{median + 100}\t"
                f"{median}\t{median * 4}\t{median * 9}\n",
            )


def health(people: People) -> Iterator[Line]:
    """Of fact_signal_health_daily."""
    for n, (day, tenant, platform) in enumerate(_days(people)):
        yield (
            day,
            f"{tenant}\t{people.date(day)}\t{platform}\t{_HEALTH[n % 4]}\t{60 + n * 7 % 40}\t"
            f"{500 + n % 90}\t{n % 5}\t{n % 2}\n",
        )


def offline(people: People) -> Iterator[tuple[int, str, str, int, str, str]]:
    """Every uploaded order: (day, tenant, batch, row number, conversion id, time)."""
    numbers: dict[tuple[str, str], int] = {}
    for sale in sales(people):
        if int(sale.conversion_id[:8], 16) % OFFLINE_SHARE == 0:
            batch = f"b-{people.date(sale.day)[:7]}"
            number = numbers[sale.tenant, batch] = numbers.get((sale.tenant, batch), 0) + 1
            at = people.date(sale.day) + sale.own.clock
            yield sale.day, sale.tenant, batch, number, sale.conversion_id, at


def offline_rows(people: People) -> Iterator[Line]:
    """Of offline_rows."""
    for day, tenant, batch, number, conversion, at in offline(people):
        yield (
            day,
            f"{tenant}\t{batch}\t{number}\t{conversion}\t{conversion}\t{DESTINATIONS[0]}\t"
            f"purchase\t{at}\n",
        )


def offline_contents(people: People) -> Iterator[Line]:
    """Of offline_contents."""
    for day, tenant, batch, number, conversion, at in offline(people):
        yield day, f"{tenant}\t{conversion}\t{conversion}\t{at}\t{batch}\t{number}\n"


def offline_reports(people: People) -> Iterator[Line]:
    """Of offline_reports: each batch, complete."""
    batches: dict[tuple[str, str], tuple[int, int, str]] = {}
    for day, tenant, batch, number, _, at in offline(people):
        batches[tenant, batch] = (day, number, at)
    for (tenant, batch), (day, count, at) in batches.items():
        yield (
            day,
            f"{tenant}\t{batch}\tc-{batch}\t{day}\t{batch}\t{DESTINATIONS[0]}\tpurchase\tcompleted\t"
            f"{count}\t0\t{at}\t{at}\n",
        )
