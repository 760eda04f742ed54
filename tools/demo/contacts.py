"""E-mail addresses and phone numbers of people, clean and as they get typed."""

import hashlib

import numpy as np
import pyarrow as pa

from tools.demo.people import People
from tools.demo.world import COUNTRIES

# fmt: off
FIRST = ("anna", "ben", "carla", "david", "emma", "felix", "grace", "hugo", "ines", "jonas", "karin", "liam", "marta",
         "noah", "olga", "paul", "quinn", "rosa", "sven", "tara", "uwe", "vera", "will", "xenia", "yann", "zoe")
LAST = ("smith", "jones", "taylor", "brown", "meyer", "schmidt", "weber", "garcia", "lopez", "martin", "bernard",
        "jansen", "devries", "murphy", "kelly", "walsh", "johnson", "miller", "davis", "wilson", "clark")
# fmt: on
DOMAINS = ("mail.example", "post.example", "inbox.example.org", "web.example.net")
DIALLING = {
    "US": "+1555",
    "GB": "+4477",
    "DE": "+4915",
    "FR": "+336",
    "NL": "+316",
    "ES": "+346",
    "IE": "+3538",
}
TEST_EMAIL = "test@example.com"


class Contacts:
    """E-mail, its SHA-256 and phone of every person of a block, as lists of text."""

    def __init__(self, people: People):
        numbers = people.number.tolist()
        self.email = [
            f"{FIRST[n * 7 % len(FIRST)]}.{LAST[n * 11 % len(LAST)]}{n}@{DOMAINS[n % len(DOMAINS)]}" for n in numbers
        ]
        self.email_hash = [hashlib.sha256(email.encode()).hexdigest() for email in self.email]
        codes = [DIALLING[COUNTRIES[code]] for code in people.country.tolist()]
        self.phone = [f"{code}{n * 7_919 % 10_000_000:07d}" for code, n in zip(codes, numbers, strict=True)]

    def typed_emails(self, rng: np.random.Generator, person: np.ndarray, present: np.ndarray) -> pa.Array:
        """E-mails as people type them: capitals and stray blanks, the same address once trimmed and in lower case."""
        style = rng.integers(0, 10, len(person))
        return pa.array(
            [
                _typed_email(self.email[who], how) if there else None
                for who, how, there in zip(person.tolist(), style.tolist(), present.tolist(), strict=True)
            ],
            pa.string(),
        )

    def typed_phones(self, rng: np.random.Generator, person: np.ndarray, present: np.ndarray) -> pa.Array:
        """Phone numbers as people type them: the same digits with blanks, dashes, dots and brackets."""
        style = rng.integers(0, 6, len(person))
        return pa.array(
            [
                _typed_phone(self.phone[who], how) if there else None
                for who, how, there in zip(person.tolist(), style.tolist(), present.tolist(), strict=True)
            ],
            pa.string(),
        )


def _typed_email(email: str, style: int) -> str:
    if style == 0:
        return email.upper()
    if style == 1:
        return f" {email} "
    if style == 2:
        return email.title()
    if style == 3:
        return f"  {email}"
    return email


def _typed_phone(phone: str, style: int) -> str:
    head, middle, tail = phone[:-7], phone[-7:-4], phone[-4:]
    if style == 0:
        return f"{head} {middle} {tail}"
    if style == 1:
        return f"{head}-{middle}-{tail}"
    if style == 2:
        return f" {head} ({middle}) {tail}"
    if style == 3:
        return f"{head}.{middle}.{tail}"
    return phone
