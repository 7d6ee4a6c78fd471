"""`lam shadow`: what it refuses before anything is heard, and a cell that is not there."""
import os

from lam_ws import cli
import pytest
from recordings import write_sample


@pytest.mark.parametrize('arguments', [
    [], ['put the red cube into the white bin'], ['--site', 'sim_demo'],
    ['x', '--site', 'sim_demo', '--seconds', '0']])
def test_what_it_needs_is_asked_for_in_one_line(arguments, capsys):
    """Pins exit status 2: a running cell needs a sentence, a site and some time."""
    assert cli.main(['shadow', *arguments]) == 2
    assert capsys.readouterr().err.count('\n') == 1


def test_a_recording_that_does_not_say_what_was_asked_needs_a_sentence(tmp_path, capsys):
    """Pins the refusal of a bag without a card."""
    sample = write_sample(tmp_path / 'bag.mcap', 1.0)
    assert cli.main(['shadow', '--episode', str(sample)]) == 2
    assert 'give TEXT and --site' in capsys.readouterr().err


@pytest.mark.ros
@pytest.mark.train
def test_a_cell_that_is_not_there_is_named(tmp_path, capsys):
    """Pins that nobody waits half a minute for a picture that will not come."""
    pytest.importorskip('rclpy')
    from lam_ws.nodes.environment import free_domain
    before = dict(os.environ)
    with free_domain() as domain:
        assert cli.main(['shadow', 'put the red cube into the white bin', '--site', 'sim_demo',
                         '--domain', str(domain), '--out', str(tmp_path)]) == 2
    os.environ.clear()
    os.environ.update(before)
    assert 'start one with `lam run --site sim_demo`' in capsys.readouterr().err
