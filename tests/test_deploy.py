"""What is handed to other programs: alert rules for Prometheus and a dashboard for Grafana speak of metrics that are
there, and each alert has its page in the runbook."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import promql_parser
import pytest
from ruamel.yaml import YAML

from adapters.broker.embedded import EmbeddedBroker
from domain.bounces.said import Class
from domain.health import CODES
from tests.web.conftest import House, house, settings  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "deploy" / "prometheus" / "convenor.rules.yml"
RULE_TESTS = ROOT / "deploy" / "prometheus" / "convenor.rules.test.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "convenor.json"
RUNBOOK = ROOT / "docs" / "runbook"

FOUND = re.compile(r'^max by \(severity\) \(convenor_findings\{code="([a-z-]+)"\}\) > 0$')
OF_PROMETHEUS = {"up"}
PARTS = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",), "gauge": ("",)}


def alerts() -> list[dict[str, Any]]:
    return [rule for group in YAML(typ="safe").load(RULES)["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return found


def expressions() -> dict[str, str]:
    """By where they stand. Grafana puts numbers for its variables."""
    of_panels = {
        f"{panel['title']} {target['refId']}": target["expr"]
        .replace("$__rate_interval", "1m")
        .replace("$__range", "1h")
        for panel in panels()
        for target in panel.get("targets", [])
    }
    return {alert["alert"]: alert["expr"] for alert in alerts()} | of_panels


def metrics_in(expression: str) -> set[str]:
    names: set[str] = set()

    def look(node: object) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            names.add(str(node.name))
        return True

    promql_parser.walk(promql_parser.parse(expression), look)
    return names


@pytest.fixture
def exposed(house: House, broker: EmbeddedBroker) -> set[str]:  # noqa: F811 - a fixture
    """Every metric of /metrics, with and without samples, as it is asked for."""
    house.set(redis_url=broker.client_url)
    with house.door() as door:
        kinds = re.findall(r"^# TYPE (\S+) (\S+)$", door.get("/metrics").text, re.MULTILINE)
    return {name.removesuffix("_total") + part for name, kind in kinds for part in PARTS.get(kind, ("",))}


@pytest.mark.parametrize("where", sorted(expressions()))
def test_prometheus_can_read_every_expression(where: str) -> None:
    assert metrics_in(expressions()[where]) != set()


def test_alerts_and_dashboard_speak_only_of_metrics_that_are_there(exposed: set[str]) -> None:
    asked = {name for one in expressions().values() for name in metrics_in(one)}
    assert asked - exposed - OF_PROMETHEUS == set()


def test_what_has_come_back_is_every_class_of_refusal_and_nobodys_wish() -> None:
    (alert,) = (one for one in alerts() if one["alert"] == "ConvenorBounceRatio")
    assert f'convenor_bounces_total{{class=~"{"|".join(get_args(Class))}"}}' in alert["expr"]


def test_whatever_is_found_is_an_alert_with_the_severity_that_was_found() -> None:
    found = {match[1]: alert for alert in alerts() if (match := FOUND.match(alert["expr"]))}
    assert set(found) == set(CODES)
    assert {alert["labels"]["severity"] for alert in found.values()} == {"{{ $labels.severity }}"}
    assert {code: alert["alert"] for code, alert in found.items()} == {code: named(code) for code in CODES}


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    pages = {file.stem for file in RUNBOOK.glob("*.md")} - {"README"}
    assert {alert["annotations"]["runbook"] for alert in alerts()} == {f"docs/runbook/{page}.md" for page in pages}
    assert {alert["alert"] for alert in alerts()} == {named(page) for page in pages}


def test_a_page_names_its_alert_and_says_what_it_means_what_to_look_at_and_what_to_do() -> None:
    for file in RUNBOOK.glob("[a-z]*.md"):
        page = file.read_text("utf-8")
        assert f"`{named(file.stem)}`" in page
        assert re.findall("^## (.+)$", page, re.MULTILINE) == ["What it means", "What to look at", "What to do"]


def test_the_runbooks_index_lists_every_page() -> None:
    listed = set(re.findall(r"\]\(([a-z-]+)\.md\)", (RUNBOOK / "README.md").read_text("utf-8")))
    assert listed == {file.stem for file in RUNBOOK.glob("[a-z]*.md")}


def test_no_two_panels_of_the_dashboard_lie_upon_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels():
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert taken.setdefault((x, y), panel["title"]) == panel["title"]
                assert x < 24
    assert len({panel["id"] for panel in panels()}) == len(panels())


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool, of Debian's package prometheus")
@pytest.mark.parametrize("what", [["check", "rules", RULES], ["test", "rules", RULE_TESTS]], ids=["rules", "tests"])
def test_promtool_finds_nothing_wrong(what: list[str]) -> None:
    said = subprocess.run(["promtool", *map(str, what)], check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


def named(page: str) -> str:
    return "Convenor" + "".join(word.capitalize() for word in page.split("-"))
