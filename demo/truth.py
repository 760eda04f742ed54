"""The recorded truth: what each channel caused, what was blocked, what was planted."""

import numpy as np
import pyarrow as pa

from demo.catalogue import ADS_PER_CAMPAIGN, CAMPAIGN_IDS, CAMPAIGNS, SKUS
from demo.faults import FAULTS, Fault
from demo.ids import event_key_text, mix, pick, share
from demo.people import People
from demo.purchases import Draws, Regime, purchases
from demo.tables import order_id, person_id, times
from demo.traffic import Touches
from demo.visits import Visits
from demo.world import CHANNELS, DAY, World, at, minute_of
