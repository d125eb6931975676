"""The gateway: HTTP in, THE LOG out. It answers 200 only for what Kafka has acknowledged.

A handler (one file per source in `routes/`) turns an item into a record of the wire contract:
ids cleaned of junk, personal details hashed in every form that platforms want and sealed, times
bounded and corrected, money in minor units. The records of a request are produced together; its
receipts say where each lies. With the brokers away they go to a local, fsync'd, bounded spool
(202), and with that full nothing is taken (503). Bad input is refused by field, never a 5xx.
"""

from processors.gateway.server import serve
from processors.gateway.settings import GatewaySettings

__all__ = ["GatewaySettings", "serve"]
