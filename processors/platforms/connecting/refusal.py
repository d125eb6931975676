"""How connecting is refused."""

from typing import Literal

Kind = Literal["unknown", "not_configured", "bad_state", "forbidden", "refused", "unavailable"]


class NotConnected(Exception):
    """Nothing was connected. `kind` says whose matter it is; the text carries no secret.

    `unknown`: no such platform, account or connection. `not_configured`: the deployment has no app
    at the vendor. `bad_state`: a state that is forged, used or too old. `forbidden`: somebody
    else's. `refused`: the vendor or the person there said no. `unavailable`: the vendor gave no
    proper answer; later may be better."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
