"""Subject tokens, keys and sealed values: the only place that holds clear identifiers after landing.

Reading order: `keys` (the master key and what is derived from it), `records`, `index` and `store` (the file), `vault` (the port the others see).
Imports `contracts` only. Never logs, never prints a value.
"""

from vault.vault import Vault

__all__ = ["Vault"]
