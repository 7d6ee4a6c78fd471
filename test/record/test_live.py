"""Live checks: rates, missing images and stamps that belong together, each with its fault."""
from lam_ws.record import faults
from lam_ws.record.faults import both, Fault, WORDINGS, words
from lam_ws.record.live import LiveChecks
import pytest

SECOND = 1_000_000_000


def checks(**cameras):
    """Return checks of cameras by rate, and joints at 100 Hz."""
    return LiveChecks(cameras or {'front': 30.0, 'wrist': 30.0}, 100.0, 0.1)


def feed(live, seconds, rates, start=100.0, offset=None, joints=True, drop=()):
    """Send images and joints for a time; return when it ended, ns."""
    events = []
    for name, rate in rates.items():
        events += [(start + i / rate, name) for i in range(int(seconds * rate))
                   if (name, i) not in drop]
    if joints:
        events += [(start + i / 100.0, '') for i in range(int(seconds * 100))]
    for now_s, name in sorted(events):
        stamp = round((now_s + (offset or {}).get(name, 0.0)) * SECOND)
        now = round(now_s * SECOND)
        if name:
            live.image(name, stamp, now)
        else:
            live.joints(stamp, now)
    return round((start + seconds) * SECOND)


def codes(live, now):
    """Return the faults at a time."""
    return [(fault.code, fault.where) for fault in live.look(now).faults]


def test_good_cameras_have_no_fault():
    """Pins a false alarm: people switch off what cries wolf."""
    live = checks()
    live.look(round(100.0 * SECOND))
    now = feed(live, 5.0, {'front': 30.0, 'wrist': 30.0})
    found = live.look(now)
    assert found.faults == () and found.dropped == (0, 0)
    assert found.rate_hz == pytest.approx((30.0, 30.0), abs=0.5) and found.skew_s < 0.006
    assert [one.rate_hz for one in live.verdicts()] == pytest.approx([30.0, 30.0])


def test_a_slow_camera_is_told_by_name():
    """Pins that a camera at 24 of 30 Hz is noticed within the time to record anew."""
    live = checks()
    live.look(round(100.0 * SECOND))
    now = feed(live, 2.5, {'front': 24.0, 'wrist': 30.0})
    found = live.look(now)
    slow = [fault for fault in found.faults if fault.code == faults.CAMERA_SLOW]
    assert [fault.where for fault in slow] == ['front']
    assert slow[0].measured == pytest.approx(24.0, abs=0.5) and slow[0].allowed == 30.0
    assert found.dropped == (0, 0)   # slow is not the same as missing


def test_a_recorder_that_was_held_up_does_not_blame_the_camera():
    """Pins rates by stamps: images that waited come all at once, and are not a rate of 300."""
    live = checks(front=10.0)
    live.look(round(100.0 * SECOND))
    for number in range(30):
        live.image('front', round((100.0 + number / 10) * SECOND), round(103.0 * SECOND))
        live.joints(round(103.0 * SECOND), round(103.0 * SECOND))
    assert live.look(round(103.1 * SECOND)).rate_hz == pytest.approx((10.0,), abs=0.2)


def test_missing_images_are_counted_by_their_stamps():
    """Pins that three images lost in two gaps are three, and that counting begins anew."""
    live = checks()
    now = feed(live, 2.0, {'front': 30.0, 'wrist': 30.0},
               drop={('wrist', 20), ('wrist', 21), ('wrist', 40)})
    assert live.look(now).dropped == (0, 3)
    assert (faults.IMAGES_DROPPED, 'wrist') in codes(live, now)
    live.begin()
    assert live.look(now).dropped == (0, 0)


@pytest.mark.parametrize(('gaps', 'missing'), [
    ((1.0, 1.7, 0.3, 1.0), 0), ((1.6, 0.5, 1.6, 0.4, 1.0), 0), ((1.0, 2.0, 1.0), 1),
    ((1.0, 4.1, 0.9, 1.0), 3), ((2.0, 2.0, 1.0), 2), ((2.0, 1.0, 2.0, 1.0), 2),
    ((1.25, 1.25, 1.25), 0), ((1.9, 0.9, 1.0), 1)])
def test_late_is_not_missing(gaps, missing):
    """Pins that an image that came late, before one that came early, is no lost image."""
    live = checks(front=10.0)
    stamp_s = 100.0
    for gap in (0.0, 1.0, *gaps):
        stamp_s += 0.1 * gap
        live.image('front', round(stamp_s * SECOND), round(stamp_s * SECOND))
    assert live.verdicts()[0].dropped == missing


def test_a_gap_before_the_episode_does_not_count():
    """Pins that what was missing before the start is held against the episode."""
    live = checks(front=10.0)
    feed(live, 1.0, {'front': 10.0})
    live.begin()
    now = feed(live, 1.0, {'front': 10.0}, start=104.0)
    assert live.look(now).dropped == (0,)


def test_silence_is_told():
    """Pins a camera that stopped, one that never began, and joints that ceased."""
    live = checks()
    live.look(round(100.0 * SECOND))
    now = feed(live, 1.0, {'front': 30.0}, joints=True)
    assert codes(live, now) == [(faults.CAMERA_SILENT, 'wrist')]
    later = now + SECOND
    assert codes(live, later)[:3] == [(faults.JOINTS_SILENT, ''), (faults.CAMERA_SILENT, 'front'),
                                      (faults.CAMERA_SILENT, 'wrist')]
    assert live.look(later).rate_hz == (0.0, 0.0)


@pytest.mark.parametrize(('who', 'by_s', 'fault'), [
    ('wrist', 0.012, False), ('wrist', 3600.0, True), ('', 3600.0, True), ('', 0.005, False),
    ('wrist', 0.7, True)])
def test_clocks_that_are_apart(who, by_s, fault):
    """Pins that a camera or an arm whose clock is off is found, and that jitter is not."""
    live = checks()
    live.look(round(100.0 * SECOND))
    now = feed(live, 3.0, {'front': 30.0, 'wrist': 30.0}, offset={who: by_s})
    assert (faults.NOT_TOGETHER in [code for code, _ in codes(live, now)]) is fault


def test_rates_that_differ_are_no_fault():
    """Pins that a slow camera beside a fast one is judged by the slow one's period."""
    live = checks(front=30.0, scan=2.0)
    live.look(round(100.0 * SECOND))
    now = feed(live, 6.0, {'front': 30.0, 'scan': 2.0})
    assert codes(live, now) == []


def test_a_cell_laid_out_anew_begins_anew():
    """Pins that time that goes back neither raises nor counts as a gap."""
    live = checks(front=10.0)
    feed(live, 2.0, {'front': 10.0}, start=500.0)
    now = feed(live, 2.0, {'front': 10.0}, start=3.0)
    found = live.look(now)
    assert found.dropped == (0,) and found.faults == ()


def test_every_fault_has_words_in_both_languages():
    """Pins a wording that lacks a language or names a figure that does not exist."""
    assert set(WORDINGS) == {value for name, value in vars(faults).items() if name.isupper()
                             and isinstance(value, str)}
    for code in WORDINGS:
        fault = Fault(code, 'front', 1.25, 2.0)
        korean, english = words(fault, 'ko'), words(fault, 'en')
        assert any('가' <= letter <= '힣' for letter in korean) and english.isascii()
        assert both(fault) == f'{korean} / {english}' and '{' not in both(fault)
