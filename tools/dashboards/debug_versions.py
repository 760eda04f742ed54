"""What was published when, what changed from one version to the next, and how the builds went."""

import json

from tools.dashboards.store import one, rows

SHOWN = 30
FINGERPRINTS = {
    "input_fingerprint": "the journeys",
    "code_fingerprint": "models and seeds",
    "parameters": "a model's parameters",
    "window_fingerprint": "attribution windows of single channels",
    "attribution_window_days": "the default attribution window",
    "journey_reset": "whether a conversion begins a new journey",
}


def versions(connection) -> list[dict]:
    """Published versions, the latest first; each with what its credits were made from differs from the one before."""
    found = rows(connection, f"""
        select version_id, published_at, as_of, is_current, row_counts, reason from published.versions
        order by published_at desc, version_id limit {SHOWN}
    """)
    cards = cards_of(connection)
    for version, before in zip(found, [*found[1:], None]):
        version["row_counts"] = json.loads(version["row_counts"])
        card = cards.get(version["version_id"], {})
        version |= {name: card.get(name) for name in ("journey_count", "conversion_count", "code_revision")}
        version["fingerprint"] = short(card.get("input_fingerprint"))
        other = cards.get(before["version_id"]) if before else None
        version["changed"] = changes(card, other) if card and other else None
    return found


def changes(card, other):
    """What differs between what two versions were made from, in words."""
    return [says for name, says in FINGERPRINTS.items() if card[name] != other[name]]


def cards_of(connection):
    """The registry's word on each version; models differ in their parameters only."""
    found = rows(connection, """
        select version_id, string_agg(attribution_model || parameters, ' ' order by attribution_model) as parameters,
            min(input_fingerprint) as input_fingerprint, min(code_fingerprint) as code_fingerprint,
            min(window_fingerprint) as window_fingerprint, min(attribution_window_days) as attribution_window_days,
            min(journey_reset) as journey_reset, min(journey_count) as journey_count,
            min(conversion_count) as conversion_count, min(code_revision) as code_revision
        from published.model_registry group by version_id
    """)
    return {card["version_id"]: card for card in found}


def short(fingerprint):
    return str(fingerprint)[:8] if fingerprint is not None else None


def differences(connection, before):
    """This build against an earlier version: campaign-days that came, went and changed, the columns in which they did, and
    the channels whose credit moved most. None without an earlier version."""
    if not before:
        return None
    columns = columns_of_both(connection)
    is_other = {name: f"a.date = b.date and a.{name} is distinct from b.{name}" for name in columns}
    counts = one(connection, f"""
        select
            count(*) filter (a.date is null) as came,
            count(*) filter (b.date is null) as went,
            count(*) filter (a.date = b.date) as common,
            count(*) filter ({" or ".join(is_other.values())}) as changed,
            {", ".join(f"count(*) filter ({condition}) as {name}" for name, condition in is_other.items())}
        from (select * from published.campaign_daily_features_versions where version_id = ?) as a
        full join gold.campaign_daily_features as b on a.date = b.date and a.campaign_id = b.campaign_id
    """, [before])
    moves = rows(connection, """
        select conversion_type, channel, model, before, after, string_agg(policy, ' and ' order by policy) as policies
        from (
            select
                conversion_type, channel, attribution_model as model, context_policy as policy,
                round(coalesce(a.credit_share, 0), 6) as before, round(coalesce(b.credit_share, 0), 6) as after
            from (select * from published.channel_credits_versions where version_id = ?) as a
            full join gold.channel_credits as b using (conversion_type, channel, attribution_model, context_policy)
        )
        where abs(after - before) >= 0.0005
        group by conversion_type, channel, model, before, after
        order by abs(after - before) desc, conversion_type, channel, model, policies
        limit 8
    """, [before])
    return {
        "version": before,
        **{name: counts.pop(name) for name in ("came", "went", "changed", "common")},
        "columns": sorted([(name, count) for name, count in counts.items() if count], key=lambda one: (-one[1], one[0])),
        "moves": moves,
    }


def columns_of_both(connection):
    """The features that the kept versions have, too."""
    return [name for (name,) in connection.execute("""
        select column_name from duckdb_columns()
        where column_name not in ('date', 'campaign_id') and (schema_name, table_name) in (
            ('gold', 'campaign_daily_features'), ('published', 'campaign_daily_features_versions')
        )
        group by column_name having count(*) = 2 order by column_name
    """).fetchall()]


def builds(connection) -> list[dict]:
    """The builds, the latest first: how each ended, the verdict of its checks, and the load it completed."""
    return rows(connection, f"""
        select
            builds.started_at, epoch(builds.ended_at - builds.started_at) as seconds, builds.outcome,
            audits.as_of, audits.check_count, audits.warn_count, audits.tripped_checks, loads.load_number
        from ledger.build_log as builds
        left join ledger.audit_log as audits using (build_id)
        left join ledger.load_log as loads using (build_id)
        order by builds.started_at desc, builds.build_id limit {SHOWN}
    """)
