"""The partitioner agrees with the clients of every other language."""

from aiokafka.partitioner import murmur2 as reference
from hypothesis import given
from hypothesis import strategies as st

from processors.engine.partitioner import murmur2, partition_of


@given(st.binary(max_size=70))
def test_the_hash_is_the_one_of_kafka_s_clients(key: bytes) -> None:
    assert murmur2(key) == reference(key) & 0xFFFFFFFF


def test_known_keys_have_the_partitions_that_java_gives_them() -> None:
    # From the tests of Kafka's own client (org.apache.kafka.common.utils.Utils.murmur2).
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    assert partition_of(b"21", 4) == (-973932308 & 0x7FFFFFFF) % 4
