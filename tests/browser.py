"""A headless browser for tests: Debian's Chromium where it is installed, skipped loudly where it is not.

`CABIN_TEST_BROWSER=required` turns the skip into a failure. It gets a profile of its own and is told to ask the network for nothing by itself.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

REQUIRED = "CABIN_TEST_BROWSER"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OWN = ("file:", "data:")


@dataclass
class Watched:
    """A page with everything that went wrong on it or left the machine."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.wrong.append(f"{said.type}: {said.text}") if said.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(f"page error: {error}"))
        self.page.on("requestfailed", lambda request: self.wrong.append(f"failed: {request.url}"))
        self.page.on("request", lambda request: None if request.url.startswith(OWN) else self.wrong.append(f"outside: {request.url}"))


@contextmanager
def browsing(folder: Path) -> Iterator[BrowserContext]:
    """A fresh browser, whose profile lies in the folder."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        _missing("Chromium is missing (Debian's package `chromium`)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("the package playwright is missing")
    with sync_playwright() as play:
        context = play.chromium.launch_persistent_context(str(folder / "profile"), executable_path=program, headless=True, args=list(FLAGS))
        try:
            yield context
        finally:
            context.close()


def _missing(reason: str) -> None:
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(reason)
    warnings.warn(pytest.PytestWarning(f"BROWSER TESTS SKIPPED: {reason}"), stacklevel=2)
    pytest.skip(reason)
