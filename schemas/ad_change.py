"""`ad_changes.v1`: what was changed in an ad account, as the vendor's history tells it."""

from pydantic import Field

from schemas.envelope import Id, Json, Millis, Record, Sha256


class AdChange(Record):
    """A change, known again by (platform, account, change_id); it may be told more than once."""

    platform: Id = Field(description="whose history it is: google_ads")
    account_id: Id
    change_id: Id
    changed_at: Millis
    resource_type: Id = Field(description="under the vendor's name, as are operation and client")
    resource_name: Id
    operation: Id
    client_type: Id | None = None
    changed_by_sha256: Sha256 | None = Field(None, description="of the email of who did it")
    campaign_id: Id | None = None
    ad_group_id: Id | None = None
    changed_fields: tuple[str, ...] = ()
    old: Json = Field(default_factory=dict, description="the changed fields before it")
    new: Json = Field(default_factory=dict, description="the changed fields after it")
    read_at: Millis
