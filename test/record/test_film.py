"""Films show the episode at its own speed, with all that is known of it."""
from dataclasses import replace

import av
from lam_ws.errors import RecordingError
from lam_ws.record.film import BAR, Captions, film_strip, stills, write_film
from lam_ws.record.reader import read_episode
from lam_ws.record.record import Episode, Picture
import numpy as np
import pytest
from recordings import picture


@pytest.fixture(scope='module')
def episode(sample):
    """Return the shared recording, read once."""
    return read_episode(sample)


@pytest.fixture(scope='module')
def frames(episode, tmp_path_factory):
    """Return (s, pixels) of every frame of the film."""
    path = write_film(episode, tmp_path_factory.mktemp('film') / 'episode.mp4')
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ('h264', 'yuv420p')
        return [(frame.time, frame.to_ndarray(format='rgb24')) for frame in file.decode(stream)]


def test_film_runs_at_the_speed_of_the_recording(frames):
    """Pins a film that played 10 Hz pictures at 30 frames a second."""
    np.testing.assert_allclose([time for time, _ in frames], np.arange(60) / 10, atol=1e-3)


def test_film_shows_both_cameras_and_the_caption(frames):
    """Pins swapped channels, a missing inset and an empty caption bar."""
    _, pixels = frames[20]
    assert pixels.shape == (600 + BAR, 800, 3)
    red = (pixels[..., 0].astype(int) - pixels[..., 1] > 90) & (pixels[..., 2] < 90)
    assert 7000 < red[220:600].sum() < 7900, 'the part, 2.5 times as large as recorded'
    assert 100 < red[:200, 612:].sum() < 2000, 'the same in the inset'
    assert (pixels[602:650] > 200).sum() > 1000, 'the instruction in light letters'


def test_captions_change_with_the_guard(episode):
    """Pins a bar that was drawn once and kept although a bound had become active."""
    captions = Captions(episode)
    quiet, held = (np.asarray(captions.draw(t, 800)) for t in (1.0, 2.1))
    assert not np.array_equal(quiet, held)
    assert captions.draw(2.1, 800) is captions.draw(2.1, 800)


def test_captions_before_and_after(episode):
    """Pins an empty bar in the second before the instruction and after its end."""
    late = replace(episode, subgoals=tuple(replace(s, time_s=s.time_s + 1, text=s.text
                                                   if s.active else '')
                                           for s in episode.subgoals))
    captions = Captions(late)
    assert [captions.at(t).phase for t in (0.5, 4.0, 9.0)] == ['waiting', 'carry', 'ended']
    assert {captions.at(t).text for t in (0.5, 4.0, 9.0)} == {'빨간 원통을 검은 상자에 넣어 줘'}


def test_strip(episode):
    """Pins a strip without the first and the last picture."""
    strip = film_strip(episode, n=8)
    assert strip.dtype == np.uint8 and strip.shape == (150, 8 * 200 + 7 * 4, 3)
    assert [p.time_s for p in stills(episode, 3)] == pytest.approx([0.0, 3.0, 5.9], abs=0.11)
    assert not np.array_equal(strip[130:, :30], strip[130:, 204:234]), 'each with its own time'
    assert len(stills(replace(episode, frames={'front': episode.frames['front'][:2]}), 8)) == 2


def test_pictures_of_the_episode_stay_clean(episode):
    """Pins a label that was written into the recording's own picture, at its own size."""
    first = episode.frames['front'][0].pixels
    before = first.copy()
    film_strip(episode, height=len(first))
    np.testing.assert_array_equal(first, before)


def test_odd_sizes_and_one_camera(tmp_path, episode):
    """Pins H.264's refusal of odd numbers of rows."""
    one = tuple(Picture(t / 10, picture(t / 10, 121, 91)) for t in range(3))
    path = write_film(replace(episode, frames={'overhead': one}), tmp_path / 'odd.mp4')
    with av.open(str(path)) as file:
        assert sum(1 for _ in file.decode(video=0)) == 3


def test_nothing_to_film(tmp_path, episode):
    """Pins a traceback for an episode without cameras or a folder that is not there."""
    with pytest.raises(RecordingError, match='no pictures'):
        write_film(Episode(tmp_path / 'a.mcap'), tmp_path / 'a.mp4')
    with pytest.raises(RecordingError, match='cannot be written'):
        write_film(episode, tmp_path / 'absent' / 'a.mp4')
    assert list(tmp_path.iterdir()) == []
