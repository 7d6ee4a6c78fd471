"""Instructions for every skill of the suite: read to the goal, asked back or refused."""
from dataclasses import replace
import itertools
import json
from pathlib import Path
import re

from lam_ws.errors import ConfigurationError, InstructionError
from lam_ws.evaluation.reading import goals_in, read_task
from lam_ws.grounding.grammar import load_grammar
from lam_ws.grounding.noise import add_noise
from lam_ws.grounding.skill_words import load_skill_lexicon
from lam_ws.grounding.vocabulary import load_lexicon
from lam_ws.grounding.words import LANGUAGES
from lam_ws.policy.skills import SKILLS
from lam_ws.resources import share
from lam_ws.sim.tasks.suite import all_goals, load_task, TASKS
from lam_ws.types import Detection, Goal, Instruction, Scene
import numpy as np
import pytest

NEGATIVES = [json.loads(line)['text'] for line in (
    Path(__file__).parent / 'data' / 'skill_negatives.jsonl').read_text('utf-8').splitlines()]
NAMES = (
    'red button, blue button, red lever, red clamp, green lever, green clamp, red cube, '
    'blue cube, red carton, green carton, blue bearing, red shaft, yellow pump_body, '
    'blue tie_rod, red ball_joint, green ball_joint_bare, white bin, black bin, red slot, '
    'blue slot, yellow nest, green socket, white pad, black line, blue stripe, blue stripe_end, '
    'red cell, blue busbar')


def scene_of(names: str) -> Scene:
    """Return a scene of things named like 'red button, white bin'."""
    return Scene(0.0, tuple(Detection(*reversed(name.split()), np.zeros(3), 1.0)
                            for name in names.split(', ')))


EVERYTHING = scene_of(NAMES)


def read(grounder, text, scene=EVERYTHING):
    """Return the goals of a text without their sentences."""
    return [replace(goal, text='') for goal in grounder.ground(Instruction(text), scene).steps]


def reason(grounder, text, scene=EVERYTHING):
    """Return the reason and the sentence of a refusal."""
    with pytest.raises(InstructionError) as caught:
        grounder.ground(Instruction(text), scene)
    return caught.value.reason, str(caught.value)


def motions(grounder, text):
    """Return the goals of a text, none when it is refused."""
    try:
        return read(grounder, text)
    except InstructionError:
        return []


def press(colour):
    """Return the goal to press a button."""
    return Goal('press', 'button', colour, '', '', '')


def clamp(skill, colour):
    """Return the goal to turn the lever of a clamp."""
    return Goal(skill, 'lever', colour, colour, '', 'clamp')


def test_the_table_of_skills_is_that_of_the_policy_and_of_the_suite():
    """A skill that the knowledge does not know could be evaluated and never be asked for."""
    words = load_skill_lexicon('base', load_lexicon('base'))
    assert set(words.rows) == set(SKILLS)
    for name in TASKS:
        task = load_task(name)
        row = words.rows[task.skill]
        assert set(task.kinds) <= set(row.on), name
        assert set(task.places) <= {*row.to, row.second}, name
        assert row.carries == SKILLS[task.skill].grips, name
    for goal in all_goals():
        assert goal.kind in words.rows[goal.skill].on


@pytest.mark.parametrize(('task', 'language'), list(itertools.product(TASKS, LANGUAGES)))
def test_every_task_can_be_asked_for(grounder, task, language):
    """The policy has the skill, so the operator must have the words."""
    for wording, least in (('train', 1.0), ('heldout', 0.75)):
        rows = list(read_task(grounder, task, language, range(70000, 70020), wording))
        assert not [row for row in rows if row.outcome == 'wrong']
        right = sum(row.outcome == 'right' for row in rows)
        assert right >= least * len(rows), [row.text for row in rows if row.outcome != 'right']


@pytest.mark.parametrize('task', TASKS)
def test_typing_errors_cost_a_repetition_and_never_a_motion(grounder, task):
    """A slip that turns 'unlock' into 'lock' does the opposite of what was asked."""
    for language in LANGUAGES:
        rows = list(read_task(grounder, task, language, range(71000, 71012), 'train', 0.5))
        assert not [row for row in rows if row.outcome == 'wrong']
        assert sum(row.outcome == 'right' for row in rows) >= 0.5 * len(rows)


def test_nothing_moves_for_a_sentence_that_orders_nothing(grounder):
    """Negations, wrong pairings, missing things, two colours, questions and reports."""
    assert len(NEGATIVES) > 250
    assert not [text for text in NEGATIVES if motions(grounder, text)]


def test_typing_errors_make_no_order_of_it(grounder):
    """A slip in 'not' or '말고' must not turn it into a filler."""
    rng = np.random.default_rng(3)
    assert not [text for text in (add_noise(text, rng, 0.5) for text in NEGATIVES)
                if motions(grounder, text)]


@pytest.mark.parametrize(('text', 'goals'), [
    ('빨간 버튼을 누르고 파란 큐브를 흰 상자에 넣어',
     [press('red'), Goal('pick_place', 'cube', 'blue', 'white', '')]),
    ('press the red button, then put the blue cube in the white box',
     [press('red'), Goal('pick_place', 'cube', 'blue', 'white', '')]),
    ('파란 큐브를 흰 상자에 넣은 다음 빨간 클램프를 열어 줘',
     [Goal('pick_place', 'cube', 'blue', 'white', ''), clamp('open_clamp', 'red')]),
    ('open the red clamp and close the green one',
     [clamp('open_clamp', 'red'), clamp('close_clamp', 'green')]),
    ('press the red button and the blue button', [press('red'), press('blue')]),
    ('빨간 버튼과 파란 버튼을 눌러', [press('red'), press('blue')]),
    ('파란 줄을 닦아 줘. 그리고 빨간 샤프트를 초록 구멍에 끼워 줘',
     [Goal('wipe', 'stripe', 'blue', 'blue', '', 'stripe_end'),
      Goal('insert', 'shaft', 'red', 'green', '', 'socket')]),
    ('put the red cube in the red slot and the blue cube in the blue slot',
     [Goal('kit', 'cube', 'red', 'red', '', 'slot'),
      Goal('kit', 'cube', 'blue', 'blue', '', 'slot')]),
    ('stack the red cube on the green carton, then wipe the blue stripe',
     [Goal('stack', 'cube', 'red', 'green', '', 'carton'),
      Goal('wipe', 'stripe', 'blue', 'blue', '', 'stripe_end')]),
])
def test_joined_commands_are_steps_in_their_order(grounder, text, goals):
    """Two orders in one sentence are two steps, not one odd one."""
    assert read(grounder, text) == goals


def test_each_step_reads_as_one_instruction(grounder):
    """The policy must not read the whole list at each step."""
    text = '빨간 버튼을 누르고 파란 큐브를 흰 상자에 넣어'
    plan = grounder.ground(Instruction(text), EVERYTHING)
    assert [goal.text for goal in plan.steps] == ['빨간 버튼을 눌러 줘',
                                                  '파란 큐브를 하얀 상자에 넣어 줘']


@pytest.mark.parametrize(('text', 'said'), [
    ('저기, 빨간 버튼을 꾹 눌러 주세요', '빨간 버튼을 눌러 줘'),
    ('Could you hit the red buton?', 'press the red button'),
    ('press the red panel button', 'press the red button'),
    ('press the red one', 'press the red button'),
    ('빨간 샤프트를 구멍에 끼워', '빨간 샤프트를 초록 구멍에 끼워 줘'),
])
def test_the_policy_hears_the_canonical_sentence(grounder, text, said):
    """A synonym of this site, a slip or an unsaid colour is not what the policy was taught."""
    assert grounder.ground(Instruction(text), EVERYTHING).steps[0].text == said


@pytest.mark.parametrize(('text', 'why'), [
    ('버튼을 눌러', 'ambiguous'), ('press the button', 'ambiguous'),
    ('turn the red lever', 'ambiguous'), ('turn the red lever, it is open', 'ambiguous'),
    ('open the red clamp, it is open', 'unsupported'), ('빨간 클램프를 돌려', 'ambiguous'),
    ('초록 버튼을 눌러', 'not_in_scene'), ('open the yellow clamp', 'not_in_scene'),
    ('빨간 큐브를 초록 칸에 넣어', 'not_in_scene'), ('press the red cube', 'unsupported'),
    ('흰 상자를 열어', 'unsupported'), ('stack the red cube on the red button', 'unsupported'),
    ('put the red slot in the red cube', 'unsupported'),
    ('빨간 버튼을 누르지 마', 'not_understood'), ('빨간 파란 버튼을 눌러', 'not_understood'),
    ('press the red blue button', 'not_understood'),
])
def test_what_is_not_done_is_answered_by_its_reason(grounder, text, why):
    """'I do not understand' leaves the operator guessing what to change."""
    found, sentence = reason(grounder, text)
    assert found == why and sentence.endswith(('.', '?'))


@pytest.mark.parametrize(('text', 'skill'), [
    ('flip the green clamp lever so it is open', 'open_clamp'),
    ('flip the green clamp lever so it is locked', 'close_clamp'),
    ('빨간 레버 돌려서 클램프 잠금 부탁드립니다', 'close_clamp'),
    ('열린 빨간 클램프를 잠가', 'close_clamp'),
    ('unlock the red clamp, it is closed', 'open_clamp'),
])
def test_what_opens_is_never_closed(grounder, text, skill):
    """The first three did the opposite: how a thing is was taken for what to do."""
    assert [goal.skill for goal in read(grounder, text)] == [skill]


def test_what_was_left_open_is_taken_from_the_scene(grounder):
    """One button needs no colour; what was inferred is cited."""
    scene = scene_of('red button, blue lever, blue clamp, yellow cube')
    assert read(grounder, '버튼을 눌러', scene) == [press('red')]
    assert read(grounder, 'open the clamp', scene) == [clamp('open_clamp', 'blue')]
    plan = grounder.ground(Instruction('press the button'), scene)
    assert 'scene -> red button' in plan.citations


def test_citations_name_the_lines_of_the_words(grounder):
    """A citation that points at the wrong line is worse than none."""
    plan = grounder.ground(Instruction('빨간 큐브를 검은 선 너머로 밀어'), EVERYTHING)
    assert {citation.rsplit(' ', 1)[1] for citation in plan.citations} >= {
        'red', 'cube', 'black', 'line', 'push'}
    for citation in plan.citations:
        match = re.fullmatch(r'(config/knowledge/\S+\.yaml):(\d+) "(.+)" -> \w+', citation)
        assert match, citation
        line = (share() / match[1]).read_text(encoding='utf-8').splitlines()[int(match[2]) - 1]
        assert match[3].replace(' ', '') in line.replace(' ', ''), citation


def test_a_company_may_name_no_skills_and_must_name_sound_ones(tmp_path, scenes):
    """Pick and place must go on without the file, and a misspelt thing must not start."""
    base = share() / 'config' / 'knowledge' / 'base'
    (tmp_path / 'vocabulary.yaml').write_text((base / 'vocabulary.yaml').read_text('utf-8'))
    plain = load_grammar(tmp_path)
    assert plain.ground(Instruction('빨간 원통을 검은 상자에 넣어'), scenes['line']).steps
    with pytest.raises(InstructionError):
        plain.ground(Instruction('빨간 버튼을 눌러'), EVERYTHING)
    text = (base / 'skills.yaml').read_text('utf-8')
    (tmp_path / 'skills.yaml').write_text(text.replace('on: [button]', 'on: [knob]'), 'utf-8')
    with pytest.raises(ConfigurationError, match="'knob' is not defined"):
        load_grammar(tmp_path)


def test_goals_of_a_scene_are_those_of_the_suite():
    """The measurement must ask for what the tasks ask for."""
    goals = goals_in(load_task('open_clamp'), EVERYTHING)
    assert goals == [clamp('open_clamp', 'red'), clamp('open_clamp', 'green')]
    assert set(goals_in(load_task('press'), EVERYTHING)) == {press('red'), press('blue')}
