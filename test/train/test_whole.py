"""The whole training: what waits for what, and what it adds up to."""
import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.train
pytest.importorskip('torch')
pytest.importorskip('pybullet')
from lam_ws.errors import ConfigurationError  # noqa: E402
from lam_ws.train.package import Log  # noqa: E402
from lam_ws.train.runs import assemble, EYES, forget, PARTS, Run  # noqa: E402
from lam_ws.train.whole import whole_training  # noqa: E402


@pytest.fixture
def jobs(tmp_path):
    """Return the jobs of a small training."""
    return whole_training('sim_bench', ['sim_bench_ur5e'], tmp_path / 'data',
                          Run(tmp_path / 'runs', 0), tmp_path / 'models',
                          {'stills': 1500, 'demos': 40, 'corrections': 60})


def test_nothing_waits_for_itself(jobs):
    """Pins an order that ends: every need is a job, and some job can always begin."""
    done = set()
    while len(done) < len(jobs):
        ready = {name for name, job in jobs.items() if name not in done
                 and done.issuperset(job.needs)}
        assert ready
        done |= ready
    assert {'perception', 'policy'} <= set(jobs) and set(jobs['policy'].needs) == set(PARTS)


def test_a_training_waits_for_all_its_data(jobs):
    """Pins: what is trained on a part of the data is not what another run makes."""
    stills = {name for name, job in jobs.items() if job.stage == 'stills'}
    demos = {name for name, job in jobs.items() if job.stage == 'demos'}
    for name in ('finding', 'naming', 'closeup'):
        assert set(jobs[name].needs) == stills
    assert set(jobs['perception'].needs) == set(EYES)
    mended = {name for name, job in jobs.items() if job.stage == 'corrections'}
    assert set(jobs['draft'].needs) == demos and len(demos) == 2
    assert set(jobs['head'].needs) == demos | mended and len(mended) == 3
    assert all(jobs[name].needs == ('pupil',) for name in mended)
    assert set(jobs['pupil'].needs) == {*PARTS, 'draft'} - {'head'}
    assert {'text', 'finding'} == set(jobs['grounder'].needs)
    run = jobs['head'].given[1]
    assert len(run.demos) == 2 and len(run.stills) == len(stills) > 3
    assert len({job.given[0].path for name, job in jobs.items() if name in stills}) == len(stills)


def test_the_cost_of_all_starts_is_added_up(tmp_path):
    """Pins: a resumed training told only what its last start had cost."""
    log = Log(tmp_path / 'log.jsonl')
    assert log.cpu_s() == 0.0 and log.rows() == []
    for spent in (1.0, 4.0, 2.0, 7.5):
        log.add({'cpu_s': spent})
    assert log.cpu_s() == 11.5
    assert [json.loads(line)['cpu_s'] for line in Path(tmp_path / 'log.jsonl').read_text()
            .splitlines()] == [1.0, 4.0, 2.0, 7.5]


def test_an_unfinished_part_is_named(tmp_path):
    """Pins a clear refusal instead of a policy with a part that was never taught."""
    with pytest.raises(ConfigurationError, match="part 'text' has not been taught"):
        assemble(Run(tmp_path, 0), tmp_path / 'model')


def test_a_part_is_taught_anew_alone(tmp_path):
    """Pins that --part keeps what the others have learnt."""
    for name in ('head.safetensors', 'head.jsonl', 'text.safetensors', 'closeup.ckpt'):
        (tmp_path / name).touch()
    forget(Run(tmp_path, 0), 'head')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['closeup.ckpt',
                                                                'text.safetensors']
