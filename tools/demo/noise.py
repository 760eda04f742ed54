"""What the collector adds to honest traffic: machines, reload storms, retries, late and lost events."""

import numpy as np

from tools.demo.catalogue import ADS_PER_CAMPAIGN, CAMPAIGN, CAMPAIGN_CHANNEL
from tools.demo.events import PRODUCT_PAGE
from tools.demo.faults import FAULTS
from tools.demo.frame import EVENT, LABEL, Frame, frame, stack, take
from tools.demo.ids import mix
from tools.demo.people import MODELS
from tools.demo.plan import covered, of_kind
from tools.demo.tags import ad_of, tag
from tools.demo.visits import Visits
from tools.demo.world import BLOCK_PEOPLE, COUNTRIES, SPAN, World

CRAWLER_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "python-requests/2.32.4",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
)
AGENTS = tuple(model[2] for model in MODELS) + CRAWLER_AGENTS
SYSTEMS = tuple(model[0] for model in MODELS) + ("Linux",) * len(CRAWLER_AGENTS)
DEVICE_TYPES = tuple(model[1] for model in MODELS) + ("desktop",) * len(CRAWLER_AGENTS)
CRAWLERS, CRAWLER_HITS = 6, 200  # per full block of people
SCRAPERS, SCRAPER_HITS = 5, 240  # ordinary user agents, one product page every two seconds
STORM_SHARE, STORM_LEAST, STORM_MOST = 0.45, 6, 40
_LINUX_DESKTOP = 5


def machines(world: World, block: int, people_count: int) -> Frame:
    """Crawlers spread over all hours, and scrapers in bursts; none of them ever buys."""
    rng = world.rng("machines", block)
    scale = people_count / BLOCK_PEOPLE
    parts = [frame(0)]
    kinds = (("crawler", CRAWLERS, CRAWLER_HITS), ("scraper", SCRAPERS, SCRAPER_HITS))
    for kind, bots, hits in kinds if of_kind(world, "bots") else ():
        bots = max(1, round(bots * scale))
        bot, hit = np.divmod(np.arange(bots * hits), hits)
        if kind == "crawler":
            seconds = np.sort(rng.uniform(0, SPAN, (bots, hits)), axis=1).ravel()
            model = len(MODELS) + bot % len(CRAWLER_AGENTS)
        else:
            seconds = (
                np.repeat(rng.uniform(0, SPAN - 3600, bots), hits) + 2.0 * hit + rng.uniform(0, 0.05, bots * hits)
            )
            model = np.full(bots * hits, _LINUX_DESKTOP)
        sku = rng.integers(0, 40, bots * hits)
        key = mix(world.seed, 301, block, kind == "crawler", bot)
        parts.append(
            frame(
                bots * hits,
                event=mix(key, hit),
                seconds=seconds,
                name=np.where(hit % 2, EVENT["product_view"], EVENT["page_view"]),
                cookie=key,
                session=np.where(kind == "crawler", mix(key, 1, hit), mix(key, 1)),
                source=0,
                url=PRODUCT_PAGE + sku,
                sku=sku,
                model=model,
                country=rng.integers(0, len(COUNTRIES), bots)[bot],
                ip=mix(key, 2),
                label=LABEL["bot"],
            )
        )
    return stack(*parts)


def fraud_clicks(world: World, block: int, visits: Visits) -> tuple[Frame, np.ndarray]:
    """Machine clicks on one campaign, in proportion to its human ones, and the ad of each.

    Each is a new cookie, one page, nothing more.
    """
    faults = of_kind(world, "phantom_traffic")
    if not faults:
        return frame(0), np.empty(0, np.int64)
    (fault,), rng = faults, world.rng("fraud", block)
    human = (visits.campaign == CAMPAIGN[fault.campaign_id]) & fault.covers(visits.arrives_at)
    count = rng.poisson(fault.magnitude * human.sum())
    start, end = fault.window
    key = mix(world.seed, 302, block, np.arange(count))
    campaign = np.full(count, CAMPAIGN[fault.campaign_id])
    rows = frame(
        count,
        event=mix(key, 1),
        seconds=np.sort(rng.uniform(start, end, count)),
        name=EVENT["page_view"],
        cookie=key,
        session=mix(key, 2),
        url=0,
        model=rng.integers(0, 2, count),
        country=rng.integers(0, len(COUNTRIES), count),
        ip=mix(world.seed, 303, rng.integers(0, 12, count)),
        label=LABEL["phantom"],
        **tag(key, CAMPAIGN_CHANNEL[campaign], campaign, np.zeros(count, bool)),
    )
    return rows, ADS_PER_CAMPAIGN * campaign + ad_of(key)


def reload_storm(world: World, block: int, rows: Frame) -> Frame:
    """Page views repeated within seconds by the same cookie while the site hardly answers."""
    rng = world.rng("storm", block)
    hit = covered(world, "site_crash", rows["seconds"]) & (rows["name"] == EVENT["page_view"])
    base = take(rows, hit & (rng.random(len(hit)) < STORM_SHARE))
    reloads = rng.integers(STORM_LEAST, STORM_MOST + 1, len(base["event"]))
    which = np.repeat(np.arange(len(reloads)), reloads)
    number = np.arange(len(which)) - np.repeat(np.cumsum(reloads) - reloads, reloads)
    pause = rng.uniform(0.8, 2.8, len(reloads))
    again = take(base, which)
    again["seconds"] = again["seconds"] + (number + 1) * pause[which]
    again["event"] = mix(again["event"], 304, number)
    again["label"] = np.full(len(which), LABEL["phantom"])
    return again


def collect(world: World, block: int, rows: Frame) -> tuple[Frame, Frame]:
    """What the collector stores, by time of receipt, and the events with a label (those that were lost among them).

    The closed site records nothing, and what is received after the last day is not stored yet.
    """
    on_site = ~np.isin(rows["name"], (EVENT["ad_impression"], EVENT["email_open"]))
    rows = take(rows, ~(on_site & covered(world, "planned_maintenance", rows["seconds"])))
    every, n = world.rng("collector", block), len(rows["event"])
    rng = world.for_rows(every, rows["event"])
    late = rng.random(n) < FAULTS["late"].magnitude
    delay = np.where(late, rng.uniform(3_600, 3 * 86_400, n), 0.15 + rng.exponential(1.2, n))
    rows = rows | {"received": rows["seconds"] + delay}
    rows["label"] = np.where(late & (rows["label"] < 0), LABEL["late"], rows["label"])
    lost = (rows["name"] == EVENT["purchase"]) & (rng.random(n) < FAULTS["lost_purchases"].magnitude)
    rows["label"] = np.where(lost, LABEL["lost"], rows["label"])
    again = take(rows, ~lost & (rng.random(n) < FAULTS["retries"].magnitude))
    again["received"] += world.for_rows(every, again["event"]).uniform(1, 900, len(again["event"]))
    again["label"] = np.full(len(again["event"]), LABEL["duplicate"])
    labels = take(rows, rows["label"] >= 0)
    kept = take(rows, ~lost)
    stored = stack(kept, again)
    stored = take(stored, stored["received"] < SPAN)
    again = take(again, again["received"] < SPAN)
    order = np.lexsort((stored["event"], stored["received"]))
    return take(stored, order), stack(labels, again)
