"""A broker for development and tests without containers: Apache Kafka from Maven, one KRaft node on loopback, its data in a folder of its own.

Production uses docker-compose.yml; this is the same version with the same settings where they matter.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cabin.errors import BrokerFailed, ToolMissing
from contracts.topics import MESSAGE_BYTES

DEPLOY = Path(__file__).parent.parent / "deploy" / "kafka"
TOOLS: Mapping[str, str] = {"java": "Java 17", "mvn": "Maven"}
START_SECONDS = 60
STOP_SECONDS = 30
TOOL_SECONDS = 300
PAUSE_SECONDS = 0.1
HEAP = "-Xmx512m"
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
message.max.bytes={message_bytes}
replica.fetch.max.bytes={message_bytes}
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """One node: `folder` holds its data, settings, process id and what it says; it listens on `port`, its controller on the next one."""

    folder: Path
    port: int
    jars: Path = DEPLOY / "target" / "lib"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> bool:
        """Fetches, formats and runs it, and waits until it answers; false where it runs already.

        Raises: `ToolMissing`, `BrokerFailed`.
        """
        if self.answers():
            return False
        for tool, name in TOOLS.items():
            if shutil.which(tool) is None:
                raise ToolMissing(tool=name)
        self._fetch()
        self._format()
        with (self.folder / "broker.log").open("ab") as said:
            process = subprocess.Popen(self._java("kafka.Kafka", self._settings), stdout=said, stderr=said, stdin=subprocess.DEVNULL, start_new_session=True)
        (self.folder / "broker.pid").write_text(f"{process.pid}\n")
        for _ in range(int(START_SECONDS / PAUSE_SECONDS)):
            if self.answers():
                process.returncode = 0  # it lives on after this command: nobody waits for it
                return True
            if process.poll() is not None:
                break
            time.sleep(PAUSE_SECONDS)
        self.stop()
        raise BrokerFailed(log=str(self.folder / "broker.log"))

    def stop(self) -> bool:
        """Lets it end in order, kills it where it does not; false where none runs."""
        pid = self.pid()
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        for _ in range(int(STOP_SECONDS / PAUSE_SECONDS)):
            if self.pid() is None:
                break
            time.sleep(PAUSE_SECONDS)
        else:
            os.kill(pid, signal.SIGKILL)
        (self.folder / "broker.pid").unlink(missing_ok=True)
        return True

    def pid(self) -> int | None:
        """The process id while it runs. A number that now belongs to another program is not taken for it."""
        file = self.folder / "broker.pid"
        if not file.exists():
            return None
        pid = int(file.read_text())
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            ours = str(self._settings).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        return pid if ours and state != "Z" else None

    def answers(self) -> bool:
        """Whether its listener accepts connections. The listener opens when the broker serves, not before."""
        with socket.socket() as knock:
            knock.settimeout(1)
            return self.pid() is not None and knock.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def _settings(self) -> Path:
        return self.folder.resolve() / "server.properties"

    def _fetch(self) -> None:
        """The jars, once for each version of pom.xml; Maven checks what it fetches and keeps it. Who starts another broker meanwhile waits for them."""
        self.jars.parent.mkdir(parents=True, exist_ok=True)
        with (self.jars.parent / "lib.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            mark = self.jars / f".{hashlib.sha256((DEPLOY / 'pom.xml').read_bytes()).hexdigest()[:12]}"
            if mark.exists():
                return
            shutil.rmtree(self.jars, ignore_errors=True)
            self._done(["mvn", "-q", "-B", "-f", str(DEPLOY / "pom.xml"), "dependency:copy-dependencies", f"-DoutputDirectory={self.jars.resolve()}"])
            mark.touch()

    def _format(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        data = self.folder.resolve() / "data"
        self._settings.write_text(PROPERTIES.format(port=self.port, controller=self.port + 1, data=data, message_bytes=MESSAGE_BYTES))
        if not (data / "meta.properties").exists():
            cluster = self._done(self._java("kafka.tools.StorageTool", "random-uuid")).strip()
            self._done(self._java("kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c", self._settings))

    def _java(self, program: str, *arguments: str | Path) -> list[str]:
        quiet = f"-Dlog4j2.configurationFile={DEPLOY / 'log4j2.properties'}"
        return ["java", HEAP, quiet, "-cp", f"{self.jars.resolve()}/*", program, *(str(each) for each in arguments)]

    def _done(self, line: list[str]) -> str:
        """What a program printed. What it complained of goes to the broker's log."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            return subprocess.run(line, capture_output=True, text=True, check=True, timeout=TOOL_SECONDS).stdout
        except subprocess.SubprocessError as error:
            with (self.folder / "broker.log").open("a") as said:
                said.write(f"{error}\n{error.stdout or ''}{error.stderr or ''}")  # type: ignore[attr-defined]
            raise BrokerFailed(log=str(self.folder / "broker.log")) from error
