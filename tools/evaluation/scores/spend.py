"""Cost anomalies: flags of campaign-days against planted ones."""

from tools.evaluation.scores import Connection, rows_of

NEEDS = {"silver.spend_anomalies": {"date", "campaign_id", "is_cost_anomaly", "anomaly_kind"}}


def score(connection: Connection) -> list[dict]:
    """Campaign-days with a row of the platform by planted kind (null: none), flag, the kind the store names, volume.

    A factor on a cost of zero changes nothing and is no case.
    """
    return rows_of(
        connection,
        """
        select
            truth.kind,
            coalesce(store.is_cost_anomaly, false) as flag,
            store.anomaly_kind as named,
            case when truth.clicks >= 30 then 30 when truth.clicks >= 5 then 5 else 0 end as clicks,
            count(*) as days
        from truth.spend_days as truth
        left join silver.spend_anomalies as store
            on truth.date = store.date and truth.campaign_id = store.campaign_id
        where truth.kind is null or truth.kind in ('zero_spend', 'duplicate') or truth.spend > 0
        group by all
        order by all
        """,
    )
