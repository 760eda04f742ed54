"""dbt-duckdb plugin: adds `contact_hash(text)` to DuckDB, the keyed hash that replaces e-mail addresses and phone numbers.

HMAC-SHA-256 (RFC 2104) as 64 lower-case hex digits. DuckDB has no HMAC of its own, and composing one in SQL would write the
key into compiled files and logs; here it stays in the memory of the process that read it from the environment.
"""

import hashlib
import hmac

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    def initialize(self, plugin_config):
        self._key = str(plugin_config["key"]).encode()

    def configure_connection(self, conn):
        conn.create_function("contact_hash", self.contact_hash, ["VARCHAR"], "VARCHAR")

    def contact_hash(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
