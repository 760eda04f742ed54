"""The alerts as they arrive: `python -m tools.alerts` as a process of its own, on small stores made by hand, against servers on this
machine that record what they are sent (alert_servers.py)."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from alert_servers import Mail, Web, running, write_certificate

from tools.alerts.channels import shown, split
from tools.alerts.conditions import number

PAGERDUTY, SLACK, HOOK = "events.pagerduty.com", "hooks.slack.com", "127.0.0.1"
KEY = "R0UTINGKEY0123456789"
SLACK_URL = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/#shop"

# name, observed, threshold, baseline, reason, severity, runbook
COSTS = ("cost_anomalies", 100.0, 3.0, 1.0, "The costs of gads-1003 are 100 times the usual.", "page", "docs/runbooks/costs.md")
MATCH = ("match_rate", 0.41, 0.6, 0.7, "41 % of sessions are matched, 70 % is usual.", "ticket", "docs/runbooks/match.md")
FRESH = ("freshness.crm.orders", 30.5, 24.0, None, "The last order is 30.5 hours old.", "ticket", "docs/runbooks/freshness.md")


class Store:
    """A store with the tables that the alerts read; each build is written over the one before."""

    def __init__(self, db):
        self.db = db

    def build(self, *tripped, outcome=None, message=None, failed_nodes=0, version="v7"):
        """A build that ended: published, tripped by these checks, or as `outcome` says."""
        self.write(
            build=("b1", datetime(2025, 12, 1, 3), datetime(2025, 12, 1, 4), outcome or ("tripped" if tripped else "published"),
                   failed_nodes, message),
            serving=("OPEN" if tripped else "CLOSED", version, datetime(2025, 11, 30, 23), 26.0, [check[0] for check in tripped],
                     None, datetime(2025, 12, 1)),
            checks=tripped,
        )  # fmt: skip

    def killed(self):
        self.write(build=("b2", datetime(2025, 12, 2, 3), None, None, None, None),
                   serving=("CLOSED", "v7", datetime(2025, 11, 30, 23), 50.0, [], None, datetime(2025, 12, 1)))  # fmt: skip

    def write(self, build, serving, checks=()):
        self.db.unlink(missing_ok=True)
        with duckdb.connect(str(self.db)) as connection:
            connection.execute("""
                create schema ledger; create schema gold; create schema published;
                create table ledger.build_log (build_id varchar, started_at timestamp, ended_at timestamp, outcome varchar,
                    failed_nodes bigint, message varchar);
                create table gold.circuit_breaker (check_name varchar, check_family varchar, scope varchar, observed double,
                    baseline double, threshold double, sample_count bigint, status varchar, reason varchar, severity varchar,
                    is_overridden boolean, runbook varchar);
                create table published.serving_status (breaker_state varchar, serving_version_id varchar,
                    serving_as_of timestamp, staleness_hours double, tripped_checks varchar[], hold_reason varchar,
                    audited_at timestamp, audited_as_of timestamp);
                insert into ledger.build_log values
                    ('b0', '2025-11-01', '2025-11-01', 'failed', 1, 'an old failure'),
                    ('b7', '2025-12-03', '2025-12-03', 'not_audited', 0, '');
                insert into gold.circuit_breaker values ('duplicates', 'duplicates', 'all', 0, 0, .1, 9, 'pass', 'Fine.',
                    'page', false, 'docs/runbooks/duplicates.md');
            """)
            connection.execute("insert into ledger.build_log values (?, ?, ?, ?, ?, ?)", build)
            connection.execute("insert into published.serving_status values (?, ?, ?, ?, ?, ?, ?, '2025-12-01')", serving)
            for name, observed, threshold, baseline, reason, severity, runbook in checks:
                connection.execute(
                    "insert into gold.circuit_breaker values (?, ?, 'all', ?, ?, ?, 9, 'trip', ?, ?, false, ?)",
                    [name, name, observed, baseline, threshold, reason, severity, runbook],
                )


class Alerts:
    """The command, with the settings of a company that has every kind of channel."""

    def __init__(self, root, db, web, mail, certificate):
        self.root, self.db, self.web, self.mail = root, db, web, mail
        address = f"http://{HOOK}:{web.server_address[1]}"
        self.hook = f"json://hooker:hookpass@{HOOK}:{web.server_address[1]}"
        self.settings = {
            "HTTPS_PROXY": address,
            "https_proxy": address,
            "NO_PROXY": HOOK,
            "no_proxy": HOOK,
            "SSL_CERT_FILE": str(certificate),
            "REQUESTS_CA_BUNDLE": str(certificate),
            "ALERT_BACKOFF_SECONDS": "0.001",
            "ALERT_PAGERDUTY_ROUTING_KEY": KEY,
            "ALERT_PAGE_URLS": f"{SLACK_URL}, {self.hook}/pages",
            "ALERT_TICKET_URLS": f"{self.hook}/tickets",
        }
        self.state = db.with_name(f"{db.name}.alerts.json")

    def run(self, *arguments, **settings):
        """Run it once; only what this run sent is there afterwards."""
        self.web.requests.clear()
        self.mail.letters.clear()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ALERT_")}
        ended = subprocess.run(
            [sys.executable, "-m", "tools.alerts", "--db", str(self.db), *arguments],
            cwd=self.root, env={**inherited, **self.settings, **settings}, timeout=120, capture_output=True, text=True,
        )  # fmt: skip
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended

    def quiet_run(self, *arguments, **settings):
        ended = self.run(*arguments, **settings)
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended

    def events(self):
        return [(event["event_action"], event["dedup_key"]) for event in self.web.to(PAGERDUTY)]

    def hooked(self):
        """(where, title) of what the webhook was sent."""
        return [(request.path, request.body["title"]) for request in self.web.requests if request.host.startswith(HOOK)]

    def let_pass(self, hours):
        """Put the memory's times back."""
        stored = json.loads(self.state.read_text())
        for incident in stored["incidents"]:
            for told in incident["told"].values():
                told["sent_at"] = (datetime.fromisoformat(told["sent_at"]) - timedelta(hours=hours)).isoformat()
        self.state.write_text(json.dumps(stored))


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    certificate = write_certificate(tmp_path_factory.mktemp("tls") / "certificate.pem")
    with running(Web(certificate)) as web, running(Mail()) as mail:
        yield web, mail, certificate


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "feature_store.duckdb")


@pytest.fixture
def alerts(project_root, store, servers):
    web, mail, certificate = servers
    web.failing_hosts, web.failures = {}, 0
    return Alerts(project_root, store.db, web, mail, certificate)


NO_CHANNELS = {"ALERT_PAGERDUTY_ROUTING_KEY": "", "ALERT_PAGE_URLS": "", "ALERT_TICKET_URLS": ""}


# --- Trip and recovery ------------------------------------------------------------------------------------------------


def test_a_good_build_tells_nobody_anything(store, alerts):
    store.build()
    assert "closed" in alerts.quiet_run("--exit-code", "0").stdout
    assert alerts.web.requests == [] and not alerts.state.exists()


def test_a_trip_is_one_grouped_message_per_channel(store, alerts):
    store.build(COSTS, MATCH)
    alerts.quiet_run("--exit-code", "1", ALERT_RUNBOOK_BASE_URL="https://wiki.example.org/store/")
    [event] = alerts.web.to(PAGERDUTY)
    assert (event["event_action"], event["dedup_key"], event["routing_key"]) == ("trigger", "feature_store:breaker", KEY)
    assert event["payload"]["severity"] == "critical"
    assert event["payload"]["summary"] == "[feature_store] Circuit breaker open: 2 checks tripped"
    details = event["payload"]["custom_details"]
    assert [check["check"] for check in details["checks"]] == ["cost_anomalies", "match_rate"]
    assert details["serving"] == {"version": "v7", "as_of": "2025-11-30T23:00:00", "staleness_hours": 26.0}
    assert event["links"][0] == {
        "href": "https://wiki.example.org/store/docs/runbooks/costs.md",
        "text": "Runbook of cost_anomalies",
    }
    [slack] = alerts.web.to(SLACK)
    [hook] = alerts.web.to(HOOK)
    text = """\
cost_anomalies (page): observed 100, threshold 3, usual 1
  The costs of gads-1003 are 100 times the usual.
  Runbook: https://wiki.example.org/store/docs/runbooks/costs.md
match_rate (ticket): observed 0.41, threshold 0.6, usual 0.7
  41 % of sessions are matched, 70 % is usual.
  Runbook: https://wiki.example.org/store/docs/runbooks/match.md
Consumers are served version v7 as of 2025-11-30 23:00 UTC, 26 hours old.
What was built since then is not published."""
    assert details["message"] == hook["message"] == slack["attachments"][0]["text"] == text
    assert hook["title"] == slack["attachments"][0]["title"] == event["payload"]["summary"]
    assert slack["channel"] == "#shop" and hook["type"] == "failure"


def test_the_same_trip_is_told_once_and_again_after_a_day(store, alerts):
    store.build(COSTS, MATCH)
    alerts.quiet_run()
    assert len(alerts.web.requests) == 3
    store.build(MATCH, COSTS)
    assert "was told at" in alerts.quiet_run().stdout
    assert alerts.web.requests == []
    alerts.let_pass(hours=23)
    alerts.quiet_run()
    assert alerts.web.requests == []
    alerts.let_pass(hours=2)
    alerts.quiet_run()
    assert alerts.events() == [("trigger", "feature_store:breaker")]
    assert all("2 checks tripped, since " in title for _, title in alerts.hooked())
    alerts.let_pass(hours=2)
    alerts.quiet_run(ALERT_REPEAT_HOURS="1.5")
    assert len(alerts.web.requests) == 3


def test_another_set_of_checks_is_one_update_under_the_same_key(store, alerts):
    store.build(COSTS, MATCH)
    alerts.quiet_run()
    store.build(COSTS, FRESH)
    alerts.quiet_run()
    assert alerts.events() == [("trigger", "feature_store:breaker")]
    [hook] = alerts.web.to(HOOK)
    assert hook["message"].startswith("New: freshness.crm.orders\nNo longer: match_rate\ncost_anomalies (page)")
    alerts.quiet_run()
    assert alerts.web.requests == []


def test_recovery_is_told_once_to_whom_the_trip_was_told(store, alerts):
    store.build(COSTS)
    alerts.quiet_run()
    store.build(version="v8")
    alerts.quiet_run()
    assert alerts.events() == [("resolve", "feature_store:breaker")]
    assert alerts.hooked() == [("/pages", "[feature_store] Circuit breaker closed again")]
    [hook] = alerts.web.to(HOOK)
    assert hook["type"] == "success" and "served version v8" in hook["message"]
    alerts.quiet_run()
    assert alerts.web.requests == []
    store.build(COSTS)
    alerts.quiet_run()
    assert alerts.events() == [("trigger", "feature_store:breaker")]


def test_a_check_without_details_pages(store, alerts):
    store.write(build=("b1", datetime(2025, 12, 1), datetime(2025, 12, 1), "tripped", 0, None),
                serving=("OPEN", None, None, None, ["vanished"], None, datetime(2025, 12, 1)))  # fmt: skip
    alerts.quiet_run()
    [event] = alerts.web.to(PAGERDUTY)
    assert event["payload"]["severity"] == "critical"
    assert event["payload"]["custom_details"]["message"].splitlines()[:2] == [
        "vanished (page): observed unknown, threshold unknown",
        "Consumers are served nothing: no version has been published yet.",
    ]


# --- Page or ticket ---------------------------------------------------------------------------------------------------


def test_a_ticket_goes_to_the_ticket_channels_only(store, alerts):
    store.build(MATCH, FRESH)
    alerts.quiet_run()
    assert [(request.path, request.body["type"]) for request in alerts.web.requests] == [("/tickets", "warning")]
    store.build()
    alerts.quiet_run()
    assert [path for path, _ in alerts.hooked()] == ["/tickets"] and alerts.events() == []


def test_a_ticket_that_becomes_a_page_reaches_both_and_stays_a_page(store, alerts):
    store.build(MATCH)
    alerts.quiet_run()
    store.build(MATCH, COSTS)
    alerts.quiet_run()
    assert sorted(path for path, _ in alerts.hooked()) == ["/pages", "/tickets"] and len(alerts.events()) == 1
    store.build(MATCH)
    alerts.quiet_run()
    assert len(alerts.web.requests) == 4
    [event] = alerts.web.to(PAGERDUTY)
    assert event["payload"]["severity"] == "critical"
    store.build()
    alerts.quiet_run()
    assert len(alerts.web.requests) == 4 and alerts.events() == [("resolve", "feature_store:breaker")]


def test_without_a_channel_of_its_kind_an_alert_goes_to_the_others(store, alerts):
    store.build(MATCH)
    alerts.quiet_run(ALERT_TICKET_URLS="", ALERT_PAGE_URLS="")
    [event] = alerts.web.to(PAGERDUTY)
    assert event["payload"]["severity"] == "warning"


def test_a_breaker_held_by_a_person_is_a_ticket(store, alerts):
    store.write(build=("b1", datetime(2025, 12, 1), datetime(2025, 12, 1), "published", 0, None),
                serving=("OPEN", "v7", datetime(2025, 11, 30), 2.0, [], "wrong prices", datetime(2025, 12, 1)))  # fmt: skip
    alerts.quiet_run()
    assert alerts.hooked() == [("/tickets", "[feature_store] Circuit breaker open: a person holds publishing")]
    [hook] = alerts.web.to(HOOK)
    assert hook["message"].startswith("A person holds publishing: wrong prices\n")


def test_before_the_first_audit_the_breaker_has_not_tripped(store, alerts):
    store.write(build=("b1", datetime(2025, 12, 1), datetime(2025, 12, 1), "failed", 1, "orders (error)"),
                serving=("OPEN", None, None, None, [], None, None))  # fmt: skip
    alerts.quiet_run()
    assert alerts.hooked() == [("/pages", "[feature_store] Build failed")]


# --- Failed builds ----------------------------------------------------------------------------------------------------


def test_a_failed_build_is_told_and_the_next_good_one_resolves_it(store, alerts):
    store.build(outcome="failed", failed_nodes=2, message="touchpoints (error), credits_sum_to_one (fail)")
    alerts.quiet_run("--exit-code", "1")
    [event] = alerts.web.to(PAGERDUTY)
    assert (event["event_action"], event["dedup_key"]) == ("trigger", "feature_store:build")
    assert event["payload"]["summary"] == "[feature_store] Build failed"
    assert event["payload"]["custom_details"]["message"] == (
        "It began at 2025-12-01 03:00 UTC. 2 nodes failed: touchpoints (error), credits_sum_to_one (fail)\n"
        "Consumers are served version v7 as of 2025-11-30 23:00 UTC, 26 hours old."
    )
    alerts.quiet_run("--exit-code", "1")
    assert alerts.web.requests == []
    store.build(outcome="failed", failed_nodes=1, message="orders (error)")
    alerts.quiet_run("--exit-code", "1")
    assert alerts.events() == [("trigger", "feature_store:build")]
    [hook] = alerts.web.to(HOOK)
    assert hook["message"].startswith("New: orders (error)\nNo longer: credits_sum_to_one (fail), touchpoints (error)\n")
    store.build()
    alerts.quiet_run("--exit-code", "0")
    assert alerts.events() == [("resolve", "feature_store:build")]
    alerts.quiet_run("--exit-code", "0")
    assert alerts.web.requests == []


def test_a_tripped_build_did_not_fail(store, alerts):
    store.build(COSTS)
    alerts.quiet_run("--exit-code", "1")
    assert alerts.events() == [("trigger", "feature_store:breaker")]


def test_a_trip_and_a_failed_build_are_two_incidents(store, alerts):
    store.build(COSTS, outcome="failed")
    alerts.quiet_run()
    assert alerts.events() == [("trigger", "feature_store:breaker"), ("trigger", "feature_store:build")]


@pytest.mark.parametrize("arguments", [(), ("--exit-code", "137")])
def test_a_killed_build_is_a_failed_one(store, alerts, arguments):
    store.killed()
    alerts.quiet_run(*arguments)
    [event] = alerts.web.to(PAGERDUTY)
    assert event["dedup_key"] == "feature_store:build"
    assert "killed" in event["payload"]["custom_details"]["message"]


def test_a_really_killed_writer_leaves_a_store_that_can_be_read(store, alerts):
    store.build()
    writer = f"""
import duckdb, os, signal
connection = duckdb.connect({str(store.db)!r})
connection.execute("insert into ledger.build_log (build_id, started_at) values ('b9', '2025-12-09 03:00')")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", writer], timeout=60).returncode == -signal.SIGKILL
    alerts.quiet_run()
    [event] = alerts.web.to(PAGERDUTY)
    assert "It began at 2025-12-09 03:00 UTC and was killed" in event["payload"]["custom_details"]["message"]


def test_a_build_that_never_got_to_its_log_is_told_by_its_exit_code(store, alerts):
    store.build()
    alerts.quiet_run("--exit-code", "2")
    [event] = alerts.web.to(PAGERDUTY)
    assert "exit code 2" in event["payload"]["custom_details"]["message"]


def test_a_first_build_that_left_no_store_is_told_too(alerts):
    alerts.quiet_run("--exit-code", "2")
    [event] = alerts.web.to(PAGERDUTY)
    assert "there is no feature store" in event["payload"]["custom_details"]["message"]
    assert "could not be read" in event["payload"]["custom_details"]["message"]


def test_a_failed_build_can_be_a_ticket(store, alerts):
    store.build(outcome="failed")
    alerts.quiet_run(ALERT_BUILD_SEVERITY="ticket")
    assert [path for path, _ in alerts.hooked()] == ["/tickets"] and alerts.events() == []


# --- The store --------------------------------------------------------------------------------------------------------


def test_a_missing_store_and_missing_tables_are_one_line_each(store, alerts):
    ended = alerts.run()
    assert ended.returncode == 1 and len(ended.stderr.splitlines()) == 1 and "there is no feature store" in ended.stderr
    duckdb.connect(str(store.db)).close()
    ended = alerts.run()
    assert ended.returncode == 1 and len(ended.stderr.splitlines()) == 1 and "no build log" in ended.stderr
    with duckdb.connect(str(store.db)) as connection:
        connection.execute("create schema ledger; create table ledger.build_log (something integer)")
    ended = alerts.run()
    assert ended.returncode == 1 and len(ended.stderr.splitlines()) == 1 and "is not a store" in ended.stderr
    store.db.write_text("this is no database")
    ended = alerts.run()
    assert ended.returncode == 1 and len(ended.stderr.splitlines()) == 1 and "cannot be read" in ended.stderr


def test_a_store_without_a_serving_status_is_not_taken_for_a_good_one(store, alerts):
    store.build(COSTS)
    alerts.quiet_run()
    with duckdb.connect(str(store.db)) as connection:
        connection.execute("drop table published.serving_status")
    for exit_code in "01":
        ended = alerts.run("--exit-code", exit_code)
        assert ended.returncode == 1 and "no serving status" in ended.stderr
        assert alerts.web.requests == []


def test_while_a_build_writes_the_alerts_say_so(store, alerts):
    store.build()
    with duckdb.connect(str(store.db)):
        ended = alerts.run()
    assert ended.returncode == 1 and len(ended.stderr.splitlines()) == 1 and "is being written" in ended.stderr


# --- Channels ---------------------------------------------------------------------------------------------------------


def test_a_passing_failure_is_tried_again(store, alerts):
    store.build(COSTS)
    alerts.web.failures = 2
    alerts.quiet_run(ALERT_PAGE_URLS="")
    assert len(alerts.web.to(PAGERDUTY)) == 3


@pytest.mark.parametrize("status", [500, 429, 400, 401])
def test_a_channel_that_does_not_answer_well_is_an_error_and_tried_again_by_the_next_run(store, alerts, status):
    store.build(COSTS)
    alerts.web.failing_hosts = {PAGERDUTY: status}
    ended = alerts.run()
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "PagerDuty did not take" in line and f"HTTP {status}" in line
    assert len(alerts.web.to(PAGERDUTY)) == (3 if status in (500, 429) else 1)
    assert len(alerts.web.to(SLACK)) == len(alerts.web.to(HOOK)) == 1
    alerts.web.failing_hosts = {}
    alerts.quiet_run()
    assert alerts.events() == [("trigger", "feature_store:breaker")] and len(alerts.web.requests) == 1


def test_a_webhook_that_fails_is_named_without_its_secrets(store, alerts):
    store.build(COSTS)
    alerts.web.failing_hosts = {HOOK: 503}
    ended = alerts.run(ALERT_PAGE_URLS=f"{alerts.hook}/pages?optional=yes")
    assert ended.returncode == 1 and len(alerts.web.to(HOOK)) == 3
    assert ended.stderr.splitlines() == [
        "alerts: ALERT_PAGE_URLS 1 (json://127.0.0.1/…) did not take 'Circuit breaker open: 1 check tripped' (HTTP 503): "
        "the next run tries again"
    ]


def test_a_server_that_is_down_is_an_error(store, alerts):
    store.build(COSTS)
    ended = alerts.run(ALERT_PAGE_URLS="json://127.0.0.1:9/", HTTPS_PROXY="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")
    assert ended.returncode == 1
    assert [line.split(" did not take")[0] for line in ended.stderr.splitlines()] == [
        "alerts: PagerDuty",
        "alerts: ALERT_PAGE_URLS 1 (json://127.0.0.1/…)",
    ]
    assert "cannot be reached" in ended.stderr


def test_a_recovery_that_does_not_arrive_is_sent_again(store, alerts):
    store.build(COSTS)
    alerts.quiet_run()
    store.build()
    alerts.web.failing_hosts = {PAGERDUTY: 500}
    assert alerts.run().returncode == 1
    alerts.web.failing_hosts = {}
    alerts.quiet_run()
    assert alerts.events() == [("resolve", "feature_store:breaker")] and len(alerts.web.requests) == 1


def test_a_channel_that_is_gone_before_the_recovery_is_an_error_that_says_what_to_do(store, alerts):
    store.build(COSTS)
    alerts.quiet_run()
    store.build()
    ended = alerts.run(ALERT_PAGERDUTY_ROUTING_KEY="")
    assert ended.returncode == 1 and "PagerDuty was told of the trouble but is not configured now" in ended.stderr
    alerts.quiet_run()
    assert alerts.events() == [("resolve", "feature_store:breaker")] and len(alerts.web.requests) == 1


def test_a_channel_that_is_new_hears_of_what_is_open(store, alerts):
    store.build(COSTS)
    alerts.quiet_run(ALERT_PAGERDUTY_ROUTING_KEY="")
    alerts.quiet_run()
    assert alerts.events() == [("trigger", "feature_store:breaker")] and len(alerts.web.requests) == 1


def test_alerts_arrive_as_e_mail(store, alerts):
    store.build(COSTS)
    host = f"127.0.0.1:{alerts.mail.server_address[1]}"
    alerts.quiet_run(ALERT_PAGE_URLS=f"mailto://robot:mailpass@{host}?mode=insecure&from=robot@example.org&to=team@example.org")
    [letter] = alerts.mail.letters
    assert letter["Subject"] == "[feature_store] Circuit breaker open: 1 check tripped"
    assert letter["To"] == "team@example.org"
    assert "Runbook: docs/runbooks/costs.md" in letter.get_payload(decode=True).decode()


def test_pagerduty_of_another_region(store, alerts):
    store.build(COSTS)
    alerts.quiet_run(ALERT_PAGERDUTY_URL="https://events.eu.pagerduty.com/", ALERT_STORE_NAME="shop")
    [event] = alerts.web.to("events.eu.pagerduty.com")
    assert event["dedup_key"] == "shop:breaker" and event["payload"]["source"] == "shop"


def test_without_channels_the_alert_is_printed(store, alerts):
    store.build(COSTS)
    for _ in range(2):
        ended = alerts.quiet_run(**NO_CHANNELS)
        assert "Circuit breaker open: 1 check tripped" in ended.stdout and "docs/runbooks/costs.md" in ended.stdout
        assert "no channel is configured: set ALERT_PAGERDUTY_ROUTING_KEY" in ended.stdout
    store.build()
    assert "Circuit breaker closed again" in alerts.quiet_run(**NO_CHANNELS).stdout
    assert "closed again" not in alerts.quiet_run(**NO_CHANNELS).stdout


def test_the_test_message_goes_through_every_channel_and_leaves_nothing_open(alerts):
    alerts.quiet_run("--test")
    assert alerts.events() == [("trigger", "feature_store:test"), ("resolve", "feature_store:test")]
    assert len(alerts.web.to(SLACK)) == 1 and {path for path, _ in alerts.hooked()} == {"/pages", "/tickets"}
    assert not alerts.state.exists()
    alerts.web.failing_hosts = {PAGERDUTY: 400}
    assert alerts.run("--test").returncode == 1
    assert len(alerts.web.to(SLACK)) == 1
    ended = alerts.run("--test", **NO_CHANNELS)
    assert ended.returncode == 2 and "no channel is configured" in ended.stderr


# --- Maintenance ------------------------------------------------------------------------------------------------------


def windows(path, *spans):
    now = datetime.now(UTC)
    rows = [f"{now + timedelta(hours=start):%Y-%m-%d %H:%M},{now + timedelta(hours=end):%Y-%m-%d %H:%M},moving house"
            for start, end in spans]  # fmt: skip
    path.write_text("\n".join(["starts_at,ends_at,reason", *rows]) + "\n")
    return {"ALERT_MAINTENANCE_FILE": str(path)}


def test_in_a_maintenance_window_bad_news_waits_until_it_ends(store, alerts, tmp_path):
    store.build(COSTS)
    ended = alerts.quiet_run(**windows(tmp_path / "windows.csv", (-9, -8), (-1, 1)))
    assert alerts.web.requests == [] and "after the maintenance (moving house) ends" in ended.stdout
    alerts.quiet_run(**windows(tmp_path / "windows.csv", (-9, -8), (-3, -1), (1, 2)))
    assert len(alerts.web.requests) == 3 and alerts.events() == [("trigger", "feature_store:breaker")]


def test_what_is_over_before_the_window_ends_is_never_told(store, alerts, tmp_path):
    window = windows(tmp_path / "windows.csv", (-1, 1))
    store.build(COSTS)
    alerts.quiet_run(**window)
    store.build()
    alerts.quiet_run(**window)
    alerts.quiet_run()
    assert alerts.web.requests == []


def test_good_news_does_not_wait(store, alerts, tmp_path):
    store.build(COSTS)
    alerts.quiet_run()
    store.build()
    alerts.quiet_run(**windows(tmp_path / "windows.csv", (-1, 1)))
    assert alerts.events() == [("resolve", "feature_store:breaker")]


def test_the_project_has_no_maintenance_planned(project_root):
    assert (project_root / "tools" / "alerts" / "maintenance.csv").read_text() == "starts_at,ends_at,reason\n"


# --- Settings, secrets and the memory ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name, value", [
    ("ALERT_PAGE_URLS", "slak://tok-secret/x"),
    ("ALERT_PAGE_URLS", "tok-secret"),
    ("ALERT_PAGE_URLS", "tok-secret json://127.0.0.1/"),
    ("ALERT_TICKET_URLS", "slack://tok-secret"),
    ("ALERT_PAGERDUTY_URL", "http://tok-secret.example.org"),
    ("ALERT_PAGERDUTY_URL", "https://"),
    ("ALERT_RUNBOOK_BASE_URL", "wiki/tok-secret"),
    ("ALERT_REPEAT_HOURS", "daily"),
    ("ALERT_REPEAT_HOURS", "0"),
    ("ALERT_BACKOFF_SECONDS", "nan"),
    ("ALERT_BUILD_SEVERITY", "loud"),
])  # fmt: skip
def test_a_setting_that_cannot_be_read_is_one_line(store, alerts, name, value):
    store.build(COSTS)
    ended = alerts.run(**{name: value})
    assert ended.returncode == 2 and alerts.web.requests == []
    [line] = ended.stderr.splitlines()
    assert name in line and "tok-secret" not in line


@pytest.mark.parametrize("text", [
    None,
    "starts_at,ends_at\n2025-01-01,tomorrow\n",
    "starts_at;ends_at;reason\n2025-01-01;2025-01-02;x\n",
    "starts_at,ends_at,reason\n2025-01-02,2025-01-01,backwards\n",
    "starts_at,ends_at,reason\n2025-01-02\n",
])  # fmt: skip
def test_a_maintenance_file_that_cannot_be_read_is_one_line(store, alerts, tmp_path, text):
    store.build(COSTS)
    if text:
        (tmp_path / "windows.csv").write_text(text)
    ended = alerts.run(ALERT_MAINTENANCE_FILE=str(tmp_path / "windows.csv"))
    assert ended.returncode == 2 and alerts.web.requests == []
    assert len(ended.stderr.splitlines()) == 1 and "maintenance file" in ended.stderr


def test_secrets_are_in_no_output_and_not_in_the_memory(store, alerts):
    store.build(COSTS, MATCH)
    outputs = []
    for failing in ({PAGERDUTY: 401, SLACK: 404, HOOK: 403}, {}):
        alerts.web.failing_hosts = failing
        ended = alerts.run()
        outputs += [ended.stdout, ended.stderr, alerts.state.read_text()]
    written = "\n".join(outputs)
    assert "slack://…" in written and "PagerDuty" in written
    for secret in (KEY, KEY[-4:], "T1JJ3T3L2", "A1BRTD4JD", "TIiajkdnlazkcOXrIdevi7", "hooker", "hookpass"):
        assert secret not in written


@pytest.mark.parametrize("text", ["{half", "[]", '{"incidents": [{"kind": "breaker"}]}', '{"incidents": [1]}'])
def test_a_memory_that_cannot_be_read_is_set_aside_and_the_alert_still_sent(store, alerts, text):
    store.build(COSTS)
    alerts.state.write_text(text)
    ended = alerts.run()
    assert ended.returncode == 1 and alerts.events() == [("trigger", "feature_store:breaker")]
    [line] = ended.stderr.splitlines()
    assert "set aside" in line
    assert alerts.state.with_name(f"{alerts.state.name}.unreadable").read_text() == text
    alerts.quiet_run()
    assert alerts.web.requests == []


def test_a_memory_that_cannot_be_written_is_one_line(store, alerts):
    store.build(COSTS)
    alerts.state.mkdir()
    ended = alerts.run()
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "may be told again" in line


# --- Small parts ------------------------------------------------------------------------------------------------------


def test_addresses_are_told_apart():
    assert split("json://a/?to=x,y, slack://b;mailto://c\n json://d") == ["json://a/?to=x,y", "slack://b", "mailto://c", "json://d"]
    assert split("rubbish json://a") == ["rubbish", "json://a"]
    assert split("") == []


def test_of_an_address_only_the_scheme_and_a_host_that_is_no_token_are_shown():
    assert shown("json://user:pass@hooks.example.org:8080/token?x=y") == "json://hooks.example.org/…"
    assert shown("mailto://user:p@ss@example.org?to=x") == "mailto://example.org/…"
    assert shown("slack://T1/B2/C3") == "slack://…"
    assert shown("secret") == "no scheme"


def test_numbers_read_well():
    assert [number(value) for value in (None, 0, 0.012345, 999.996, 1234567.0, 86400, 2.5)] == [
        "unknown", "0", "0.0123", "1,000", "1,234,567", "86,400", "2.5",
    ]  # fmt: skip
