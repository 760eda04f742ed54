"""Clicks against sessions: flags of campaign-days against planted losses, beside the rule of the article."""

from tools.evaluation.scores import Connection, rows_of

NEEDS = {
    "silver.campaign_discrepancy": {"date", "campaign_id", "platform_clicks", "tracked_sessions", "data_quality_flag"}
}
ARTICLE_RATE, ARTICLE_CLICKS = 0.2, 100


def score(connection: Connection) -> dict[str, list[dict]]:
    """`days`: campaign-days by state, planted loss, clicks and flags. `losses`: per campaign and loss, days flagged."""
    judged = f"""
        select
            truth.*,
            store.data_quality_flag as flag,
            coalesce(
                store.platform_clicks > {ARTICLE_CLICKS}
                and abs(store.platform_clicks - coalesce(store.tracked_sessions, 0)) / store.platform_clicks
                > {ARTICLE_RATE},
                false
            ) as is_article_low
        from truth.campaign_days as truth
        left join silver.campaign_discrepancy as store
            on truth.date = store.date and truth.campaign_id = store.campaign_id
    """
    days = rows_of(
        connection,
        f"""
        select
            state,
            kind,
            is_platform_wide,
            round(share, 2) as share,
            case when clicks >= 300 then 300 when clicks >= 100 then 100 when clicks >= 30 then 30 else 0 end as clicks,
            flag,
            is_article_low,
            count(*) as days
        from ({judged})
        group by all
        order by all
        """,
    )
    losses = rows_of(
        connection,
        f"""
        select
            min(kind) as kind,
            min(is_platform_wide) as is_platform_wide,
            min(round(share, 2)) as share,
            median(clicks) as clicks,
            count(*) as days,
            count(*) filter (where flag = 'LOW_CONFIDENCE') as flagged_days,
            count(*) filter (where is_article_low) as article_days
        from ({judged})
        where state = 'affected'
        group by campaign_id, loss_id
        order by all
        """,
    )
    return {"days": days, "losses": losses}
