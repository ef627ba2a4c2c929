"""What `cabin doctor` looks at: each check is one function that tells a fact, whether it is sound, and what to do if not."""

from __future__ import annotations

import errno
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass

from cabin.session import Session
from contracts.errors import DISK_FAULTS, CabinError
from contracts.model import Label
from streams.log.errors import DataFolderUnusable

LEAST_FREE_BYTES = 3_000_000_000
PROMISES, LINEAGE = Label("承诺", "promises"), Label("血缘", "lineage")


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result."""

    check: Label
    sound: bool
    fact: Label
    hint: Label


def checkup(session: Session) -> list[Finding]:
    """All checks in order; an expected error inside one is its finding."""
    checks: tuple[tuple[Label, Callable[[Session], Finding]], ...] = (
        (Label("Python", "Python"), _python),
        (Label("磁盘", "disk"), _disk),
        (Label("契约", "contracts"), _contracts),
        (Label("保险库", "vault"), _vault),
        (Label("权限", "privacy"), _privacy),
        (Label("账目", "accounts"), _accounts),
        (Label("快照", "snapshot"), _snapshot),
        (PROMISES, _promises),
        (LINEAGE, _lineage),
    )
    return [_guarded(name, check, session) for name, check in checks]


def _guarded(name: Label, check: Callable[[Session], Finding], session: Session) -> Finding:
    try:
        return check(session)
    except CabinError as error:
        (en, en_hint), (zh, zh_hint) = error.render("en"), error.render("zh")
        return Finding(name, False, Label(zh, en), Label(zh_hint, en_hint))


def _python(session: Session) -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    fact = Label(f"版本 {version}", f"version {version}")
    return Finding(Label("Python", "Python"), sys.version_info >= (3, 11), fact, Label("请安装 Python 3.11 或更高版本。", "Install Python 3.11 or newer."))


def _disk(session: Session) -> Finding:
    folder = next(each for each in (session.data, *session.data.absolute().parents) if each.exists())
    if not folder.is_dir():
        raise DataFolderUnusable(folder=session.data.name, detail=DISK_FAULTS[errno.ENOTDIR])
    free = shutil.disk_usage(folder).free
    fact = Label(f"剩余 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB free")
    return Finding(
        Label("磁盘", "disk"), free >= LEAST_FREE_BYTES, fact, Label("全区首次加载约需 2.5 GB，请腾出空间。", "A whole district needs about 2.5 GB; make room.")
    )


def _contracts(session: Session) -> Finding:
    from cabin.ports import own_feeds
    from contracts.check import check

    problems = check(own_feeds(session.data) or None)
    fact = Label(f"{len(session.contracts.feeds)} 个数据源，{len(problems)} 个问题", f"{len(session.contracts.feeds)} feeds, {len(problems)} problems")
    return Finding(Label("契约", "contracts"), not problems, fact, Label("请执行 `cabin contract check`。", "Run `cabin contract check`."))


def _vault(session: Session) -> Finding:
    from streams.landing import newest_vault
    from vault import Vault

    folder = session.data / "vault"
    raw = newest_vault(session.log) if session.has_log else None
    if raw is None and not Vault.lies_in(folder):
        return Finding(Label("保险库", "vault"), True, Label("尚未建立", "none yet"), Label("", ""))
    mode = stat.S_IMODE((folder / "master.key").stat().st_mode) if (folder / "master.key").exists() else 0
    fact = Label(f"序号 {session.vault.sequence}，主密钥权限 {mode:o}", f"sequence {session.vault.sequence}, master key mode {mode:o}")
    return Finding(Label("保险库", "vault"), mode == 0o600, fact, Label("请对 vault/master.key 执行 chmod 600。", "Run chmod 600 on vault/master.key."))


def _privacy(session: Session) -> Finding:
    """Log, spool, state, warehouse, history and exports hold personal values; published snapshots have modes of their own."""
    inside = [path for name in ("log.sqlite*", "spool/*", "state/*", "warehouse/*", "history/**/*", "export/**/*") for path in session.data.glob(name)]
    closed = not session.data.exists() or stat.S_IMODE(session.data.stat().st_mode) & 0o077 == 0
    opened = 0 if closed else sum(stat.S_IMODE(path.stat().st_mode) & 0o077 != 0 for path in inside)
    fact = Label(f"其他账户可读的文件 {opened} 个", f"{opened} private files open to other accounts")
    hint = Label(
        "请对数据文件夹中的 log.sqlite*、spool、state、warehouse、history、export 执行 chmod -R go-rwx。",
        "Run chmod -R go-rwx on log.sqlite*, spool, state, warehouse, export and history in the data folder.",
    )
    return Finding(Label("权限", "privacy"), opened == 0, fact, hint)


def _accounts(session: Session) -> Finding:
    from cabin.ledger import broken_accounts

    if not session.has_log:
        return Finding(Label("账目", "accounts"), True, Label("尚无日志", "no log yet"), Label("", ""))
    broken = broken_accounts(session.log)
    fact = Label(f"{len(broken)} 个批次账目不平", f"{len(broken)} deliveries whose accounts do not balance")
    hint = Label(f"请报告这些批次：{', '.join(broken[:5])}", f"Report these deliveries: {', '.join(broken[:5])}")
    return Finding(Label("账目", "accounts"), not broken, fact, hint)


def _snapshot(session: Session) -> Finding:
    from cabin.published import about

    published = about(session.data)
    fact = Label(f"快照 {published.name}", f"snapshot {published.name}") if published else Label("尚未发布", "nothing published yet")
    return Finding(Label("快照", "snapshot"), True, fact, Label("", ""))


def _promises(session: Session) -> Finding:
    """Unsound where the last run of all suites found a broken promise or could not judge one; what was never checked, and one that a person let through, is told only."""
    from cabin.clock import BeijingClock
    from cabin.marked import marked, spite
    from warehouse.publish import pointed

    name = pointed(session.data / "published")
    if name is None:
        return Finding(PROMISES, True, Label("尚未发布", "nothing published yet"), Label("", ""))
    known = marked(session.data, name, session.contracts.fingerprint, BeijingClock().now())
    told, fact = spite(known.overridden), known.fact
    if told.en:
        fact = Label(f"{fact.zh}；已放行：{told.zh}", f"{fact.en}; let through: {told.en}")
    hint = Label("请执行 `cabin quality check` 查看不通过和无法判定的检查。", "See with `cabin quality check` which checks failed or could not be judged.")
    return Finding(PROMISES, known.sound, fact, hint)


def _lineage(session: Session) -> Finding:
    """Sessions of workers that are gone and whose end nobody told yet."""
    from streams.agents.left import left_behind

    count = sum(1 for _ in left_behind(session.data / "lineage"))
    fact = Label(f"{count} 次工作进程会话的结束尚未报告", f"{count} sessions of workers whose end is not told yet")
    hint = Label("请启动 `cabin worker`：它会先报告这些结束。", "Start `cabin worker`, which tells them first.")
    return Finding(LINEAGE, count == 0, fact, hint)
