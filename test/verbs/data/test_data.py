"""`lam data` and `lam export --lerobot` from outside: what is printed, and the exit statuses."""
import json

from lam_ws import cli
from lam_ws.record.card import beside, Card, Label, read_card, write_card
import pytest

pytest.importorskip('pyarrow')
from episodes import write
from lam_ws.dataset.reader import Dataset
from lam_ws.verbs.data.data import KINDS
from recordings import write_sample


@pytest.fixture(autouse=True)
def there(tmp_path, monkeypatch):
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


def lam(capsys, *words):
    """Return exit status and what was printed, as JSON where it was asked for."""
    status = cli.main([str(word) for word in words])
    out, err = capsys.readouterr()
    return status, json.loads(out) if '--json' in words and out else out + err


def test_every_kind_explains_itself(capsys):
    """Pins the table of kinds: each is there, with --help, and a slip names the nearest."""
    status, text = lam(capsys, 'data', '--help')
    assert status == 0 and all(kind in text for kind in KINDS)
    for kind in KINDS:
        assert lam(capsys, 'data', kind, '--help')[0] == 0
    status, text = lam(capsys, 'data', 'chek')
    assert status == 2 and "did you mean 'check'" in text
    assert lam(capsys, 'data')[0] == 2


def test_from_a_recording_to_a_page(capsys, tmp_path):
    """Pins label, export, view and check one after another, and that a label is kept."""
    for name in 'ab':
        path = write_sample(tmp_path / 'rec' / f'{name}.mcap', 2.0)
        write_card(path, Card(name, operator='kim'))
    export = ['export', '--lerobot', 'rec', '--out', 'set', '--json']
    status, told = lam(capsys, *export)
    assert status == 0 and told['counts'] == {'taken': 0, 'left out': 2, 'refused': 0}
    status, told = lam(capsys, 'data', 'label', 'rec/a.mcap', 'rec/b.mcap', '--label', 'failure',
                       '--who', 'lee', '--note', '놓침', '--json')
    assert status == 0 and [one['label'] for one in told['episodes']] == ['failure'] * 2
    assert read_card(tmp_path / 'rec/a.mcap').label.who == 'lee'
    assert json.loads(beside(tmp_path / 'rec/a.mcap').read_text())['success'] is False
    beside(tmp_path / 'rec/b.mcap').unlink()   # what was said is in the recording too
    status, told = lam(capsys, *export)
    assert status == 0 and told['counts']['taken'] == 2
    status, told = lam(capsys, 'data', 'view', 'set', '--json')
    assert status == 0 and told['episodes'] == [0, 1]
    page = (tmp_path / 'set/sheet.html').read_text()
    assert '놓침' in page and 'kim' in page
    status, told = lam(capsys, 'data', 'check', 'set', '--json')
    assert status == 1 and told['counts'] == {'duplicate': 1}   # the same movement twice
    assert told['findings'][0]['episode'] == 1 and told['bounds']['near'] == 0.15
    assert lam(capsys, 'data', 'check', 'set', '--allow', 'duplicate')[0] == 0
    status, text = lam(capsys, 'data', 'check', 'set', '--allow', 'duplicat')
    assert status == 2 and "did you mean 'duplicate'" in text


def test_a_spoilt_recording_is_said_and_counts(capsys, tmp_path):
    """Pins exit status 1 with the others taken, and 2 for a folder without recordings."""
    write_card(write_sample(tmp_path / 'rec/a.mcap', 1.0), Card('a', label=Label('success')))
    (tmp_path / 'rec/b.mcap').write_bytes(b'x' * 200)
    status, text = lam(capsys, 'export', '--lerobot', 'rec', '--out', 'set', '--unlabelled')
    assert status == 1 and '1 taken, 0 left out, 1 refused' in text and 'not an MCAP' in text
    status, text = lam(capsys, 'export', '--lerobot', 'nothing', '--out', 'set')
    assert status == 2 and 'is not there' in text
    for wrong in (['--late', '0'], ['--repeats', '2'], ['--fps', '-1'], ['--gap', '0']):
        assert lam(capsys, 'export', '--lerobot', 'rec', '--out', 'x', *wrong)[0] == 2


def test_split_merge_and_label_of_datasets(capsys, tmp_path):
    """Pins parts without a common sentence, their merge, and a label of one of them."""
    write(tmp_path / 'set', 12)
    split = ['data', 'split', 'set', '--out', 'parts', '--parts', 'train=1', 'val=1']
    status, told = lam(capsys, *split, '--by', 'sentence', '--json')
    assert status == 0
    episodes = [set(part['episodes']) for part in told['parts'].values()]
    assert episodes[0] | episodes[1] == set(range(12)) and not episodes[0] & episodes[1]
    allow = ['--allow', 'jerky', 'frozen', 'short', 'blank']   # eight frames of noise are no demo
    assert lam(capsys, 'data', 'check', 'parts/train', 'parts/val', '--by', 'sentence',
               *allow)[0] == 0
    assert lam(capsys, 'data', 'check', 'set', 'parts/val', *allow)[0] == 1
    status, text = lam(capsys, 'data', 'merge', 'parts/train', 'parts/val', '--out', 'all')
    assert status == 0 and '12 episodes of 2 datasets' in text
    status, text = lam(capsys, 'data', 'label', 'all', '--episode', '0', '3-5', '--label', 'none',
                       '--operator', 'kim')
    assert status == 0 and text.count('not labelled') == 4
    told = Dataset(tmp_path / 'all').about
    assert [number for number, one in enumerate(told) if one.label == ''] == [0, 3, 4, 5]
    assert told[3].operator == 'kim' and told[1].operator == ''
    assert lam(capsys, 'data', 'label', 'all', '--label', 'success')[0] == 2   # which ones?
    assert lam(capsys, 'data', 'label', 'all', '--episode', '12', '--label', 'none')[0] == 2
    assert lam(capsys, *split, '--parts', 'a=0')[0] == 2
    status, text = lam(capsys, 'data', 'merge', 'all', '--out', 'one')
    assert status == 2 and 'at least two' in text


def test_a_dataset_is_imported_and_cached(capsys, tmp_path):
    """Pins the import of others' datasets, by options, and figures of random reads."""
    write(tmp_path / 'theirs', 4)
    call = ['data', 'import', 'theirs', '--out', 'ours', '--camera', 'front=top', '--json']
    status, told = lam(capsys, *call)
    assert status == 0 and told['counts']['taken'] == 4
    assert lam(capsys, *call, '--camera', 'front')[0] == 2
    assert lam(capsys, *call, '--state', '/joint_states')[0] == 2
    status, told = lam(capsys, 'data', 'cache', 'ours', '--pixels', '32', '--measure', '--json')
    assert status == 0 and set(told['samples_per_cpu_s']) == {'films', 'one by one',
                                                              'batches of 32'}
    assert told['bytes'] > 32 * 24 * 24 * 3


def test_recordings_of_others_are_imported_by_a_file(capsys, tmp_path):
    """Pins a mapping in YAML, options before it, and a fault in it with its line."""
    write_sample(tmp_path / 'rec/a.mcap', 2.0, prefix='/line3/')
    mapping = tmp_path / 'map.yaml'
    mapping.write_text('state: /line3/joint_states\naction: state\n'
                       'cameras: {eye: /line3/wrist/image_raw}\ntask: 원통을 들어 줘\n')
    call = ['data', 'import', 'rec', '--out', 'set', '--map', 'map.yaml', '--label', 'success']
    assert lam(capsys, *call, '--robot', 'fr3')[0] == 0
    read = Dataset(tmp_path / 'set')
    assert read.sentences == ['원통을 들어 줘'] and read.body.robot == 'fr3'
    assert [one.name for one in read.body.cameras] == ['eye']
    mapping.write_text('state: /line3/joint_states\nactoin: state\n')
    status, text = lam(capsys, *call)
    assert status == 2 and 'map.yaml:2' in text and "'action'" in text
