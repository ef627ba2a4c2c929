"""`cabin docs build`: gathers, composes, writes, and says what there is."""

from __future__ import annotations

from pathlib import Path

from cabin.clock import BeijingClock
from cabin.session import Session
from cabin.site.gathered import gathered
from cabin.site.whole import files
from cabin.site.writing import put, refuse_foreign


def build(session: Session, folder: Path) -> None:
    """Raises: `SiteFolderTaken`, `FileUnwritable`, `SiteBusy`."""
    refuse_foreign(folder)
    given = gathered(session, BeijingClock().now().replace(microsecond=0))
    count = put(folder, files(given))
    begin = folder / "index.html"
    session.out.say(f"wrote {count:,} files; open {begin}", f"已写入 {count:,} 个文件；请打开 {begin}", files=count, begin=str(begin))
