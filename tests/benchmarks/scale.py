"""The part of docs/benchmarks.md on many workers and shops: what was measured, what follows from it."""

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.plan import Results

SHOPS, ORDERS = 10_000, 50_000_000
# Not measured here: what a warm Magento 2.4 on two cores takes for an order in a list, and for a question
# that finds nothing new; how many resources are asked for each hour; what a core costs.
SHOP_SECONDS_PER_ORDER, SHOP_SECONDS_PER_QUESTION, RESOURCES = 0.01, 0.3, 6
EUROS_PER_CORE_HOUR = 0.05
READERS = 64


def page(results: Results) -> Iterator[str]:
    yield "## Many workers, many shops"
    yield ""
    if not results.grown or results.fair is None:
        yield "Not measured in this run."
        return
    yield "| workers | shop's latency | orders/s | against one worker |"
    yield "|--:|--:|--:|--:|"
    for one in results.grown:
        base = next(b for b in results.grown if b.latency == one.latency)
        cells = (f"{one.latency * 1000:.0f} ms", f"{one.rate:,.0f}", f"{one.rate / base.rate:.2f}")
        yield f"| {one.workers} | {' | '.join(cells)} |"
    yield ""
    yield (
        "Eight shops of 2,000 orders. Without latency one pull, PostgreSQL and the simulated shop share the"
        " machine's cores: there more workers can only show that nothing gets worse. With latency they show"
        " what they are for. Workers ran with DEBUG on, which costs them something."
    )
    yield ""
    yield from _fairness(results)
    yield ""
    yield from _estimate(results)


def _fairness(results: Results) -> Iterator[str]:
    fair = results.fair
    assert fair is not None
    verdict = "reached" if fair.ratio <= 2 else "**not reached**"
    yield (
        f"{fair.small} shops of {fair.small_orders} orders beside one of {fair.huge_orders:,}, two workers:"
        f" half of the small ones are done after {fair.beside:.1f} s, {fair.alone:.1f} s without the huge"
        f" one: {fair.ratio:.2f} times (2: {verdict}). Measured once."
    )


def _estimate(results: Results) -> Iterator[str]:
    """From what was measured, and from what is assumed above."""
    runs = sorted(
        (run for run in results.sized if run.name == "portal"), key=lambda run: run.orders
    )
    small, large = runs[0], runs[-1]
    cpu = (large.cpu - small.cpu) / (large.orders - small.orders)
    lines = large.landed[0] / large.orders
    assert results.whole is not None
    disk = ORDERS * lines * results.whole.bytes_per_line / 1e9
    waiting = ORDERS * SHOP_SECONDS_PER_ORDER / 3600
    busy = SHOPS * RESOURCES * SHOP_SECONDS_PER_QUESTION / 3600
    peak = median(run.peak_mb for run in results.runs("portal"))
    yield f"### {SHOPS:,} shops with {ORDERS / 1e6:.0f} million orders: an estimate, not a measurement"
    yield ""
    core_hours = ORDERS * cpu / 3600
    yield f"- Worker CPU: {cpu * 1e6:.0f} µs an order, {core_hours:.1f} core-hours for the first pull."
    yield (
        f"- Waiting for shops, at the {SHOP_SECONDS_PER_ORDER * 1000:.0f} ms an order that we take a real"
        f" Magento to need: {waiting:,.0f} hours of one reader, {waiting / READERS:.1f} hours with {READERS}."
        f" A reader is a process of about {peak:.0f} MB: {READERS * peak / 1000:.0f} GB."
    )
    size = results.whole.bytes_per_line
    yield f"- Disk: {lines:.2f} lines an order at {size:.0f} bytes with indexes: {disk:.0f} GB."
    yield (
        f"- Every hour afterwards: {SHOPS * RESOURCES:,} questions of {SHOP_SECONDS_PER_QUESTION} s keep"
        f" {busy:.0f} readers busy."
    )
    yield (
        f"- Money, at an assumed {EUROS_PER_CORE_HOUR} euros per core and hour: two workers of eight"
        f" cores and a database of eight, {24 * 730 * EUROS_PER_CORE_HOUR:,.0f} euros a month,"
        " without storage."
    )
    yield (
        "- What breaks first: a reader that waits for a shop holds a whole process, so memory runs out long"
        " before cores do. Then `queue_due`, which looks at every cursor once a minute in one query and"
        " queues 500 at most. Neither was driven to its limit here."
    )
