"""Whom a body names, whatever its form."""

import pytest

from processors.domain.hashing import email_hash, phone_hash
from processors.gateway.named import MOST, named

JANE = f"email:{email_hash('jane@example.com')}"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"customer": {"email": "Jane@Example.com"}}', (JANE,)),
        (b"em=jane%40example.com&x=1", (JANE,)),
        (b'{"to": "+491511234567"}', (f"phone:{phone_hash('+491511234567')}",)),
        (b'{"phone": "+49 1511 234567"}', (f"phone:{phone_hash('+491511234567')}",)),
        (b'{"visitor_id": "v-1", "customer_id": 7}', ("customer:7", "visitor:v-1")),
        (b'{"visitor_id": null, "customer_id": "undefined"}', ()),
        (b"\xff\x00{", ()),
    ],
)
def test_ids_are_found_as_the_graph_knows_them(body: bytes, found: tuple[str, ...]) -> None:
    assert named(body) == found


def test_emails_come_first_and_no_body_names_more_than_so_many() -> None:
    people = ",".join(f'"p{n}@example.com"' for n in range(2 * MOST))
    found = named(f'{{"visitor_id": "v", "all": [{people}]}}'.encode())
    assert len(found) == MOST
    assert all(node.startswith("email:") for node in found)
