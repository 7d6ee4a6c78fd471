"""The contact sheet stands alone, shows every episode, and runs nothing it was told."""
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('pyarrow')
from episodes import BODY, write
from lam_ws.dataset.dataset import About
from lam_ws.dataset.reader import Dataset
from lam_ws.dataset.writer import Writer
from lam_ws.report.sheet import sheet, SHOTS
from pages import Page

EVIL = '<script>alert(1)</script>"><img src=http://x.example/y>'


@pytest.fixture(scope='module')
def dataset(tmp_path_factory):
    """Return four episodes, the last with everything people may say of it."""
    folder = write(tmp_path_factory.mktemp('sheet') / 'plain', 3)
    first = next(Dataset(folder).episodes())
    writer = Writer(folder.with_name('told'), BODY)
    for one in Dataset(folder).episodes():
        writer.add(one)
    led = np.arange(8) >= 4
    writer.add(replace(first, sentence=f'컵을 들어 줘 {EVIL}', intervention=led, films={},
                       about=About('failure', f'kim {EVIL}', EVIL, EVIL, '미끄러짐')))
    writer.add(replace(first, about=About(label=''), films={}))
    writer.flush()
    return Dataset(folder.with_name('told'))


def test_every_episode_is_shown_and_nothing_is_fetched(dataset):
    """Pins strips, sentences, labels in both languages and findings, and a closed page."""
    text = sheet(dataset, range(5), {1: [('frozen', f'top: 3 s {EVIL}')], -1: [('shared', 'x')]})
    page = Page(text)
    words = ' '.join(page.words)
    assert page.scripts == 0 and page.open == []
    assert len(page.loads) == 5 * 2 * SHOTS
    assert all(one.startswith('data:image/jpeg;base64,') for one in page.loads)
    assert "default-src 'none'" in text and 'http://x.example' not in ' '.join(page.loads)
    for word in ('컵을 들어 줘', 'go to the bar', 'success · 성공', 'failure · 실패',
                 'not labelled · 라벨 없음', 'led by a person 50%', 'kim', '미끄러짐', 'frozen',
                 'top: 3 s', 'shared', EVIL):
        assert word in words, word
    assert '<script' not in text and text.count('class="led"') == 1
    assert 'left:50.00%;width:50.00%' in text


def test_only_what_is_asked_for_is_shown(dataset):
    """Pins the choice of episodes, and that the page says that there are more."""
    page = Page(sheet(dataset, [3], {}))
    assert len(page.loads) == 2 * SHOTS
    assert '1 of the episodes are shown' in ' '.join(page.words)
