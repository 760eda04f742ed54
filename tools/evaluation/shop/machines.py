"""Sessions that no customer made: crawlers that say so, scrapers that do not, reload storms, click fraud.

Machines of ordinary user agents differ from the few hasty, long and reloading visitors only by what they do.
"""

import numpy as np

from tools.demo.ids import mix
from tools.evaluation.draw import HOUR, generator
from tools.evaluation.shop.campaigns import Campaigns
from tools.evaluation.shop.faults import Faults
from tools.evaluation.shop.frame import EVENT, KIND, Frame, frame, stack
from tools.evaluation.shop.funnel import PAGES
from tools.evaluation.shop.shape import HOURS, SPAN, UNPAID, Shape
from tools.evaluation.shop.stock import Stock
from tools.evaluation.shop.visits import AGENT_SHARES, AGENTS, COUNTRIES, Visits

DECLARED_AGENTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; "
    "Bytespider; spider-feedback@bytedance.com)",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
    "python-requests/2.32.4",
    "curl/8.9.1",
    "Scrapy/2.12.0 (+https://scrapy.org)",
    "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
)
ALL_AGENTS = tuple(text for _, _, text in AGENTS) + DECLARED_AGENTS


def make_machines(shape: Shape, campaigns: Campaigns, stock: Stock, visits: Visits, faults: Faults):
    """Events of all machines, and the fraudulent clicks that the platforms count (campaign × hour)."""
    rng = generator(shape.seed, "machines")
    fraud, clicks = _click_fraud(generator(shape.seed, "click_fraud"), shape, campaigns, stock, faults)
    parts = [
        _declared(rng, shape, stock),
        _fast(rng, shape, stock),
        _slow(rng, shape, stock),
        _storms(rng, shape, stock, visits),
        fraud,
    ]
    return stack(parts), clicks


def _runs(shape: Shape, kind: str, starts: np.ndarray, count: np.ndarray, gaps: np.ndarray, **columns) -> Frame:
    """One session per start with `count` events, `gaps` (per event) seconds after one another; columns per session."""
    session = np.repeat(np.arange(len(starts)), count)
    first = np.cumsum(count) - count
    total = np.cumsum(gaps)
    seconds = starts[session] + total - total[first][session]
    is_first = np.zeros(len(session), bool)
    is_first[first] = True
    rows = {name: values[session] if len(values) == len(starts) else values for name, values in columns.items()}
    for name in ("stream", "campaign"):
        if name in rows:
            rows[name] = np.where(is_first, rows[name], -1)
    if "has_click_id" in rows:
        rows["has_click_id"] &= is_first
    key = mix(shape.seed, 11, KIND[kind], np.arange(len(starts)))
    rows = {"cookie": key[session], "ip": mix(key, 1)[session]} | rows
    keep = seconds < SPAN
    return frame(
        keep.sum(),
        seconds=seconds[keep],
        name=EVENT["page_view"],
        kind=KIND[kind],
        **{name: np.asarray(values)[keep] for name, values in rows.items()},
    )


def _ordinary(rng, count: int) -> np.ndarray:
    return rng.choice(len(AGENTS), count, p=AGENT_SHARES)


def _pages(rng, stock: Stock, count: int) -> np.ndarray:
    return rng.integers(0, stock.count + PAGES, count)


def _starts(rng, count: int) -> np.ndarray:
    return rng.uniform(0, SPAN - HOUR, count)


def _direct(shape: Shape, count: int) -> np.ndarray:
    return np.full(count, [UNPAID[stream][0] for stream in shape.unpaid].index("direct"))


def _declared(rng, shape: Shape, stock: Stock) -> Frame:
    """Crawlers that name themselves: 1 to 30 pages, at any pace."""
    n = int(rng.integers(600, 2_000))
    count = np.minimum(rng.geometric(0.25, n), 30)
    pace = np.exp(rng.uniform(np.log(0.5), np.log(200), n))
    gaps = np.repeat(pace, count) * rng.lognormal(0, 0.3, count.sum())
    agent = len(AGENTS) + rng.integers(0, len(DECLARED_AGENTS), n)
    return _runs(shape, "declared_bot", _starts(rng, n), count, gaps, agent=agent,
                 url=_pages(rng, stock, count.sum()), stream=_direct(shape, n))  # fmt: skip


def _fast(rng, shape: Shape, stock: Stock) -> Frame:
    """Scrapers: another page every 0.8 to 4 seconds like clockwork, 20 to 200 pages."""
    n = int(rng.integers(80, 250))
    count = rng.integers(20, 201, n)
    gaps = np.repeat(rng.uniform(0.8, 4.0, n), count) * rng.normal(1, rng.uniform(0.005, 0.06), count.sum()).clip(0.5)
    return _runs(shape, "fast_bot", _starts(rng, n), count, gaps, agent=_ordinary(rng, n),
                 url=_pages(rng, stock, count.sum()), stream=_direct(shape, n))  # fmt: skip


def _slow(rng, shape: Shape, stock: Stock) -> Frame:
    """Patient crawlers: another page every 20 to 120 seconds, regular to a few per cent, for 3 to 12 hours."""
    n = int(rng.integers(15, 60))
    pace = rng.uniform(20, 120, n)
    count = np.round(HOUR * rng.uniform(3, 12, n) / pace).astype(np.int64)
    gaps = np.repeat(pace, count) * rng.normal(1, rng.uniform(0.01, 0.08), count.sum()).clip(0.3)
    return _runs(shape, "slow_bot", _starts(rng, n), count, gaps, agent=_ordinary(rng, n),
                 url=_pages(rng, stock, count.sum()), stream=_direct(shape, n))  # fmt: skip


def _storms(rng, shape: Shape, stock: Stock, visits: Visits) -> Frame:
    """The same page every 0.5 to 4 seconds, 5 to 60 times, by visitors known from other days or by new cookies."""
    n = int(rng.integers(400, 1_500))
    count = rng.integers(5, 61, n)
    gaps = np.repeat(rng.uniform(0.5, 4.0, n), count) * rng.lognormal(0, rng.uniform(0.05, 0.5), count.sum())
    who = rng.integers(0, len(visits), n)
    fresh = rng.random(n) < 0.5
    cookie = np.where(fresh, mix(shape.seed, 12, np.arange(n)), visits.cookie[who])
    stream = np.where(rng.random(n) < 0.6, _direct(shape, n), rng.integers(0, len(shape.unpaid), n))
    return _runs(shape, "reload_storm", _starts(rng, n), count, gaps, cookie=cookie, ip=visits.ip[who],
                 agent=visits.agent[who], url=np.repeat(_pages(rng, stock, n), count), stream=stream)  # fmt: skip


def _click_fraud(rng, shape: Shape, campaigns: Campaigns, stock: Stock, faults: Faults) -> tuple[Frame, np.ndarray]:
    """One page per new cookie, from few addresses, with the campaign's tags; the platform counts most of the clicks."""
    clicks, parts = np.zeros((len(campaigns.names), HOURS), np.int64), [frame(0)]
    for number, fraud in enumerate(faults.frauds):
        n = int(campaigns.volume[fraud.campaign] * fraud.ratio * (fraud.end - fraud.start) / (24 * HOUR))
        starts = rng.uniform(fraud.start, fraud.end, n)
        np.add.at(clicks[fraud.campaign], (starts[rng.random(n) < 0.8] // HOUR).astype(int), 1)
        agents = rng.integers(0, len(AGENTS), int(rng.integers(1, 5)))
        ones = np.ones(n, np.int64)
        parts.append(
            _runs(
                shape, "click_fraud", starts, ones, ones.astype(float),
                cookie=mix(shape.seed, 13, number, np.arange(n)),
                ip=mix(shape.seed, 14, number, rng.integers(0, fraud.addresses, n)),
                agent=agents[rng.integers(0, len(agents), n)],
                url=np.full(n, stock.count), campaign=np.full(n, fraud.campaign), has_click_id=rng.random(n) < 0.65,
                country=rng.integers(0, len(COUNTRIES), n),
            )
        )  # fmt: skip
    return stack(parts), clicks
