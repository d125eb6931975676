"""Traces through batches on the memory engine, and an export that can hurt nobody."""

import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from processors.engine.memory import MemoryBroker
from processors.engine.metrics import Metrics
from processors.engine.outcome import APPLIED, Dead, Drop
from processors.engine.processor import Item
from processors.engine.settings import TraceSettings
from processors.engine.spans import open_tracer, read
from processors.engine.tracing import BATCH_SPANS, OtelTracer
from tests.support.collector import Collector, Seen, collecting
from tests.support.engine_field import NOON, spend
from tests.support.engine_memory import Scripted, engine

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def tracer_to(url: str, metrics: Metrics | None = None, **given: float) -> OtelTracer:
    settings = TraceSettings.load(endpoint=url, export_seconds=0.05, **given)
    return OtelTracer(settings, component="toy", replica=0, metrics=metrics or Metrics())


def parent(number: int) -> str:
    return f"00-{number:032x}-{number:016x}-01"


def spans_total(metrics: Metrics, outcome: str) -> float:
    (line,) = [
        line
        for line in metrics.render().decode().splitlines()
        if line.startswith(f'attributary_spans_total{{outcome="{outcome}"}}')
    ]
    return float(line.split()[-1])


@pytest.mark.parametrize(
    ("text", "sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f"cc-{TRACE}-{SPAN}-01-more", True),
        (f"00-{TRACE}-{SPAN}-01-more", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        (f"00-{TRACE}-{SPAN}-01\n", None),
        ("", None),
    ],
)
def test_a_header_is_read_as_the_standard_has_it(text: str, sampled: bool | None) -> None:
    found = read(text)
    assert (None if found is None else found.sampled) == sampled
    assert found is None or found.traceparent == f"00-{TRACE}-{SPAN}-0{int(found.sampled)}"


def test_without_an_endpoint_or_when_disabled_there_is_no_tracer() -> None:
    for settings in (
        TraceSettings.load(),
        TraceSettings.load(endpoint="http://127.0.0.1:9", disabled=True),
    ):
        assert open_tracer(settings, component="toy", metrics=Metrics()) is None
    assert TraceSettings.load(endpoint="http://c:4318/").url == "http://c:4318/v1/traces"
    assert TraceSettings.load(endpoint="http://c", traces_endpoint="http://d/x").url == "http://d/x"


@pytest.mark.parametrize(
    ("ratio", "least", "most"), [(0.0, 0, 0), (0.25, 150, 350), (1.0, 1000, 1000)]
)
def test_the_share_that_is_asked_for_is_drawn(ratio: float, least: int, most: int) -> None:
    tracer = tracer_to("http://127.0.0.1:9", ratio=ratio)
    assert least <= sum(tracer.draws() for _ in range(1_000)) <= most
    tracer.close()


async def test_each_record_goes_on_with_the_trace_of_its_cause_and_the_others_with_none(
    collector: Collector,
) -> None:
    broker = MemoryBroker(lambda: NOON)
    for number, name in enumerate(("plain", "traced", "refused", "dead")):
        value = spend(name).model_dump_json().encode() if name != "dead" else b"{"
        traceparent = parent(number) if number else None
        broker.produce("spend.v1", b"acme|p", value, NOON, traceparent=traceparent)

    def decide(item: Item) -> Dead | Drop:
        if isinstance(item.value, Dead):
            return item.value
        name = getattr(item.value, "campaign", "")
        return Drop("unwanted") if name == "refused" else APPLIED  # type: ignore[return-value]

    tracer = tracer_to(collector.url)
    await engine(broker, Scripted(decide), tracer=tracer).drain()
    tracer.close()

    def of(number: int, name: str) -> Seen:
        (found,) = [s for s in collector.of(f"{number:032x}") if s.name == name]
        return found

    carried = {m.key: m.traceparent for m in broker.read("conversions.v1")}
    assert carried[b"acme|plain"] is None
    sent = of(1, "send conversions.v1")
    assert carried[b"acme|traced"] == f"00-{sent.trace}-{sent.span}-01"
    assert sent.parent == of(1, "process spend.v1").span
    worked = of(2, "process spend.v1")
    assert worked.parent == f"{2:016x}"
    assert worked.attributes["attributary.rule"] == "unwanted"
    assert worked.attributes["messaging.kafka.offset"] == 2
    (letter,) = broker.read("dead_letters.spend.v1")
    buried = of(3, "send dead_letters.spend.v1")
    assert letter.traceparent == f"00-{buried.trace}-{buried.span}-01"
    (whole,) = [span for span in collector.spans if span.name == "batch toy"]
    assert set(whole.links) == {of(n, "process spend.v1").span for n in (1, 2, 3)}


async def test_causes_that_meet_in_one_record_are_linked_and_the_first_goes_on(
    collector: Collector,
) -> None:
    broker = MemoryBroker(lambda: NOON)
    for number in (1, 2):
        value = spend("same").model_dump_json().encode()
        broker.produce("spend.v1", b"acme|p", value, NOON, traceparent=parent(number))
    tracer = tracer_to(collector.url)
    await engine(broker, Scripted(), tracer=tracer).drain()
    tracer.close()
    first, second = (
        next(s for s in collector.of(f"{n:032x}") if s.name == "process spend.v1") for n in (1, 2)
    )
    for sent in (s for s in collector.spans if s.name == "send conversions.v1"):
        assert (sent.parent, sent.links) == (first.span, (second.span,))


async def test_a_batch_that_raises_ends_its_spans_with_the_name_of_the_error(
    collector: Collector,
) -> None:
    broker = MemoryBroker(lambda: NOON)
    value = spend("one").model_dump_json().encode()
    broker.produce("spend.v1", b"acme|p", value, NOON, traceparent=parent(1))

    def refuse(item: Item) -> Dead:
        raise RuntimeError("somebody@shop.example")

    tracer = tracer_to(collector.url)
    with pytest.raises(RuntimeError):
        await engine(broker, Scripted(refuse), tracer=tracer).turn()
    tracer.close()
    (span,) = collector.spans
    assert (span.failed, span.attributes["error.type"]) == (True, "RuntimeError")
    assert "somebody" not in repr(span)


@pytest.mark.parametrize("trouble", ["away", "silent", "refuses"])
def test_a_collector_in_trouble_costs_spans_and_no_time(collector: Collector, trouble: str) -> None:
    collector.status = 503
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if trouble == "silent":
            silent.listen()
        port = silent.getsockname()[1]
        url = collector.url if trouble == "refuses" else f"http://127.0.0.1:{port}"
        metrics = Metrics()
        tracer = tracer_to(url, metrics, queue_spans=600, timeout_seconds=30, flush_seconds=0.5)
        started = monotonic()
        for _ in range(2_000):
            tracer.start("work", "internal").end()
        tracer.close()
        assert monotonic() - started < 15, "one export alone would take 30 s"
    assert 2_000 - BATCH_SPANS <= spans_total(metrics, "dropped") <= 2_000
    assert 'outcome="exported"' not in metrics.render().decode()


def test_spans_that_are_taken_are_counted_too(collector: Collector) -> None:
    metrics = Metrics()
    tracer = tracer_to(collector.url, metrics)
    for _ in range(700):
        tracer.start("work", "internal").end()
    tracer.close()
    assert len(collector.spans) == spans_total(metrics, "exported") == 700
