"""Sentences for every skill of the suite: what the policy's text encoder is taught with."""
from collections import Counter
from functools import cache
import hashlib
import itertools
import json
from pathlib import Path
import re

from lam_ws.grounding import asking_en, asking_ko, asking_words
from lam_ws.grounding.asking import (
    canonical_request,
    held_out,
    PLACES,
    sample_request,
    SPLITS,
    wordings,
)
from lam_ws.grounding.korean import is_syllable, with_particle
from lam_ws.grounding.words import COLOURS, LANGUAGES
from lam_ws.policy.skills import SKILLS
from lam_ws.types import Goal
import numpy as np
import pytest

DATA = Path(__file__).with_name('data') / 'requests_heldout.jsonl'
SHA256 = 'f9230501c8cc10d0dff5fc4c1e7b883d980d3388a97e8c056fd68c97e1cc4b51'
FOUR = ('red', 'green', 'blue', 'yellow')
TABLES = {'ko': asking_ko, 'en': asking_en}
# skill: what is acted on, the second thing, the colours of that. As lam_ws/sim/tasks says.
SUITE = {
    'pick_place': ('cube cylinder bar ball_joint ball_joint_bare tie_rod', 'bin',
                   ('black', 'white', 'red')),
    'kit': ('cell bearing cube', 'slot', FOUR),
    'bin_pick': ('ball_joint tie_rod bearing bar', 'bin', ('black', 'white')),
    'nest': ('pump_body', 'nest', FOUR), 'insert': ('shaft', 'socket', FOUR),
    'stack': ('carton cube', 'carton cube', FOUR),
    'hand_over': ('tie_rod busbar bar', 'pad', ('white', 'black', 'yellow', 'blue')),
    'belt_pick': ('ball_joint bearing cube', 'bin', ('black', 'white')),
    'press': ('button', '', ()), 'open_clamp': ('lever', 'clamp', ()),
    'close_clamp': ('lever', 'clamp', ()),
    'push': ('cube bearing pump_body carton', 'line', ('red', 'white', 'black', 'yellow')),
    'wipe': ('stripe', 'stripe_end', ()),
}
ALONE = {'nest': 'nest', 'insert': 'socket'}
SOURCES = {'bin_pick': 'crate', 'belt_pick': 'belt'}


def goals_of(skill):
    """Return every goal of a skill."""
    kinds, places, colours = SUITE[skill]
    if not colours:
        return [Goal(skill, kinds, colour, colour if places else '', '', places)
                for colour in FOUR]
    return [Goal(skill, kind, colour, destination, '', place)
            for kind, colour, place, destination in itertools.product(
                kinds.split(), FOUR, places.split(), colours)
            if (kind, colour) != (place, destination)]


GOALS = {skill: goals_of(skill) for skill in SUITE}
CASES = list(itertools.product(SUITE, LANGUAGES, SPLITS))


@cache
def draws(skill, language, split):
    """Return 2,000 of (goal, sentence), every goal at least once."""
    rng = np.random.default_rng(11)
    return [(goal, sample_request(goal, language, rng, split))
            for goal in itertools.islice(itertools.cycle(GOALS[skill]), 2000)]


@cache
def colours_of(language):
    """Return names by colour word, and the pattern that finds one."""
    names = {word: name for name, row in COLOURS[language].items() for word in row}
    words = '|'.join(sorted(names, key=len, reverse=True))
    return names, re.compile(rf'\b({words})\b' if language == 'en' else f'({words})')


def colours_in(text, language):
    """Return the names of the colours a sentence says, in order."""
    names, pattern = colours_of(language)
    return [names[word] for word in pattern.findall(text.lower())]


@cache
def nouns_of(language, rows):
    """Return the pattern of the nouns of some rows, without spaces."""
    nouns = {noun for table in (asking_words.TRAIN, asking_words.HELDOUT) for row in rows
             for noun in table[language][row]}
    return re.compile('|'.join(noun.replace(' ', '').replace('|', '.*') for noun in nouns))


def names_one_of(text, language, *rows):
    """Return whether a sentence has a noun of one of the rows, spaces aside."""
    return nouns_of(language, rows).search(text.lower().replace(' ', '')) is not None


def test_the_suite_is_complete():
    """A skill without sentences would be trained on none."""
    assert set(SUITE) == set(SKILLS)
    for table in TABLES.values():
        assert set(table.TRAIN) == set(table.HELDOUT) == set(SKILLS)


@pytest.mark.parametrize(('skill', 'language'), list(itertools.product(SUITE, LANGUAGES)))
def test_there_are_enough_wordings_and_the_splits_share_none(skill, language):
    """A held-out score means nothing once a wording or a verb slips into both lists."""
    train, heldout = (getattr(TABLES[language], name)[skill] for name in ('TRAIN', 'HELDOUT'))
    assert wordings(skill, language, 'train') >= 15
    assert wordings(skill, language, 'heldout') >= 8
    assert not set(train) & set(heldout)
    if language == 'ko':
        verbs = [{verb for wording in rows for verb in re.findall(r'{(\w+)', wording)
                  if verb in asking_ko.VERBS} for rows in (train, heldout)]
        assert not verbs[0] & verbs[1]


@pytest.mark.parametrize('language', LANGUAGES)
def test_held_out_nouns_keep_one_that_training_knows(language):
    """Only synonyms would ask whether the encoder has read a dictionary."""
    for thing, row in asking_words.TRAIN[language].items():
        heldout = asking_words.HELDOUT[language][thing]
        assert heldout[0] == row[0]
        assert len(heldout) > 2 and not set(heldout[1:]) & set(row), thing


@pytest.mark.parametrize(('skill', 'language', 'split'), CASES)
def test_every_sentence_names_both_things_and_their_colours(skill, language, split):
    """A wording that lost a slot would teach the policy to guess."""
    for goal, text in draws(skill, language, split):
        kind = ('clamp', 'lever') if goal.kind == 'lever' else (goal.kind,)
        bare = names_one_of(text, language, 'ball_joint_bare')
        assert bare == (goal.kind == 'ball_joint_bare'), text
        assert names_one_of(text, language, *kind), text
        if skill in SOURCES:
            assert names_one_of(text, language, SOURCES[skill]), text
        said = Counter(colours_in(text, language))
        expected = Counter((goal.colour,))
        if goal.place in PLACES:
            assert names_one_of(text, language, goal.place, 'quarantine'), text
            alone = skill in ALONE or names_one_of(text, language, 'quarantine')
            assert said == expected + Counter((goal.destination,)) \
                or (alone and said == expected), text
        else:
            assert set(said) == set(expected), text
        assert not re.search(r'[{}|]|  |^ | $|\?[.!,]', text), text


@pytest.mark.parametrize(('language', 'split'), list(itertools.product(LANGUAGES, SPLITS)))
def test_no_sentence_stands_for_two_goals(language, split):
    """A person must be able to tell, the unsaid colour of a nest or a socket aside."""
    meant = {}
    for skill in SUITE:
        for goal, text in draws(skill, language, split):
            unsaid = skill in ALONE and len(colours_in(text, language)) < 2
            key = (skill, goal.kind, goal.colour, goal.place, '' if unsaid else goal.destination)
            assert meant.setdefault(text.lower(), key) == key, text


@pytest.mark.parametrize(('skill', 'split'), list(itertools.product(SUITE, SPLITS)))
def test_particles_agree_with_the_nouns_before_them(skill, split):
    """'상자을' and '홀으로' are not Korean."""
    table = asking_words.TRAIN if split == 'train' else asking_words.HELDOUT
    nouns = {noun.split('|')[-1] for row in table['ko'].values() for noun in row}
    wrong = set()
    for noun in {*nouns, '하나', '한 개'}:
        assert is_syllable(noun[-1])
        for both in (('을', '를'), ('은', '는'), ('이', '가'), ('과', '와'), ('으로', '로')):
            wrong |= {noun + form for form in both} - {with_particle(noun, both[0])}
    pattern = re.compile(f'({"|".join(sorted(wrong))})' + r'(?=[ ,.]|$)')
    for _, text in draws(skill, 'ko', split):
        assert not pattern.search(text), text


@pytest.mark.parametrize('language', LANGUAGES)
def test_canonical_requests_differ_and_name_everything(language):
    """They go into logs and reports, and to the policy where the operator was unclear."""
    every = [goal for goals in GOALS.values() for goal in goals]
    texts = [canonical_request(goal, language) for goal in every]
    assert len(set(texts)) == len(texts)
    for goal, text in zip(every, texts, strict=True):
        said = {goal.colour, goal.destination} - {''}
        assert set(colours_in(text, language)) == said, text


def test_a_thing_without_colour_is_named_without_one():
    """'none' is what the scene file says, not what people say."""
    goal = Goal('insert', 'shaft', 'none', 'none', '', 'socket')
    rng = np.random.default_rng(2)
    for language, split in itertools.product(LANGUAGES, SPLITS):
        for _ in range(100):
            text = sample_request(goal, language, rng, split)
            assert 'none' not in text and '  ' not in text, text
            assert not colours_in(text, language), text
    assert canonical_request(goal, 'ko') == '샤프트를 구멍에 끼워 줘'


def test_the_same_seed_gives_the_same_sentences():
    """Training data must be reproducible from its seed."""
    goal = GOALS['push'][0]
    first, second = ([sample_request(goal, 'ko', rng) for _ in range(200)]
                     for rng in (np.random.default_rng(3), np.random.default_rng(3)))
    assert first == second and len(set(first)) > 150


@pytest.mark.parametrize(('goal', 'language', 'split'), [
    (Goal('juggle', 'cube', 'red', 'black', ''), 'ko', 'train'),
    (Goal('kit', 'spoon', 'red', 'red', '', 'slot'), 'ko', 'train'),
    (Goal('kit', 'cube', 'pink', 'red', '', 'slot'), 'en', 'train'),
    (GOALS['kit'][0], 'fr', 'train'), (GOALS['kit'][0], 'en', 'test')])
def test_what_does_not_exist_is_refused(goal, language, split):
    """A misspelt split must not silently be the training one."""
    rng = np.random.default_rng(0)
    with pytest.raises(KeyError):
        for _ in range(20):
            sample_request(goal, language, rng, split)


def test_about_an_eighth_of_the_combinations_is_held_out():
    """Every part, colour and destination must still be met in training, in another pairing."""
    for skill, goals in GOALS.items():
        shown = [goal for goal in goals if not held_out(goal)]
        assert {goal.kind for goal in shown} == {goal.kind for goal in goals}
        assert {goal.colour for goal in shown} == {goal.colour for goal in goals}
        assert {goal.destination for goal in shown} == {goal.destination for goal in goals}
        if not SUITE[skill][2]:
            assert shown == goals
    every = [goal for goals in GOALS.values() for goal in goals if goal.place in PLACES]
    assert 0.08 < sum(map(held_out, every)) / len(every) < 0.17


def test_hand_written_requests_are_frozen_and_cover_every_skill():
    """Nobody may mend the sentences that judge a checkpoint after seeing its score."""
    data = DATA.read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHA256
    rows = [json.loads(line) for line in data.decode('utf-8').splitlines()]
    counts = Counter((row['skill'], row['language']) for row in rows)
    assert set(counts) == set(itertools.product(SKILLS, LANGUAGES))
    assert min(counts.values()) >= 8
    assert len({row['text'] for row in rows}) == len(rows)
    for row in rows:
        text, language = row.pop('text'), row.pop('language')
        assert any(row == {name: getattr(goal, name) for name in row}
                   for goal in GOALS[row['skill']]), row
        assert row['colour'] in colours_in(text, language), text


@pytest.mark.parametrize(('skill', 'language'), list(itertools.product(SUITE, LANGUAGES)))
def test_no_template_writes_what_was_written_by_hand(skill, language):
    """They judge because no training sentence is among them."""
    rows = [json.loads(line) for line in DATA.read_text(encoding='utf-8').splitlines()]
    written = {row['text'].lower().strip('.?!') for row in rows}
    for split in SPLITS:
        for _, text in draws(skill, language, split):
            assert text.lower().strip('.?!') not in written, text
