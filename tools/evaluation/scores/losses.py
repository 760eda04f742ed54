"""Loss of tracking by platform: does the interval hold the share that truly went missing?"""

from tools.evaluation.scores import Connection, rows_of

NEEDS = {"silver.tracking_loss_daily": {"date", "platform", "loss_rate", "loss_rate_low", "loss_rate_high"}}


def score(connection: Connection) -> list[dict]:
    """Platform-days by situation: `none` (no loss at all) and `platform` (a loss of the whole platform).

    The true loss is the share of the visits of that day which went missing: 0 without a loss. Days with fraud, a
    standstill or a surplus, and days on which only some campaigns lose, are left out.
    """
    return rows_of(
        connection,
        """
        with truth as (
            select
                date,
                platform,
                sum(missing) / sum(arrived) as loss_rate,
                max(case when is_platform_wide then share else 0 end) as share,
                count(*) filter (where state = 'mixed') as mixed,
                count(*) filter (where share > 0 and not is_platform_wide) as others
            from truth.campaign_days
            group by date, platform
            having sum(arrived) > 0
        )

        select
            case when truth.share > 0 then 'platform' else 'none' end as situation,
            round(truth.share, 2) as share,
            count(*) as days,
            count(store.loss_rate_low) as judged_days,
            count(*) filter (
                where truth.loss_rate between store.loss_rate_low - 1e-9 and store.loss_rate_high + 1e-9
            ) as covered_days,
            cast(coalesce(sum(store.loss_rate_high - store.loss_rate_low), 0) as double) as summed_width,
            cast(coalesce(sum(abs(store.loss_rate - truth.loss_rate)), 0) as double) as summed_error
        from truth
        left join silver.tracking_loss_daily as store on truth.date = store.date and truth.platform = store.platform
        where truth.mixed = 0 and truth.others = 0
        group by all
        order by all
        """,
    )
