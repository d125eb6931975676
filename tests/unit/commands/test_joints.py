"""Chains of ids: the shortest from any id of the order, and none where there is no way."""

from processors.commands.joints import Joint, chains_from


def joint(a: str, b: str) -> Joint:
    return Joint(a=a, b=b, topic="orders.v1", event_id="e-1")


def test_a_chain_leads_from_the_order_to_each_id_by_the_shortest_way() -> None:
    joints = [
        joint("customer:c", "visitor:laptop"),
        joint("customer:c", "email:e"),
        joint("email:e", "visitor:phone"),
        joint("visitor:laptop", "visitor:phone"),
    ]
    chains = chains_from(["visitor:laptop"], joints)
    assert chains["visitor:laptop"] == ()
    assert [(step.a, step.b) for step in chains["visitor:phone"]] == [
        ("visitor:laptop", "visitor:phone")
    ]
    assert [step.b for step in chains["email:e"]] in (
        ["customer:c", "email:e"],
        ["visitor:phone", "email:e"],
    )


def test_an_id_of_another_person_has_no_chain() -> None:
    chains = chains_from(["customer:c"], [joint("visitor:x", "visitor:y")])
    assert set(chains) == {"customer:c"}
