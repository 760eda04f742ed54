"""What goes wrong in a shop: outages, tracking losses, click fraud. Times are seconds of the world."""

from dataclasses import dataclass, field

import numpy as np

from tools.evaluation.draw import DAY, HOUR, generator, place
from tools.evaluation.shop.campaigns import PLATFORMS, Campaigns
from tools.evaluation.shop.shape import DAYS, SPAN, Shape

PAYMENT = ("full_gateway", "partial_gateway")
NO_EVENTS = ("site_down", "ingestion_gap")
LOSS_SIZES = (0.15, 0.3, 0.3, 0.3, 0.45, 0.6, 1.0)


@dataclass(frozen=True)
class Outage:
    """`share` of the attempts fails; silently means without payment_failed. Known ones stand in ops.known_incidents."""

    outage_id: str
    kind: str
    start: float
    end: float
    share: float = 1.0
    is_silent: bool = False
    is_known: bool = False
    is_planned: bool = False


@dataclass(frozen=True)
class Loss:
    """`share` of the sessions `lost`, or left `untagged`; `surplus`: the platform reports too few clicks by `share`."""

    loss_id: str
    kind: str
    platform: int
    campaigns: tuple[int, ...]
    is_platform_wide: bool
    start: float
    end: float
    share: float


@dataclass(frozen=True)
class Fraud:
    """Machine clicks on a campaign: `ratio` to its honest ones, from `addresses` addresses."""

    campaign: int
    start: float
    end: float
    ratio: float
    addresses: int


@dataclass(frozen=True)
class Faults:
    """All of them; empty in a world without faults."""

    outages: list[Outage] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    frauds: list[Fraud] = field(default_factory=list)

    def windows(self, *kinds: str) -> list[tuple[float, float]]:
        """Start and end of the outages of these kinds."""
        return [(outage.start, outage.end) for outage in self.outages if outage.kind in kinds]


def draw_faults(shape: Shape, campaigns: Campaigns) -> Faults:
    """Draw what goes wrong."""
    losses = _losses(shape, campaigns)
    return Faults(_outages(shape), losses, _frauds(shape, campaigns, losses))


def _outages(shape: Shape) -> list[Outage]:
    """Outages of payments and of the whole site keep 8 hours apart; forms and sign-ups break on their own."""
    rng = generator(shape.seed, "outages")
    within, found, taken = (shape.quiet_days * DAY, SPAN - 12 * HOUR), [], []
    wanted = ["full_gateway"] * rng.integers(3, 6) + ["partial_gateway"] * rng.integers(2, 5)
    wanted += ["site_down"] * (rng.random() < 0.5) + ["ingestion_gap"] * (rng.random() < 0.4)
    lengths = {"full_gateway": (1, 6), "partial_gateway": (2, 8), "site_down": (1, 3), "ingestion_gap": (1, 6)}
    promotions = [(p.starts, p.ends) for p in shape.promotions if p.starts > within[0] and p.ends < within[1]]
    for number, kind in enumerate(wanted):
        hours, where = rng.uniform(*lengths[kind]), within
        if number == 0 and promotions and rng.random() < 0.6:
            where = promotions[rng.integers(len(promotions))]
        window = place(rng, 60 * np.round(hours * 60), where, taken, 8 * HOUR)
        if window is None:
            continue
        taken.append(window)
        is_known = bool(rng.random() < 0.35)
        share, is_silent = (0.6 if kind == "partial_gateway" else 1.0), bool(rng.random() < 0.4)
        is_planned = is_known and bool(rng.random() < 0.4)
        found.append(Outage(f"outage-{number:02d}", kind, *window, share, is_silent, is_known, is_planned))
    forms = place(rng, 60 * np.round(rng.uniform(1_440, 2_880)), within, [], 0)
    sign_ups = place(rng, DAY, within, [], 0)
    return [*found, Outage("forms", "form_failure", *forms), Outage("sign-ups", "sign_up_failure", *sign_ups)]


def _losses(shape: Shape, campaigns: Campaigns) -> list[Loss]:
    """Two whole platforms, then campaigns; a platform's or a campaign's losses keep three days apart."""
    rng = generator(shape.seed, "losses")
    within, found = (shape.quiet_days * DAY, SPAN), []
    of_platform = {platform: [] for platform in range(len(PLATFORMS))}
    of_campaign = {campaign: [] for campaign in range(len(campaigns.names))}
    for platform in rng.choice(len(PLATFORMS), 2, replace=False):
        window = _loss_window(rng, int(rng.integers(3, 11)), within, [])
        of_platform[platform].append(window)
        kind = "lost" if rng.random() < 0.7 else "untagged"
        share = float(rng.choice((0.15, 0.25, 0.35, 0.5)))
        found.append(
            Loss(f"loss-{len(found):02d}", kind, int(platform), _all_of(campaigns, platform), True, *window, share)
        )
    large = np.flatnonzero(campaigns.volume >= 300)
    chosen = np.concatenate([rng.permutation(large)[:5], rng.integers(0, len(campaigns.names), 8)])
    for number, campaign in enumerate(chosen):
        platform = int(campaigns.platform[campaign])
        length = int(np.round(np.exp(rng.uniform(np.log(1), np.log(14)))))
        window = _loss_window(rng, length, within, of_platform[platform] + of_campaign[int(campaign)])
        if window is None:
            continue
        of_campaign[int(campaign)].append(window)
        share = 0.3 if number < 3 else float(rng.choice(LOSS_SIZES))
        kind = str(rng.choice(("lost", "untagged", "surplus"), p=(0.5, 0.35, 0.15))) if number >= 3 else "lost"
        kind = "untagged" if share == 1.0 else kind
        share = float(rng.uniform(0.5, 0.8)) if kind == "surplus" else share
        found.append(Loss(f"loss-{len(found):02d}", kind, platform, (int(campaign),), False, *window, share))
    return found


def _all_of(campaigns: Campaigns, platform: int) -> tuple[int, ...]:
    return tuple(int(campaign) for campaign in np.flatnonzero(campaigns.platform == platform))


def _loss_window(rng: np.random.Generator, days: int, within, taken) -> tuple[float, float] | None:
    """Whole UTC days more often than not; longer losses may begin at any hour."""
    grid = HOUR if days > 2 and rng.random() < 0.4 else DAY
    return place(rng, days * DAY, within, taken, 3 * DAY, grid)


def _frauds(shape: Shape, campaigns: Campaigns, losses: list[Loss]) -> list[Fraud]:
    """Two or three campaigns clicked by machines for some days, none of them with a loss."""
    rng = generator(shape.seed, "frauds")
    free = np.setdiff1d(
        np.flatnonzero(campaigns.volume > 40),
        [c for loss in losses for c in loss.campaigns if not loss.is_platform_wide],
    )
    found = []
    for campaign in rng.permutation(free)[: rng.integers(2, 4)]:
        start, end = place(rng, DAY * rng.uniform(1.5, 6), (shape.quiet_days * DAY, (DAYS - 1) * DAY), [], 0)
        found.append(Fraud(int(campaign), start, end, rng.uniform(0.5, 2.0), int(rng.integers(3, 31))))
    return found
