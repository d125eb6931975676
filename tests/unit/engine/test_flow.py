"""The groups stand in the order of the flow, whatever the catalogue's order."""

from processors.engine.flow import GROUPS
from processors.registry import PROCESSORS
from schemas.topics import TOPICS


def test_every_group_stands_after_the_writers_of_its_topics() -> None:
    place = {group.name: index for index, group in enumerate(GROUPS)}
    for group in GROUPS:
        for topic in group.topics:
            for writer in TOPICS[topic].producers:
                assert place.get(writer, -1) < place[group.name]


def test_the_groups_are_the_registrys() -> None:
    assert {group.name: set(group.topics) for group in GROUPS} == {
        name: set(spec.inputs) for name, spec in PROCESSORS.items()
    }
