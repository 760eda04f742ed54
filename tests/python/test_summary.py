"""What `make build` ends with: every flag that was raised, in words, and nothing that the store does not say."""

import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def summary(golden_build, small_world, project_root):
    """What the summary of the golden build prints, beside the truth of its demo world."""
    run = subprocess.run(
        [sys.executable, "scripts/summary.py", "--truth", str(small_world.parent / "truth")],
        cwd=project_root,
        env={**os.environ, "FEATURE_STORE_DB": str(golden_build.db)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_outage_of_the_shop_is_named(summary, golden_build):
    outages = golden_build.rows("select * from silver.outages where scope = 'all' order by started_at")
    assert f"outages: {len(outages)} of the whole shop" in summary
    for outage in outages[:10]:
        assert f"{outage['started_at']:%m-%d %H:%M} to {outage['ended_at']:%m-%d %H:%M}" in summary


def test_flags_are_counted_as_the_store_has_them(summary, golden_build):
    [sold_out] = golden_build.rows("select count(*) as touches from silver.touchpoints where is_out_of_stock")
    [low] = golden_build.rows("""
        select count(*) as days from silver.campaign_discrepancy
        where data_quality_flag = 'LOW_CONFIDENCE' and platform_clicks is not null
    """)
    [costs] = golden_build.rows("select count(*) as days from silver.spend_anomalies where is_cost_anomaly")
    assert f"stock: {sold_out['touches']:,} of" in summary
    assert f"clicks against sessions: {low['days']:,} of" in summary
    assert f"costs: not to be believed on {costs['days']} campaign-day" in summary and "gads-1003" in summary and "(unit)" in summary


def test_naive_and_context_aware_credit_stand_beside_the_truth(summary):
    assert "Markov naive  Markov context-aware" in summary
    assert summary.count("of the credit stands with the wrong channel") == 2
