"""People and their devices: who they are before any marketing reaches them."""

from dataclasses import dataclass

import numpy as np

from tools.demo.ids import mix, share
from tools.demo.world import COUNTRIES, COUNTRY_SHARES, SPAN, World

MOST_DEVICES = 4
DEVICE_SHARES = (0.58, 0.28, 0.10, 0.04)  # people with 1, 2, 3, 4 devices
# (os, device_type, user agent, share among mobiles or among the others)
MODELS = (
    ("iOS", "mobile", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", 0.52),
    ("Android", "mobile", "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36", 0.48),
    ("Windows", "desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", 0.42),
    ("Windows", "desktop", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", 0.16),
    ("macOS", "desktop", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15", 0.20),
    ("Linux", "desktop", "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", 0.05),
    ("iOS", "tablet", "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1", 0.12),
    ("Android", "tablet", "Mozilla/5.0 (Linux; Android 14; SM-X210) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", 0.05),
)  # fmt: skip
TABLET, KIOSK_MODEL = 7, 5
COOKIE_DAYS_SAFARI, COOKIE_DAYS = 25, 120  # mean life of a cookie; Safari drops them sooner
SHARED_TABLET = 0.6  # of the households with two or more people
KIOSK_PEOPLE = 96  # people who log in at the store's kiosk, per kiosk (one per block)
REGISTERED, EXISTING, SECOND_ACCOUNT = 0.52, 0.65, 0.03
REFUSES_ANALYTICS, REFUSES_MARKETING, REFUSES_LINKING, CHANGES_MIND = 0.12, 0.08, 0.05, 0.03


@dataclass
class People:
    """One block of people; arrays of length n, device arrays n × MOST_DEVICES."""

    number: np.ndarray  # global number
    household: np.ndarray  # key
    country: np.ndarray
    intent: np.ndarray  # standard normal: wish to buy that no marketing made
    activity: np.ndarray  # mean 1
    is_registered: np.ndarray  # has a CRM account by the end
    is_existing: np.ndarray  # had it before the first day
    is_subscriber: np.ndarray  # gets the mailings
    has_second_account: np.ndarray
    is_at_kiosk: np.ndarray
    devices: np.ndarray  # how many
    device_key: np.ndarray
    device_model: np.ndarray
    device_owner: np.ndarray  # index in the block of the person whose consent rules the device
    cookie_life: np.ndarray  # seconds
    refuses: np.ndarray  # n × 3: analytics, marketing, identity linking, at first
    changes_mind_at: np.ndarray  # seconds; infinite for nearly all

    def __len__(self) -> int:
        return len(self.number)

    def cookie(self, person: np.ndarray, slot: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Key of the cookie (anonymous_id) a device carries at a moment: a new one after each cookie life."""
        key, life = self.device_key[person, slot], self.cookie_life[person, slot]
        return mix(key, np.floor(seconds / life + share(mix(key, 1))).astype(np.int64))

    def consents(self, person: np.ndarray, slot: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """Whether each purpose is granted on the device at a moment (rows × 3)."""
        owner = self.device_owner[person, slot]
        changed = seconds >= self.changes_mind_at[owner]
        return ~(self.refuses[owner] ^ changed[:, None])


def make_people(world: World, block: int) -> People:
    """Draw the people of one block. Neighbours in number form households; the first of a household owns its tablet."""
    rng = world.rng("people", block)
    number = world.members(block)
    n = len(number)
    person = np.arange(n)
    is_head = rng.random(n) < 0.76
    is_head[0] = True
    head = np.maximum.accumulate(np.where(is_head, person, 0))
    household = mix(world.seed, 101, number[head])
    home_size = np.bincount(head, minlength=n)[head]
    country = rng.choice(len(COUNTRIES), n, p=COUNTRY_SHARES)[head]

    devices = 1 + rng.choice(MOST_DEVICES, n, p=DEVICE_SHARES)
    slots = np.arange(MOST_DEVICES)
    device_key = mix(world.seed, 102, number[:, None], slots[None, :])
    shares = np.array([model[3] for model in MODELS])
    mobiles = rng.choice(2, (n, MOST_DEVICES), p=shares[:2])
    others = 2 + rng.choice(len(MODELS) - 2, (n, MOST_DEVICES), p=shares[2:])
    is_mobile = np.where(slots[None, :] == 0, rng.random((n, 1)) < 0.72, rng.random((n, MOST_DEVICES)) < 0.45)
    device_model = np.where(is_mobile, mobiles, others)
    device_owner = np.repeat(person[:, None], MOST_DEVICES, axis=1)

    def share_device(who: np.ndarray, key: np.ndarray, owner: np.ndarray, model: int) -> None:
        """The last device of each of `who`, one more if there is room, becomes the shared one."""
        devices[who] = np.minimum(devices[who] + 1, MOST_DEVICES)
        last = devices[who] - 1
        device_key[who, last], device_owner[who, last], device_model[who, last] = key, owner, model

    uses_tablet = (home_size > 1) & (share(mix(household, 103)) < SHARED_TABLET)
    who = person[uses_tablet]
    share_device(who, mix(household[who], 104), head[who], TABLET)
    at_kiosk = np.zeros(n, bool)
    at_kiosk[rng.choice(n, min(n // 4, KIOSK_PEOPLE), replace=False)] = True
    who = person[at_kiosk & ~uses_tablet]
    share_device(who, mix(world.seed, 105, block), who[:1], KIOSK_MODEL)

    is_registered = (rng.random(n) < REGISTERED) | at_kiosk
    is_existing = is_registered & (rng.random(n) < EXISTING)
    life = np.where(np.isin(device_model, (0, 4, 6)), COOKIE_DAYS_SAFARI, COOKIE_DAYS) * 86_400.0
    life[device_key == mix(world.seed, 105, block)] = 3_650 * 86_400.0  # nobody clears the kiosk
    refuses = rng.random((n, 3)) < (REFUSES_ANALYTICS, REFUSES_MARKETING, REFUSES_LINKING)
    refuses |= refuses[:, :1]  # who refuses analytics refuses the rest as well
    refuses[who[:1]] = False  # the kiosk is the shop's own
    changes = np.where(rng.random(n) < CHANGES_MIND, rng.uniform(5 * 86_400, SPAN, n), np.inf)
    changes[who[:1]] = np.inf
    return People(
        number=number,
        household=household,
        country=country,
        intent=rng.standard_normal(n),
        activity=np.minimum(rng.gamma(1.6, 1 / 1.6, n), 4.5),
        is_registered=is_registered,
        is_existing=is_existing,
        is_subscriber=is_existing & (rng.random(n) < 0.8),
        has_second_account=is_existing & (rng.random(n) < SECOND_ACCOUNT),
        is_at_kiosk=at_kiosk & ~uses_tablet,
        devices=devices,
        device_key=device_key,
        device_model=device_model,
        device_owner=device_owner,
        cookie_life=life * (0.6 + 0.8 * share(mix(device_key, 2))),
        refuses=refuses,
        changes_mind_at=changes,
    )
