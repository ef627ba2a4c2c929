"""The demo district: a seeded, invented population of Lucheng, delivered the way its departments deliver, and the truth behind it.

Read `world` (what is true), then `delivery` (what a delivered file is), one department (`police`), `visits`, and `accuracy` (who was right).
Nothing here is read by the pipeline; only `accuracy` opens the truth folder.
"""

from cabin.demo.accuracy import accuracy
from cabin.demo.generate import Delivered, Manifest, generate

__all__ = ["Delivered", "Manifest", "accuracy", "generate"]
