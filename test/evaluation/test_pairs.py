"""Paired comparison: published values, and refusal of what is no pair."""
from dataclasses import replace
import json

import pytest

pytest.importorskip('pybullet')
from lam_ws.errors import ConfigurationError
from lam_ws.evaluation.evaluation import Verdict
from lam_ws.evaluation.pairs import cases_of, compare, mcnemar, newcombe, Pairs
from lam_ws.verbs.eval import main as evaluate_main

pytestmark = pytest.mark.sim


def verdicts(marks, task='kit', first=5000, axis='', text='put it there'):
    """Return a verdict for each mark: 1 solved, 0 failed, '.' not run."""
    return [Verdict(first + k, 'fr3', 'en', f'{text} {k}', mark == '1', '', 5.0, 1, task, axis)
            for k, mark in enumerate(marks) if mark != '.']


def result(*groups):
    """Return what of a result is compared."""
    return {'site': 'sim_bench', 'policy': 'site', 'split': 'seen',
            'cases': cases_of([one for group in groups for one in group])}


@pytest.mark.parametrize(('pairs', 'low', 'high'), [
    ((36, 12, 2, 0), 0.0569, 0.3404),   # published
    ((54, 0, 0, 0), -0.0664, 0.0664), ((0, 0, 0, 10), -0.2775, 0.2775)])   # one Wilson arm each
def test_the_interval_has_newcombes_values(pairs, low, high):
    """Pins method 10, with and without pairs that differ."""
    both, first, second, neither = pairs
    found = newcombe(Pairs(both, second, first, neither))   # published as A less B
    assert found == pytest.approx((low, high), abs=6e-5)


def test_the_interval_turns_its_sign_with_the_files():
    """Pins that B less A is A less B the other way round."""
    low, high = newcombe(Pairs(20, 7, 2, 3))
    assert newcombe(Pairs(20, 2, 7, 3)) == pytest.approx((-high, -low))


@pytest.mark.parametrize(('only_a', 'only_b', 'p'), [
    (0, 0, 1.0), (3, 3, 1.0), (0, 5, 0.0625), (5, 0, 0.0625), (1, 9, 22 / 1024),
    (0, 2000, 0.0)])
def test_the_probability_is_exact(only_a, only_b, p):
    """Pins the two-sided binomial, also where its powers leave the range of a float."""
    assert mcnemar(only_a, only_b) == pytest.approx(p)


def test_cases_are_one_mark_each_and_keep_what_was_not_run():
    """Pins the form of the JSON: compact, and honest about an interrupted run."""
    rows = cases_of(verdicts('10.1') + verdicts('01', 'press', axis='light'))
    assert [(row['axis'], row['task'], row['first'], row['solved']) for row in rows] == [
        ('', 'kit', 5000, '10.1'), ('light', 'press', 5000, '01')]
    assert len(json.dumps(cases_of(verdicts('1' * 1000)))) < 1100


def test_a_comparison_counts_each_task_and_all(tmp_path, capsys):
    """Pins who solved what, to the end of the command line."""
    first = result(verdicts('1100'), verdicts('11', 'press'))
    second = result(verdicts('1011'), verdicts('10', 'press'))
    found = compare(first, second, ('a', 'b'))
    assert {key: found['task']['kit'][key] for key in Pairs(0, 0, 0, 0).__dict__} == {
        'both': 1, 'only_a': 1, 'only_b': 2, 'neither': 0}
    assert found['all']['cases'] == 6 and found['all']['difference'] == 0.0
    paths = [tmp_path / name for name in ('a.json', 'b.json')]
    for path, one in zip(paths, (first, second), strict=True):
        path.write_text(json.dumps(one))
    out = tmp_path / 'new' / 'c.json'
    call = ['--compare', *map(str, paths), '--out', str(out)]
    assert evaluate_main([*call, '--json']) == 0
    assert json.loads(capsys.readouterr().out)['all'] == found['all'] \
        == json.loads(out.read_text())['all']
    assert evaluate_main(call) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:6] == ['all', '6', '4', '4', '2', '2']


BASE = verdicts('1010')


@pytest.mark.parametrize(('other', 'words'), [
    (verdicts('1010', 'press'), 'of the tasks only a.json has kit'),
    (verdicts('1010', axis='light'), 'of the tasks only a.json has kit'),
    (verdicts('1010', first=6000), 'of the seeds of kit only a.json has 5000 and 3 more'),
    (verdicts('101.'), 'only a.json has 5003'),
    (verdicts('10101'), 'only b.json has 5004'),
    (verdicts('1010', text='another scene'), 'what was asked is not'),
    ([replace(one, language='ko') for one in BASE], 'what was asked is not')])
def test_what_is_no_pair_is_refused_by_name(other, words):
    """Pins a difference of two evaluations that asked different things."""
    with pytest.raises(ConfigurationError, match=rf'b\.json is not paired with a\.json.*{words}'):
        compare(result(BASE), result(other), ('a.json', 'b.json'))


@pytest.mark.parametrize('text', [
    '{}', '[]', 'no', '{"cases": []}', '{"cases": [{"task": "kit"}]}', '{"cases": 3}',
    '{"cases": [{"axis": "", "task": "kit", "first": 1, "solved": "2", "asked": ""}]}'])
def test_a_file_without_cases_is_refused_by_name(text, tmp_path):
    """Pins one clear line for a file that lam eval --suite did not write."""
    path = tmp_path / 'a.json'
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r'a\.json'):
        evaluate_main(['--compare', str(path), str(path)])
    with pytest.raises(ConfigurationError, match='none.json: cannot be read'):
        evaluate_main(['--compare', str(tmp_path / 'none.json'), str(path)])
