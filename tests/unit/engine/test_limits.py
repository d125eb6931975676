"""Dead-letter limits, metrics, registry rows, transient errors, health."""

from typing import get_args

import asyncpg
import pytest
from aiokafka import errors as kafka_errors

from processors.engine import kafka, postgres
from processors.engine.deadletter import Limit, TooManyDead
from processors.engine.health import Health
from processors.engine.metrics import CATALOGUE, Metrics, Name
from processors.engine.outcome import Dead, Drop, Ok, Retry, label
from processors.engine.pulse import Pulse
from processors.engine.spec import Spec
from tests.support.engine_memory import Scripted, settings


def limit(**given: object) -> Limit:
    return Limit(
        settings(
            dead_letter_limit_consecutive=5,
            dead_letter_limit_ratio=0.5,
            dead_letter_limit_window_records=10,
            **given,
        )
    )


def test_a_run_of_dead_letters_is_counted_over_batches() -> None:
    counted = limit()
    counted.note([True, True, True])
    with pytest.raises(TooManyDead, match="5 records in a row"):
        counted.note([True, True])


def test_a_good_record_ends_the_run() -> None:
    counted = limit()
    counted.note([False] * 10)
    counted.note([True, True, False])
    counted.note([True, True, False])


def test_too_great_a_share_of_the_window_stops() -> None:
    counted = limit()
    counted.note([False, True, False, True, False, True, False, True, False])
    with pytest.raises(TooManyDead, match="5 of the latest 10"):
        counted.note([True])


def test_checking_counts_nothing() -> None:
    counted = limit()
    for _ in range(5):
        counted.check([True, True])
    counted.note([True, True])


def test_the_list_of_metric_names_is_the_catalogue() -> None:
    assert set(get_args(Name)) == set(CATALOGUE)
    for name, row in CATALOGUE.items():
        assert name.endswith("_total") == (row.kind == "counter"), name
        assert row.kind != "histogram" or name.endswith("_seconds"), name


def test_metrics_are_rendered_and_moved_partitions_forgotten() -> None:
    metrics = Metrics()
    metrics.count("attributary_outcomes_total", 3, outcome="applied", rule="")
    metrics.observe("attributary_batch_seconds", 0.2)
    metrics.gauge("attributary_lag_records", 7, topic="spend.v1", partition="0")
    text = metrics.render().decode()
    assert 'attributary_outcomes_total{outcome="applied",rule=""} 3.0' in text
    assert 'attributary_lag_records{partition="0",topic="spend.v1"} 7.0' in text
    metrics.forget("attributary_lag_records")
    assert "attributary_lag_records{" not in metrics.render().decode()


@pytest.mark.parametrize(
    ("inputs", "outputs", "what"),
    [
        (("nothing.v1",), (), "reads nothing.v1"),
        (("spend.v1",), ("nothing.v1",), "writes nothing.v1"),
        (("delivery_outcomes.v1",), (), "no dead letters"),
        ((), (), "no input"),
    ],
)
def test_a_registry_row_that_the_catalogue_does_not_know_is_refused(
    inputs: tuple[str, ...], outputs: tuple[str, ...], what: str
) -> None:
    spec = Spec("toy", inputs, outputs, "batches", lambda context: Scripted())
    with pytest.raises(ValueError, match=what):
        spec.check()


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (asyncpg.DeadlockDetectedError(), True),
        (asyncpg.SerializationError(), True),
        (asyncpg.TooManyConnectionsError(), True),
        (asyncpg.CannotConnectNowError(), True),
        (asyncpg.AdminShutdownError(), True),
        (asyncpg.LockNotAvailableError(), True),
        (asyncpg.ConnectionDoesNotExistError(), True),
        (asyncpg.InterfaceError("cannot perform operation: connection is closed"), True),
        (asyncpg.ReadOnlySQLTransactionError(), True),
        (asyncpg.DiskFullError(), True),
        (asyncpg.TargetServerAttributeNotMatched("it is a standby"), True),
        (asyncpg.InvalidCachedStatementError(), True),
        (asyncpg.FeatureNotSupportedError(), False),
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (asyncpg.UniqueViolationError(), False),
        (asyncpg.UndefinedTableError(), False),
        (asyncpg.InterfaceError("the server expects 1 argument"), False),
        (ValueError(), False),
    ],
)
def test_which_database_errors_pass_by_themselves(error: Exception, passes: bool) -> None:
    assert postgres.is_transient(error) is passes


def test_which_broker_errors_pass_by_themselves() -> None:
    assert kafka.is_transient(kafka_errors.KafkaConnectionError())
    assert kafka.is_transient(kafka_errors.KafkaTimeoutError())
    assert not kafka.is_transient(kafka_errors.MessageSizeTooLargeError())
    assert not kafka.is_transient(ValueError())


def test_outcomes_are_labelled_as_they_are_counted() -> None:
    assert label(Ok()) == ("applied", "")
    assert label(Ok("duplicate")) == ("duplicate", "")
    assert label(Drop("rule")) == ("filtered", "rule")
    assert label(Dead("reason", "detail")) == ("dead", "reason")
    with pytest.raises(ValueError, match="has not ended"):
        label(Retry("later"))


def test_health_tells_a_stuck_batch_from_one_that_waits() -> None:
    pulse = Pulse()
    health = Health(settings(stuck_seconds=60), pulse=pulse, metrics=Metrics())
    assert health.respond("/healthz")[0] == 200
    assert health.respond("/readyz")[0] == 503
    pulse.assigned = frozenset({("spend.v1", 0)})
    assert health.respond("/readyz")[0] == 200
    pulse.batch_since = -1e9
    assert health.respond("/healthz")[0] == 503
    pulse.waiting["process"] = "ConnectionRefusedError"
    assert health.respond("/healthz")[0] == 200
    status, _, body = health.respond("/readyz")
    assert status == 503
    assert b"process: ConnectionRefusedError" in body
    assert health.respond("/metrics")[0] == 200
    assert health.respond("/else")[0] == 404
