"""docker-compose.yml against the published schema, the contracts and the settings: every name, command and number in it is one that exists."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cabin.settings import DECLARED, Settings
from contracts.topics import IN_SYNC, MESSAGE_BYTES, REPLICAS
from tests.test_readme import parsed

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BROKERS = {name: service for name, service in SERVICES.items() if service["image"].startswith("apache/kafka:")}
CABINS = {name: service for name, service in SERVICES.items() if "base-cabin" in service["image"]}
SECRET = re.compile("password|secret|token|credential|api_key", re.IGNORECASE)
REQUIRED = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")
"""A value that must be given: starting without it fails and says why."""


def filled_in(value: str) -> str:
    """A value as Compose sees it where nothing is set: defaults stand for variables."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


def test_it_follows_the_published_schema() -> None:
    """The Compose Specification's own schema accepts it. The schema comes with the package check-jsonschema."""
    package = importlib.util.find_spec("check_jsonschema")
    if package is None:
        pytest.skip("check-jsonschema, which brings the schema along, is not installed")
    (folder,) = package.submodule_search_locations or []
    schema = json.loads((Path(folder) / "builtin_schemas" / "vendor" / "compose-spec.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {**SERVICES, "worker": {**SERVICES["worker"], "comand": ["cabin"]}}}
    assert not validator.is_valid(broken)


@pytest.mark.parametrize("name", CABINS)
def test_every_setting_exists_and_can_be_read(name: str) -> None:
    """Each environment name of a service of ours is declared, and with the file's defaults the settings are accepted."""
    environment = CABINS[name]["environment"]
    assert set(environment) <= {setting.name for setting in DECLARED}
    settings = Settings.from_mapping({key: filled_in(value) for key, value in environment.items()})
    assert settings.brokers is not None and settings.brokers.addresses.split(",") == [f"{broker}:9092" for broker in BROKERS]
    assert settings.data == Path("/var/lib/cabin") and CABINS[name]["volumes"] == ["data:/var/lib/cabin"]


@pytest.mark.parametrize("name", CABINS)
def test_every_command_exists(name: str) -> None:
    """Each command line of a service of ours parses, options and all."""
    command = CABINS[name]["command"]
    assert command[0] == "cabin" and len(command) > 1
    parsed(command[1:])


def test_the_services_are_those_of_a_whole_cabin() -> None:
    """Three brokers, and one service each for topics, workers, landing and loading; only workers may be many, because gateway and loader are alone on their folder."""
    assert set(SERVICES) == {*BROKERS, *CABINS, "prometheus", "grafana"}
    assert [service["command"][1] for service in CABINS.values()] == ["topics", "worker", "loader", "quality", "gateway"]
    assert not any("container_name" in service or "hostname" in service for service in CABINS.values())


@pytest.mark.parametrize("name", BROKERS)
def test_brokers_keep_what_the_contracts_promise(name: str) -> None:
    """As many brokers as copies; every internal topic and every default has them, and as many in sync; messages may be as large as declared; no topic comes of itself."""
    environment = BROKERS[name]["environment"]
    assert len(BROKERS) == REPLICAS
    copies = {key: value for key, value in environment.items() if key.endswith("REPLICATION_FACTOR")}
    in_sync = {key: value for key, value in environment.items() if key.endswith(("MIN_ISR", "MIN_INSYNC_REPLICAS"))}
    assert (len(copies), set(copies.values())) == (4, {str(REPLICAS)}) and (len(in_sync), set(in_sync.values())) == (3, {str(IN_SYNC)})
    assert environment["KAFKA_MESSAGE_MAX_BYTES"] == environment["KAFKA_REPLICA_FETCH_MAX_BYTES"] == str(MESSAGE_BYTES)
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == environment["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"


def test_brokers_find_each_other() -> None:
    """Each has a number, a name and a volume of its own; all name the same quorum, which is all of them; they are the version of development and tests."""
    numbers = {name: service["environment"]["KAFKA_NODE_ID"] for name, service in BROKERS.items()}
    quorum = ",".join(f"{number}@{name}:9093" for name, number in numbers.items())
    for name, service in BROKERS.items():
        environment = service["environment"]
        assert environment["KAFKA_CONTROLLER_QUORUM_VOTERS"] == quorum and environment["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{name}:9092"
        assert service["volumes"] == [f"{name}:{environment['KAFKA_LOG_DIRS']}"] and service["hostname"] == name
        assert f"<version>{service['image'].partition(':')[2]}</version>" in (ROOT / "deploy" / "kafka" / "pom.xml").read_text("utf-8")
    assert len(set(numbers.values())) == len(BROKERS)
    shared = [
        {key: value for key, value in service["environment"].items() if key not in ("KAFKA_NODE_ID", "KAFKA_ADVERTISED_LISTENERS")}
        for service in BROKERS.values()
    ]
    assert all(each == shared[0] for each in shared)


def test_only_the_gateway_and_grafana_can_be_reached() -> None:
    """Both on loopback unless told otherwise; every other network has no way in or out, and the brokers are on theirs only."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"gateway", "grafana"}
    assert all(filled_in(port).startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert {name for name, network in COMPOSE["networks"].items() if not network.get("internal")} == {"front"}
    assert {name for name, service in SERVICES.items() if "front" in service["networks"]} == set(published)
    assert all(service["networks"] == ["log"] for service in BROKERS.values())
    assert not any("network_mode" in service or service.get("privileged") for service in SERVICES.values())


def test_no_password_stands_in_a_file() -> None:
    """Whatever is named like one must be given from outside, and has no default."""
    given = {key: value for service in SERVICES.values() for key, value in service.get("environment", {}).items() if SECRET.search(key)}
    assert "GF_SECURITY_ADMIN_PASSWORD" in given and all(REQUIRED.fullmatch(value) for value in given.values())
    for file in sorted((ROOT / "deploy").rglob("*")):
        if file.suffix in (".yml", ".yaml", ".json", ".properties") or file.name == "Dockerfile":
            assert not re.search(rf"(?:{SECRET.pattern})\w*\"?\s*[:=]\s*\S", file.read_text("utf-8"), re.IGNORECASE), file.name


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_bounded(name: str) -> None:
    """Memory and cores have a limit, rights are dropped, it is started again, its version is pinned; whoever runs on tells whether it is well."""
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"].startswith("on-failure" if name == "topics" else "unless-stopped")
    assert ("healthcheck" in service) == (name != "topics")
    assert re.search(r":v?\d+\.\d+\.\d+\}?$", service["image"])
    used = {volume.partition(":")[0] for volume in service["volumes"] if not volume.startswith(".")}
    assert used and used <= set(COMPOSE["volumes"])


def test_the_image_is_this_version() -> None:
    """The default tag of our image is the project's version."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {filled_in(service["image"]) for service in CABINS.values()} == {f"base-cabin:{version}"}


def test_prometheus_asks_services_that_measure() -> None:
    """Every service of ours that runs on is asked at the ports it serves, workers at the supervisor's and one for each process; the network is one that both are on."""
    jobs = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    asked = {(name, target["port"]) for job in jobs for target in job["dns_sd_configs"] for name in target["names"]}
    processes = int(SERVICES["worker"]["command"][SERVICES["worker"]["command"].index("--processes") + 1])
    serving = {name: int(service["environment"]["CABIN_METRICS_PORT"]) for name, service in CABINS.items()}
    wanted = {(name, port + child) for name, port in serving.items() if port for child in range(processes + 1 if name == "worker" else 1)}
    assert asked == wanted and all(job["job_name"] in CABINS for job in jobs)
    assert all("watch" in SERVICES[name]["networks"] for name in ("prometheus", "grafana", *serving))


def test_mounted_files_exist() -> None:
    """What is mounted from here is here, and read-only; dashboards lie where Grafana looks for them."""
    mounted = {volume for service in SERVICES.values() for volume in service["volumes"] if volume.startswith("./")}
    for volume in mounted:
        here, _, mode = volume.split(":")
        assert mode == "ro" and any((ROOT / here).rglob("*.*")), volume
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/cabin.yml").read_text("utf-8"))["providers"][0]
    folder = provider["options"]["path"]
    assert f"./deploy/grafana/dashboards:{folder}:ro" in mounted
    home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (ROOT / "deploy/grafana/dashboards" / Path(home).relative_to(folder)).is_file()
