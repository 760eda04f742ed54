"""From visits and views to event rows: the funnel of each visit, in time."""

import numpy as np

from tools.demo.catalogue import CATEGORIES, SKU_CATEGORY, SKUS
from tools.demo.faults import PAYMENT_DECLINED, PAYMENT_SILENT
from tools.demo.frame import EVENT, Frame, frame, take
from tools.demo.ids import mix, share
from tools.demo.inventory import Inventory
from tools.demo.people import People
from tools.demo.plan import covered
from tools.demo.purchases import OUT_OF_STOCK, OUTAGE, Draws, unit_price
from tools.demo.streams import OPEN, VIEW, VISIT
from tools.demo.tags import OWN_PAGE, tag
from tools.demo.traffic import Touches
from tools.demo.visits import Visits
from tools.demo.world import COUNTRY_CURRENCY, SPAN, World, minute_of

PAGES = (
    ("/", "/cart", "/checkout", "/payment", "/thank-you", "/contact", "/account", "/mail")
    + tuple(f"/c/{category}" for category in CATEGORIES)
    + tuple(f"/p/{sku.lower()}" for sku in SKUS)
)
URLS = tuple(f"https://shop.example{page}" for page in PAGES)
PAGE = {page: code for code, page in enumerate(PAGES)}
CATEGORY_PAGE, PRODUCT_PAGE = PAGE[f"/c/{CATEGORIES[0]}"], PAGE[f"/p/{SKUS[0].lower()}"]
_OWN_URL = {"login": "/account", "sign_up": "/account", "form_start": "/contact", "form_submit": "/contact",
            "generate_lead": "/contact", "begin_checkout": "/checkout", "payment_attempt": "/payment",
            "payment_failed": "/payment", "purchase": "/thank-you"}  # fmt: skip
# The order of events in a visit; the landing page view comes first, a purchase last.
FUNNEL = ("page_view", "login", "sign_up", "page_view", "product_view", "form_start", "form_submit", "generate_lead",
          "add_to_cart", "begin_checkout", "payment_attempt", "payment_failed", "payment_attempt", "payment_failed",
          "payment_attempt", "payment_failed", "purchase")  # fmt: skip
LANDING, BROWSE = 0, 3
_URL = np.array([PAGE[_OWN_URL.get(name, "/")] for name in FUNNEL])
_VIEWS_SKU = np.isin(FUNNEL, ("product_view", "add_to_cart"))
_HAS_VALUE = np.isin(FUNNEL, ("add_to_cart", "begin_checkout", "payment_attempt", "purchase"))
_HAS_MAIL = np.isin(FUNNEL, ("sign_up", "generate_lead", "purchase"))


def visit_events(
    world: World, block: int, people: People, visits: Visits, draws: Draws, inventory: Inventory
) -> tuple[Frame, np.ndarray]:
    """Events of the tracked visits, sorted by visit and time, and the event key of each visit's arrival (0: none)."""
    rng = world.rng("events", block)
    visit_key = 2 * visits.touch + visits.is_comeback
    counts = _funnel_counts(world.for_rows(rng, visit_key), visits, inventory) * visits.is_tracked
    step, visit = np.nonzero(counts)
    repeats = counts[step, visit]
    step, visit = np.repeat(step, repeats), np.repeat(visit, repeats)
    order = np.argsort(visit * len(FUNNEL) + step, kind="stable")
    step, visit = step[order], visit[order]
    nth = np.arange(len(step)) - np.searchsorted(visit, visit)
    rng = world.for_rows(rng, mix(visit_key[visit], nth))
    seconds = _moments(rng, visits, visit)
    rows = _dress(rng, people, visits, draws, step, visit, seconds)
    rows["event"] = mix(world.seed, 201, block, world.names(mix(visit_key[visit], nth)))
    landing = np.zeros(len(visits), np.uint64)
    landing[visit[step == LANDING]] = rows["event"][step == LANDING]
    keep = rows["seconds"] < SPAN
    # The form breaks silently: what visitors send never arrives. Nor does an answer from the silent gateway.
    for names, kind in (
        (("form_submit", "generate_lead"), "form_failure"),
        (("payment_failed",), "gateway_outage_silent"),
    ):
        silenced = np.isin(rows["name"], [EVENT[name] for name in names])
        keep &= ~(silenced & covered(world, kind, rows["seconds"]))
    return take(rows, keep), landing


def _funnel_counts(rng, visits: Visits, inventory: Inventory) -> np.ndarray:
    """How many events of each step a visit has (step × visit)."""
    n = len(visits)
    counts = np.zeros((len(FUNNEL), n), np.int64)
    wants, buys = visits.wants, visits.buys
    sold_out = inventory.is_out[visits.sku, minute_of(visits.arrives_at)] | (visits.blocked == OUT_OF_STOCK)
    views = np.where(wants, 1 + rng.poisson(0.6, n), (rng.random(n) < 0.48) + (rng.random(n) < 0.22))
    cart = np.where(wants, visits.blocked != OUT_OF_STOCK, (views > 0) & (rng.random(n) < 0.13) & ~sold_out)
    checkout = cart & (wants | (rng.random(n) < 0.36))
    fails_first = buys & (rng.random(n) < 0.05)
    gives_up = checkout & ~wants & (rng.random(n) < 0.06)
    tries = np.select(
        [visits.blocked == OUTAGE, wants & checkout],
        [1 + rng.binomial(2, 0.35, n), 1 + fails_first],
        gives_up,
    )
    failures = np.select(
        [
            buys,
            visits.blocked != OUTAGE,
            visits.payment == PAYMENT_SILENT,
            visits.payment == PAYMENT_DECLINED,
        ],
        [fails_first, tries, 0, tries],
        np.minimum(tries, rng.integers(0, 2, n)),
    )
    starts_form = ~wants & (rng.random(n) < 0.024)
    sends_form = starts_form & (rng.random(n) < 0.6)
    counts[LANDING], counts[1], counts[2] = 1, visits.logs_in, visits.signs_up
    counts[BROWSE], counts[4] = rng.poisson(0.85, n), views
    counts[5], counts[6], counts[7] = starts_form, sends_form, sends_form
    counts[8], counts[9] = cart, checkout
    for attempt in range(3):
        counts[10 + 2 * attempt] = tries > attempt
        counts[11 + 2 * attempt] = failures > attempt
    counts[16] = buys
    return counts


def _moments(rng, visits: Visits, visit: np.ndarray) -> np.ndarray:
    """Event times: the first at arrival, the last at the end of the visit, the others about evenly between."""
    first = np.r_[True, visit[1:] != visit[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(visit)), 0))
    position = np.arange(len(visit)) - start
    last = np.bincount(visit, minlength=len(visits))[visit] - 1
    inner = (position > 0) & (position < last)
    place = position + np.where(inner, rng.uniform(-0.4, 0.4, len(visit)), 0.0)
    return visits.arrives_at[visit] + visits.duration[visit] * place / np.maximum(last, 1)


def _dress(rng, people: People, visits: Visits, draws: Draws, step, visit, seconds) -> Frame:
    """The columns of funnel events: who, where, what, how much."""
    n = len(step)
    person, slot, sku = visits.person[visit], visits.slot[visit], visits.sku[visit]
    is_landing = step == LANDING
    tags = tag(
        visits.session[visit],
        visits.channel[visit],
        visits.campaign[visit],
        visits.is_untagged[visit],
    )
    # Ads lead to the product, other visits to the home page or a category; later events stay on our own pages.
    on_product = is_landing & ((visits.campaign[visit] >= 0) | (share(mix(visits.session[visit], 16)) < 0.35))
    url = np.where(
        np.isin(step, (LANDING, BROWSE)) & (rng.random(n) < 0.5),
        CATEGORY_PAGE + SKU_CATEGORY[sku],
        _URL[step],
    )
    url = np.where(on_product | _VIEWS_SKU[step], PRODUCT_PAGE + sku, url)
    currency = COUNTRY_CURRENCY[people.country[person]]
    is_purchase = step == len(FUNNEL) - 1
    touch = visits.touch[visit]
    value = np.where(is_purchase, draws.revenue[touch], unit_price(sku, currency, seconds))
    user = np.where(visits.signs_up[visit] & (step < 2), -1, visits.user[visit])
    # Known from the login on; a remembered visitor from the first event.
    user = np.where(visits.logs_in[visit] & is_landing, -1, user)
    mail = _HAS_MAIL[step] & (rng.random(n) < 0.75)
    mail |= is_landing & (tags["utm_medium"] == 3) & (rng.random(n) < 0.6)
    has_session = share(mix(visits.session[visit], 3)) >= 0.1
    consent = people.consents(person, slot, seconds)[:, 0]
    rows = frame(
        n,
        seconds=seconds,
        name=np.array([EVENT[name] for name in FUNNEL])[step],
        person=person,
        owner=people.device_owner[person, slot],
        cookie=visits.cookie[visit],
        user=user,
        mail=np.where(mail, person, -1),
        session=np.where(has_session, visits.session[visit], 0),
        source=tags.pop("source"),
        url=url,
        sku=np.where(on_product | _VIEWS_SKU[step] | is_purchase, sku, -1),
        order=np.where(is_purchase, visits.order[visit], -1),
        value=np.where(_HAS_VALUE[step], value, np.nan),
        currency=np.where(_HAS_VALUE[step], currency, -1),
        model=people.device_model[person, slot],
        country=people.country[person],
        ip=mix(people.household[person], slot),
        consent=np.where(rng.random(n) < 0.03, -1, consent),
        **{name: np.where(is_landing, codes, -1) for name, codes in tags.items()},
    )
    rows["referrer"] = np.where(is_landing, rows["referrer"], OWN_PAGE)
    return rows


def view_events(world: World, block: int, people: People, touches: Touches, happens: np.ndarray):
    """One event per ad impression and opened e-mail (under the mail reader's cookie), and the touch of each."""
    rng = world.rng("views", block)
    touch = np.flatnonzero(happens & (touches.kind != VISIT))
    person, slot, seconds = touches.person[touch], touches.slot[touch], touches.seconds[touch]
    is_open = touches.kind[touch] == OPEN
    key = mix(world.seed, 203, block, touch)
    tags = tag(key, touches.channel[touch], touches.campaign[touch], np.zeros(len(touch), bool))
    cookie = people.cookie(person, slot, seconds)
    consent = people.consents(person, slot, seconds)[:, 0]
    sku = np.where(touches.kind[touch] == VIEW, touches.sku[touch], -1)
    rows = frame(
        len(touch),
        event=key,
        seconds=seconds,
        name=np.where(is_open, EVENT["email_open"], EVENT["ad_impression"]),
        person=person,
        owner=people.device_owner[person, slot],
        cookie=np.where(is_open, mix(cookie, 4), cookie),
        mail=np.where(is_open, person, -1),
        url=np.where(is_open, PAGE["/mail"], -1),
        sku=sku,
        model=people.device_model[person, slot],
        country=people.country[person],
        ip=mix(people.household[person], slot),
        consent=np.where(rng.random(len(touch)) < 0.03, -1, consent),
        **{name: codes for name, codes in tags.items() if name not in ("click_id", "referrer")},
    )
    return rows, touch
