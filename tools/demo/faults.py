"""What goes wrong, when, and on what: the planted faults.

Every entry becomes one row of truth/faults. Stock-outs are set in `inventory`, which adds its own rows. Which of them a
world has, or which others, says `plan`.
"""

from dataclasses import dataclass

import numpy as np

from tools.demo.world import START, at

PAYMENT_OK, PAYMENT_DECLINED, PAYMENT_SILENT, SITE_CRASH = range(4)


@dataclass(frozen=True)
class Fault:
    """One planted fault; `ends_at` is exclusive and `magnitude` is the share lost unless the description says else."""

    fault_id: str
    kind: str
    starts_at: str
    ends_at: str
    scope: str
    description: str
    campaign_id: str | None = None
    sku_id: str | None = None
    magnitude: float = 1.0
    is_known: bool = False  # the shop's own people wrote it down

    @property
    def window(self) -> tuple[float, float]:
        """Start and end in seconds of the world."""
        return at(self.starts_at), at(self.ends_at)

    def covers(self, seconds: np.ndarray) -> np.ndarray:
        """Which moments lie within the fault."""
        start, end = self.window
        return (seconds >= start) & (seconds < end)


def moment(seconds: float) -> str:
    """A moment of the world as 'YYYY-MM-DD HH:MM'."""
    return str(START + np.timedelta64(int(seconds), "s")).replace("T", " ")[:16]


_ALWAYS = ("2025-09-01 00:00", "2025-12-01 00:00")

FAULTS = {
    fault.fault_id: fault
    for fault in (
        Fault("gateway_2h", "gateway_outage", "2025-09-17 18:00", "2025-09-17 20:00", "checkout",
              "Payment provider down: every payment_attempt is followed by payment_failed. Known incident.",
              is_known=True),
        Fault("gateway_1h", "gateway_outage", "2025-10-08 12:00", "2025-10-08 13:00", "checkout",
              "Payment provider down for one hour at noon."),
        Fault("gateway_silent_4h", "gateway_outage_silent", "2025-10-24 18:00", "2025-10-24 22:00", "checkout",
              "Payment attempts get no answer: neither payment_failed nor purchase."),
        Fault("gateway_3h", "gateway_outage", "2025-11-20 15:00", "2025-11-20 18:00", "checkout",
              "Payment provider down for three hours."),
        Fault("gateway_partial", "gateway_partial_outage", "2025-11-05 10:00", "2025-11-05 16:00", "checkout",
              "60 % of payments fail.", magnitude=0.6),
        Fault("site_crash", "site_crash", "2025-10-15 09:00", "2025-10-15 21:00", "site",
              "The site hardly answers: visitors reload the same page within seconds, 92 % of purchases fail.",
              magnitude=0.92),
        Fault("maintenance", "planned_maintenance", "2025-11-18 03:00", "2025-11-18 05:00", "site",
              "Site closed for planned work: no visits, no events but impressions and opens. Known incident.",
              is_known=True),
        Fault("form_silent", "form_failure", "2025-10-20 00:00", "2025-10-22 00:00", "lead form",
              "form_start is recorded, form_submit and generate_lead never arrive."),
        Fault("ios_loss", "tracking_loss", "2025-10-27 00:00", "2025-12-01 00:00", "paid_social on iOS",
              "Clicks on iOS leave no session; magnitude is the share of iOS clicks, about 35 % of the channel's.",
              magnitude=0.78),
        Fault("broken_utm", "no_tracked_session", "2025-10-06 00:00", "2025-12-01 00:00", "campaign",
              "The landing page drops all tags: clicks on the platform, visits that look direct.",
              campaign_id="fb-3005"),
        Fault("cost_x100", "cost_anomaly", "2025-10-14 00:00", "2025-10-15 00:00", "campaign",
              "Cost exported in cents of a cent: spend is 100 times the true amount (magnitude is the factor).",
              campaign_id="gads-1003", magnitude=100.0),
        Fault("click_fraud", "phantom_traffic", "2025-11-13 00:00", "2025-11-17 00:00", "campaign",
              "Machines click a campaign: sessions of one page by ordinary user agents (magnitude is their ratio to "
              "the campaign's human clicks).", campaign_id="tt-4001", magnitude=1.5),
        Fault("inventory_gap", "missing_snapshots", "2025-10-29 06:00", "2025-10-29 18:00", "inventory feed",
              "No stock snapshot of any SKU arrives; stock is unobserved, not zero."),
        Fault("retries", "duplicate_events", *_ALWAYS, "collector",
              "Events sent again under the same event_id with a later received_at.", magnitude=0.01),
        Fault("late", "late_events", *_ALWAYS, "collector",
              "Events received one hour to three days after they happened.", magnitude=0.015),
        Fault("lost_purchases", "lost_events", *_ALWAYS, "collector",
              "purchase events that never arrive though the order stands.", magnitude=0.02),
        Fault("bots", "bots", *_ALWAYS, "site",
              "Crawlers by user agent, and scrapers with ordinary user agents known by their behaviour.",
              magnitude=0.02),
        Fault("malformed", "malformed_rows", *_ALWAYS, "all sources",
              "Rows without a required value, or with text that cannot be typed (magnitude is rows per table).",
              magnitude=36),
    )
}  # fmt: skip
