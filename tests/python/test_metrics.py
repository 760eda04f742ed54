"""Metrics (models/semantic/) against the same numbers computed from gold, silver and published by plain SQL.

`SUMS` says how each metric that adds something up is computed, from which table; `RATIOS` which of them the others divide. Every
metric and every saved question is asked on the golden build and compared, group by group.
"""

import re
import shlex

import duckdb
import pytest
import yaml
from conftest import PROJECT_ROOT
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator

from tools import metrics as command
from tools.metrics import Metrics
from tools.stores import Refused

# The tables, with the columns that questions group by under the names of the questions.
PAID = "channel in (select channel from gold.campaign_daily_features where spend is not null)"
TABLES = {
    "credits": "select *, cast(converted_at as date) as day, campaign_id as campaign from gold.attribution_credits",
    "campaign_days": "select *, date as day, campaign_id as campaign from gold.campaign_daily_features",
    "model_spend": """
        select features.*, date as day, campaign_id as campaign, attribution_model, context_policy
        from gold.campaign_daily_features as features
        cross join (select distinct attribution_model, context_policy from gold.attribution_credits)
    """,
    "comparisons": "select *, date as day, campaign_id as campaign from silver.campaign_discrepancy",
    "conversions": "select *, date as day from silver.conversions",
    "sessions": "select *, date as day, campaign_id as campaign from silver.sessions where visitor_tag is not null",
    "touches": "select *, cast(touched_at as date) as day, campaign_id as campaign from silver.touchpoints",
    "journeys": "select *, cast(ended_at as date) as day from gold.journeys",
    "hours": "select *, cast(hour_at as date) as day from gold.system_health_hourly",
    "levels": "select *, date as day, sli as indicator from gold.service_levels",
    "served": "select *, cast(serving_as_of as date) as day from published.channel_credits cross join published.serving_status",
}
PLATFORM = "(select platform from silver.campaigns where campaigns.campaign_id = campaign)"
GROUPS = {
    "metric_time__month": "cast(date_trunc('month', day) as date)",
    "metric_time__week": "cast(date_trunc('week', day) as date)",
    "campaign__platform": PLATFORM,
}

MARKOV = "attribution_model = 'markov' and context_policy = 'context_aware'"
PURCHASE = "conversion_type = 'purchase'"
PERSON = "not is_bot and not is_phantom"
SUMS = {
    "attributed_conversions": ("credits", "sum(credit)", MARKOV),
    "attributed_purchases": ("credits", "sum(credit)", f"{MARKOV} and {PURCHASE}"),
    "attributed_revenue": ("credits", "sum(attributed_revenue)", MARKOV),
    "paid_purchases": ("credits", "sum(credit)", f"{MARKOV} and {PURCHASE} and {PAID}"),
    "paid_purchase_revenue": ("credits", "sum(attributed_revenue)", f"{MARKOV} and {PURCHASE} and {PAID}"),
    "unattributed_conversions": ("credits", "count(*)", f"{MARKOV} and touchpoint_id is null"),
    "conversions_by_model": ("credits", "sum(credit)", "true"),
    "purchases_by_model": ("credits", "sum(credit)", PURCHASE),
    "revenue_by_model": ("credits", "sum(attributed_revenue)", "true"),
    "spend": ("campaign_days", "sum(spend)", "true"),
    "unbelievable_spend": ("campaign_days", "sum(spend)", "is_cost_anomaly"),
    "impressions": ("campaign_days", "sum(impressions)", "true"),
    "clicks": ("campaign_days", "sum(clicks)", "true"),
    "compared_clicks": ("comparisons", "sum(platform_clicks)", "true"),
    "compared_sessions": ("comparisons", "sum(tracked_sessions)", "platform_clicks > 0"),
    "judged_campaign_days": ("comparisons", "count(*)", "data_quality_flag in ('HIGH_CONFIDENCE', 'LOW_CONFIDENCE')"),
    "disagreeing_campaign_days": ("comparisons", "count(*)", "data_quality_flag = 'LOW_CONFIDENCE'"),
    "conversions": ("conversions", "count(*)", "true"),
    "gross_revenue": ("conversions", "sum(gross_revenue)", "true"),
    "refunds": ("conversions", "sum(refund_amount)", "true"),
    "net_revenue": ("conversions", "sum(net_revenue)", "true"),
    "sessions": ("sessions", "count(*)", PERSON),
    "transactions": ("sessions", "count(*)", f"{PERSON} and has_transaction"),
    "machine_sessions": ("sessions", "count(*)", f"not ({PERSON})"),
    "touches": ("touches", "count(*)", "true"),
    "touches_of_known_stock": ("touches", "count(is_out_of_stock)", "true"),
    "out_of_stock_touches": ("touches", "count(*)", "is_out_of_stock"),
    "purchase_journeys": ("journeys", "count(*)", PURCHASE),
    "converted_journeys": ("journeys", "count(*)", "converted_at is not null"),
    "converted_touches": ("journeys", "sum(touch_count)", "converted_at is not null"),
    "converted_purchase_journeys": ("journeys", "count(*)", f"{PURCHASE} and converted_at is not null"),
    "ended_purchase_journeys": ("journeys", "count(*)", f"{PURCHASE} and journey_status in ('converted', 'lost')"),
    "blocked_purchase_journeys": ("journeys", "count(*)", f"{PURCHASE} and blocked_reason is not null"),
    "outage_hours": ("hours", "count(*)", "scope = 'all' and system_health_tag = 'POTENTIAL_OUTAGE'"),
    "source_outage_hours": ("hours", "count(*)", "scope <> 'all' and system_health_tag = 'POTENTIAL_OUTAGE'"),
    "missed_days": ("levels", "count(*)", "status = 'missed'"),
    "published_purchases": ("served", "sum(credited_conversions)", f"{MARKOV} and {PURCHASE}"),
    "published_revenue": ("served", "sum(credited_revenue)", f"{MARKOV} and {PURCHASE}"),
    "published_credit_share": ("served", "sum(credit_share)", f"{MARKOV} and {PURCHASE}"),
    "published_spend": ("served", "sum(spend)", f"{MARKOV} and {PURCHASE}"),
    "published_paid_purchases": ("served", "sum(credited_conversions)", f"{MARKOV} and {PURCHASE} and spend is not null"),
    "published_paid_revenue": ("served", "sum(credited_revenue)", f"{MARKOV} and {PURCHASE} and spend is not null"),
    "published_credit_share_by_model": ("served", "sum(credit_share)", "true"),
}

# What ratios divide and no metric is.
PARTS = {
    "paid_purchases_by_model": ("credits", "sum(credit)", f"{PURCHASE} and {PAID}"),
    "paid_revenue_by_model": ("credits", "sum(attributed_revenue)", f"{PURCHASE} and {PAID}"),
    "spend_by_model": ("model_spend", "sum(spend)", "true"),
    "lost_clicks": ("comparisons", "sum(platform_clicks - tracked_sessions)", "platform_clicks > 0"),
    "good events": ("levels", "sum(good_count)", "good_count is not null"),
    "all events": ("levels", "sum(total_count)", "good_count is not null"),
}
for level in ("match_rate", "conversion_coverage", "event_delivery_rate", "duplicate_event_rate"):
    PARTS[f"good {level}"] = ("levels", "sum(good_count)", f"sli = '{level}'")
    PARTS[f"all {level}"] = ("levels", "sum(total_count)", f"sli = '{level}'")
ADDED_UP = SUMS | PARTS
RATIOS = {
    "roas": ("paid_purchase_revenue", "spend"),
    "cpa": ("spend", "paid_purchases"),
    "roas_by_model": ("paid_revenue_by_model", "spend_by_model"),
    "cpa_by_model": ("spend_by_model", "paid_purchases_by_model"),
    "unattributed_share": ("unattributed_conversions", "attributed_conversions"),
    "ctr": ("clicks", "impressions"),
    "cpc": ("spend", "clicks"),
    "cvr": ("transactions", "sessions"),
    "discrepancy_rate": ("lost_clicks", "compared_clicks"),
    "disagreement_rate": ("disagreeing_campaign_days", "judged_campaign_days"),
    "out_of_stock_share": ("out_of_stock_touches", "touches_of_known_stock"),
    "average_touches": ("converted_touches", "converted_journeys"),
    "journey_conversion_rate": ("converted_purchase_journeys", "ended_purchase_journeys"),
    "published_roas": ("published_paid_revenue", "published_spend"),
    "published_cpa": ("published_spend", "published_paid_purchases"),
    "match_rate": ("good match_rate", "all match_rate"),
    "conversion_coverage": ("good conversion_coverage", "all conversion_coverage"),
    "event_delivery_rate": ("good event_delivery_rate", "all event_delivery_rate"),
    "unique_event_rate": ("good duplicate_event_rate", "all duplicate_event_rate"),
    "service_level": ("good events", "all events"),
}

# What to group by, so that a metric has more than one number: the total is asked as well, but where it must be null.
ALONE = {
    "credits": ["channel", "conversion_type"],
    "model_spend": ["channel", "attribution_model", "context_policy"],
    "campaign_days": ["channel", "campaign"],
    "comparisons": ["campaign__platform", "metric_time__month"],
    "conversions": ["conversion_type", "metric_time__week"],
    "sessions": ["channel", "metric_time__month"],
    "touches": ["channel"],
    "journeys": ["metric_time__month"],
    "hours": ["metric_time__month"],
    "levels": ["metric_time__month"],
    "served": ["channel"],
}
GUARDED = {
    "conversions_by_model": ["attribution_model", "context_policy", "conversion_type"],
    "purchases_by_model": ["attribution_model", "context_policy", "channel"],
    "revenue_by_model": ["attribution_model", "context_policy", "campaign"],
    "roas_by_model": ["attribution_model", "context_policy", "channel"],
    "cpa_by_model": ["attribution_model", "context_policy", "metric_time__month"],
    "published_credit_share_by_model": ["attribution_model", "context_policy", "conversion_type", "channel"],
    "service_level": ["indicator"],
}
CROSS_TABLE = {"roas": ["channel", "metric_time__month"], "cpa": ["channel", "metric_time__month"]}


@pytest.fixture(scope="module")
def connection(golden_build):
    with golden_build.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def metrics(golden_build, connection):
    return Metrics(connection, golden_build.target / "semantic_manifest.json")


@pytest.fixture(scope="module")
def expected(connection):
    """{group: value} of a metric by plain SQL, where it is not null; remembered."""

    known = {}

    def summed(metric, by, only):
        table, expression, condition = ADDED_UP[metric]
        names = [GROUPS.get(name, name) for name in by]
        sql = f"""
            select {", ".join([*names, expression])} from ({TABLES[table]}) where {condition} and {only}
            {"group by " + ", ".join(map(str, range(1, len(names) + 1))) if names else ""}
        """
        return {row[:-1]: row[-1] for row in connection.execute(sql).fetchall() if row[-1] is not None}

    def values(metric, by, only="true"):
        key = (metric, *by, only)
        if key not in known and metric in ADDED_UP:
            known[key] = summed(metric, by, only)
        elif key not in known:
            above, below = (values(part, by, only) for part in RATIOS[metric])
            known[key] = {group: above.get(group, 0) / below[group] for group in below if below[group]}
        return known[key]

    return values


def differences(answer, metric, by, expected):
    """Groups whose answer is not what it should be; a group without a number counts as null, or as nothing."""
    columns, rows = answer
    found = {tuple(row[columns.index(name)] for name in by): row[columns.index(metric)] for row in rows}
    assert len(found) == len(rows), "a group has several rows"
    wrong = {
        group: (found.get(group), expected.get(group))
        for group in found.keys() | expected.keys()
        if (found.get(group) or 0) != pytest.approx(expected.get(group) or 0, rel=1e-9, abs=1e-9)
    }
    assert any(expected.values()) or metric in QUIET, f"{metric} is nothing everywhere: this test shows nothing"
    return wrong


# In the small demo world no outage is found, and no campaign has clicks enough to be judged.
QUIET = {"outage_hours", "source_outage_hours", "judged_campaign_days", "disagreeing_campaign_days", "disagreement_rate"}


def table_of(metric):
    return ADDED_UP[metric][0] if metric in ADDED_UP else table_of(RATIOS[metric][0])


def test_the_metrics_pass_the_validation_of_metricflow(metrics):
    found = SemanticManifestValidator().validate_semantic_manifest(metrics.manifest)
    assert not found.all_issues, [issue.as_readable_str() for issue in found.all_issues]


def test_every_metric_is_compared_with_sql(metrics):
    """The error budget is a state and no sum: it has a test of its own."""
    assert set(metrics.offered) == SUMS.keys() | RATIOS.keys() | {"error_budget_left"}
    parts = {metric.name for metric in metrics.manifest.metrics} - set(metrics.offered)
    assert parts and all(name.startswith(("all_models_", "all_indicators_")) for name in parts)


@pytest.mark.parametrize("metric", sorted((SUMS.keys() | RATIOS.keys()) - set(GUARDED)))
def test_a_metric_is_what_sql_says(metrics, expected, metric):
    by = CROSS_TABLE.get(metric) or ALONE[table_of(metric)]
    for groups in ([], by):
        wrong = differences(metrics.ask([metric], groups), metric, groups, expected(metric, groups))
        assert not wrong, wrong


@pytest.mark.parametrize(("metric", "by"), GUARDED.items())
def test_a_metric_of_one_choice_is_what_sql_says_and_null_where_choices_mix(metrics, expected, metric, by):
    wrong = differences(metrics.ask([metric], by), metric, by, expected(metric, by))
    assert not wrong, wrong
    for missing in [name for name in by if name in ("attribution_model", "context_policy", "indicator")]:
        columns, rows = metrics.ask([metric], [name for name in by if name != missing])
        assert rows and {row[columns.index(metric)] for row in rows} == {None}


def test_a_metric_without_a_suffix_is_of_markov_and_context_aware_however_it_is_asked(metrics):
    names = ["attributed_conversions", "attributed_revenue", "unattributed_share"]
    columns, rows = metrics.ask(names, ["attribution_model", "context_policy"])
    _, [total] = metrics.ask(names)
    assert [row[:2] for row in rows] == [["markov", "context_aware"]]
    assert rows[0][2:] == pytest.approx(total)
    assert metrics.ask(names[:2], only=["attribution_model=linear"])[1] == [[None, None]]


def test_roas_of_one_model_over_the_whole_period_is_that_of_gold(metrics, connection):
    _, rows = metrics.ask(["roas_by_model", "cpa_by_model"], ["channel"], ["attribution_model=linear", "context_policy=naive"])
    gold = connection.execute("""
        select channel, roas, cost_per_conversion from gold.channel_credits
        where attribution_model = 'linear' and context_policy = 'naive' and conversion_type = 'purchase' and spend > 0
    """).fetchall()
    assert gold and {row[0]: row[1:] for row in rows} == {row[0]: pytest.approx(list(row[1:])) for row in gold}


def test_conversions_and_sessions_agree_with_other_tables_of_gold(metrics, connection):
    _, [counts] = metrics.ask(["conversions", "attributed_conversions", "converted_journeys"])
    assert counts[0] > 0 and counts == pytest.approx([counts[0]] * 3)
    _, [visits] = metrics.ask(["sessions", "transactions"])
    assert tuple(visits) == connection.execute("select sum(sessions), sum(transactions) from gold.traffic_summary").fetchone()


def test_the_error_budget_is_that_of_the_last_day_and_of_the_worst_indicator(metrics, connection):
    last = "date = (select max(date) from gold.service_levels)"
    budgets = dict(connection.execute(f"select sli, error_budget_share from gold.service_levels where {last}").fetchall())
    assert dict(metrics.ask(["error_budget_left"], ["indicator"])[1]) == budgets
    assert metrics.ask(["error_budget_left"])[1] == [[min(budgets.values())]]


def test_what_the_demo_world_does_not_show_is_counted_too(golden_build):
    with duckdb.connect() as tiny:
        tiny.execute("attach ':memory:' as feature_store")
        tiny.execute("create schema feature_store.semantic")
        tiny.execute("create schema feature_store.silver")
        tiny.execute("""
            create table feature_store.semantic.dated_health_hours as
            select date '2025-03-01' as date, scope, 'payment' as suspected_step, system_health_tag
            from (values
                ('all', 'POTENTIAL_OUTAGE'), ('all', 'POTENTIAL_OUTAGE'), ('all', 'NORMAL'), ('google', 'POTENTIAL_OUTAGE')
            ) as hours (scope, system_health_tag)
        """)
        tiny.execute("""
            create table feature_store.silver.campaign_discrepancy as
            select date '2025-03-01' as date, 'g1' as campaign_id, data_quality_flag, platform_clicks, tracked_sessions
            from (values
                ('LOW_CONFIDENCE', 300, 100), ('HIGH_CONFIDENCE', 100, 80), ('HIGH_CONFIDENCE', 100, 70),
                ('INSUFFICIENT_DATA', null, 9)
            ) as days (data_quality_flag, platform_clicks, tracked_sessions)
        """)
        metrics = Metrics(tiny, golden_build.target / "semantic_manifest.json")
        assert metrics.ask(["outage_hours", "source_outage_hours"])[1] == [[2, 1]]
        counted = ["judged_campaign_days", "disagreeing_campaign_days", "disagreement_rate", "discrepancy_rate"]
        assert metrics.ask(counted)[1] == [[3, 1, pytest.approx(1 / 3), pytest.approx(1 / 2)]]


def questions():
    return yaml.safe_load((PROJECT_ROOT / "models/semantic/saved_queries.yml").read_text())["saved_queries"]


@pytest.mark.parametrize("question", questions(), ids=lambda question: question["name"])
def test_a_saved_question_is_what_sql_says(metrics, expected, question):
    parameters = question["query_params"]
    by = [re.sub(r"\w+\('(\w+)'(?:, '(\w+)')?\)", group_name, text) for text in parameters["group_by"]]
    only = " and ".join(re.sub(r"\{\{ Entity\('(\w+)'\) \}\}", r"\1", text) for text in parameters.get("where", ["true"]))
    answer = metrics.ask(saved=question["name"])
    assert answer[0] == [*by, *parameters["metrics"]]
    for metric in parameters["metrics"]:
        if metric != "error_budget_left":
            wrong = differences(answer, metric, by, expected(metric, by, only))
            assert not wrong, (metric, wrong)


def group_name(match):
    return f"{match[1]}__{match[2]}" if match[2] else match[1]


def test_a_period_has_its_first_and_its_last_day(metrics, expected):
    _, [[counted]] = metrics.ask(["conversions"], first_day=command.day("2025-10-01"), last_day=command.day("2025-10-31"))
    assert counted == expected("conversions", ["metric_time__month"])[(command.day("2025-10-01").date(),)]


@pytest.mark.parametrize(("question", "message"), [
    (dict(metrics=["roaz"]), "there is no metric roaz; there is roas"),
    (dict(metrics=["all_models_spend"]), "there is no metric all_models_spend"),
    (dict(metrics=["conversions"], by=["channel"]), "no way to group conversions by channel; there is conversion__date, "),
    (dict(metrics=["roas"], only=["colour=red"]), "there is no way to group roas by colour"),
    (dict(metrics=["roas"], only=["channel"]), "channel is no NAME=VALUE"),
    (dict(metrics=["roas"], first_day=command.day("2025-10-02"), last_day=command.day("2025-10-01")), "comes after 2025-10-01"),
    (dict(metrics=["roas"], saved="published_shares"), "has metrics and groups of its own"),
    (dict(saved="roas"), "there is no saved question roas; there is campaigns_to_doubt, "),
])  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_one_line(metrics, question, message):
    with pytest.raises(Refused, match=message) as refusal:
        metrics.ask(**question)
    assert "\n" not in str(refusal.value)


def test_the_command_answers_and_refuses(monkeypatch, capsys, golden_build):
    monkeypatch.setenv("FEATURE_STORE_DB", str(golden_build.db))
    monkeypatch.setattr(command, "MANIFEST", golden_build.target / "semantic_manifest.json")
    assert run(monkeypatch, "sessions", "--by", "channel", "--only", "channel=email", "--csv") == 0
    assert re.fullmatch(r"channel,sessions\nemail,\d+\n", capsys.readouterr().out)
    assert run(monkeypatch) == 0
    listed = capsys.readouterr().out
    assert "\nroas " in listed and "\nroas_by_channel_and_month " in listed and "all_models_" not in listed
    assert run(monkeypatch, "roas", "--by", "metric_time__month") == 0
    assert capsys.readouterr().out.startswith("metric_time__month   roas\n2025-09-01 ")
    assert run(monkeypatch, "roaz") == 1
    assert capsys.readouterr().err == "No answer: there is no metric roaz; there is roas\n"
    monkeypatch.setattr(command, "MANIFEST", golden_build.target / "nowhere.json")
    assert run(monkeypatch) == 1
    assert capsys.readouterr().err.endswith("nowhere.json yet: run make build\n")


DOCS = (PROJECT_ROOT / "docs/metrics.md").read_text()
SWITCHES = {"METRICS": "", "BY": "--by ", "ONLY": "--only ", "SAVED": "--saved "}


def test_the_docs_list_every_metric_and_no_other(metrics):
    assert sorted(re.findall(r"^\| `(\w+)` \|", DOCS, re.MULTILINE)) == sorted(metrics.offered)


@pytest.mark.parametrize(("question", "answer"), re.findall(r"^\$ make query (.*)\n([^`]*)```", DOCS, re.MULTILINE))
def test_the_answers_in_the_docs_are_those_of_the_small_world(monkeypatch, capsys, golden_build, question, answer):
    monkeypatch.setenv("FEATURE_STORE_DB", str(golden_build.db))
    monkeypatch.setattr(command, "MANIFEST", golden_build.target / "semantic_manifest.json")
    settings = (word.partition("=") for word in shlex.split(question))
    run(monkeypatch, *" ".join(SWITCHES[name] + value for name, _, value in settings).split())
    assert capsys.readouterr().out == answer


def run(monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["metrics", *words])
    return command.main()
