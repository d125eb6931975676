"""The partitioner agrees with the clients of every other language."""

from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.partitioner import murmur2, partition_of, partitions_of


@given(st.binary(max_size=70))
def test_the_hash_is_the_one_of_kafka_s_clients(key: bytes) -> None:
    assert murmur2(key) == reference(key) & 0xFFFFFFFF


def test_known_keys_have_the_partitions_that_java_gives_them() -> None:
    # From the tests of Kafka's own client (org.apache.kafka.common.utils.Utils.murmur2).
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    assert partition_of(b"21", 4) == (-973932308 & 0x7FFFFFFF) % 4


@given(
    st.integers(0, 24).flatmap(
        lambda length: st.lists(st.binary(min_size=length, max_size=length), max_size=120)
    ),
    st.lists(st.binary(max_size=30), max_size=5),
    st.integers(1, 64),
)
def test_many_keys_at_once_have_the_partitions_of_each_alone(
    alike: list[bytes], others: list[bytes], count: int
) -> None:
    keys = [*others, *alike]
    assert partitions_of(keys, count) == [partition_of(key, count) for key in keys]


def test_keys_enough_for_arrays_have_the_hashes_of_kafka_s_clients() -> None:
    for length in range(1, 40):
        keys = [bytes((7 * i + j * j) % 256 for j in range(length)) for i in range(200)]
        assert partitions_of(keys, 997) == [(reference(k) & 0x7FFFFFFF) % 997 for k in keys]
