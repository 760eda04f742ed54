-- How far the channels' shares of the purchases moved from one week to the next, and how far chance
-- alone moves them. Without any change PSI is a chi-square over the counts (Yurdakul 2018), its
-- quantile is Wilson and Hilferty's; Jensen-Shannon is an eighth of it, in bits.
with totals as (
    select
        *,
        sum(conversion_count) over (partition by date) as n,
        sum(conversion_count_before) over (partition by date) as m,
        count(*) over (partition by date) as channel_count
    from {{ ref('channel_counts_weekly') }}
),

smoothed as (
    select
        totals.*,
        thresholds.drift_z_score as z,
        (totals.conversion_count + thresholds.drift_smoothing)
        / (totals.n + thresholds.drift_smoothing * totals.channel_count) as p,
        (totals.conversion_count_before + thresholds.drift_smoothing)
        / (totals.m + thresholds.drift_smoothing * totals.channel_count) as q
    from totals
    cross join {{ ref('thresholds') }} as thresholds
    where totals.n > 0 and totals.m > 0
),

compared as (
    select
        date,
        channel_count,
        channel_count - 1 as freedom,
        n,
        m,
        z,
        {{ exact_sum('(p - q) * ln(p / q)') }} as psi,
        {{ exact_sum('p * log2(2 * p / (p + q)) + q * log2(2 * q / (p + q))') }} / 2 as jsd,
        max(abs(conversion_count / n - conversion_count_before / m)) as largest_move
    from smoothed
    group by date, channel_count, n, m, z
),

noise as (
    select
        *,
        case
            when freedom > 0
                then freedom * power(1 - 2 / (9 * freedom) + z * sqrt(2 / (9 * freedom)), 3)
            else 0
        end * (1 / n + 1 / m) as psi_noise
    from compared
)

select
    calendar.date,
    cast(noise.n as bigint) as conversion_count,
    cast(noise.m as bigint) as conversion_count_before,
    noise.channel_count,
    noise.psi,
    noise.jsd,
    noise.largest_move,
    noise.psi_noise,
    noise.psi_noise / (8 * ln(2)) as jsd_noise
from {{ ref('calendar') }} as calendar
left join noise on calendar.date = noise.date
