"""Steps in words, as an operator reads them before answering yes."""
from lam_ws.grounding.factory.order import ALL, Step
from lam_ws.grounding.factory.telling import told_step, told_steps, WORDINGS
from lam_ws.knowledge.knowledge import load_knowledge
from lam_ws.knowledge.tables import SKILLS
import pytest

HANGYEOL, NURI = 'hangyeol/changwon/sort', 'nuri/gwangju/kitting'


@pytest.fixture(scope='module')
def known():
    """Return the things of each company by id."""
    return {folder: load_knowledge(folder).things for folder in (HANGYEOL, NURI)}


@pytest.mark.parametrize(('folder', 'step', 'korean', 'english'), [
    (HANGYEOL, Step('pick_place', 'bj20r', 'quarantine', count=2),
     '적색 볼조인트 2개를 부적합품 격리함에 넣기',
     'move 2 pieces of the red-cap ball joint into the nonconforming quarantine box'),
    (NURI, Step('pick_place', 'mod_filter', 'tray_mod', 'kit_k4'),
     'K4 칸에서 노이즈 필터 1개를 모듈 트레이에 놓기',
     'move the noise filter from slot K4 to the module tray'),
    (NURI, Step('kit', 'cell_50', 'kit_k1', tool='grip_ins'),
     '50Ah 각형 셀 1개를 절연 그리퍼로 K1 칸에 넣기',
     'put the 50 Ah prismatic cell into slot K1 using the insulated gripper'),
    (NURI, Step('bin_pick', 'bracket_end', 'rack_a2', 'crate_brk', count=ALL),
     '브래킷 크레이트에서 엔드 브래킷 전부를 골라 A2 랙에 놓기',
     'pick all pieces of the end bracket from the bracket crate and move it to rack A2'),
    (HANGYEOL, Step('bin_pick', 'bj22g', 'ok_bin_bj', 'in_crate'),
     '투입 상자에서 녹색 볼조인트 1개를 골라 볼조인트 양품통에 넣기',
     'pick the green-cap ball joint from the infeed crate and move it into the good ball joint '
     'bin'),
    (HANGYEOL, Step('nest', 'bj22g', 'play_jig'),
     '녹색 볼조인트 1개를 유격 검사 지그에 앉히기',
     'seat the green-cap ball joint in the play test fixture'),
    (NURI, Step('insert', 'shaft_8', 'sock_8'), '8파이 모터 샤프트 1개를 8파이 로터에 끼우기',
     'insert the 8 mm motor shaft into the 8 mm rotor bore'),
    (NURI, Step('stack', 'carton_s', 'carton_s'), '소형 카톤 1개를 소형 카톤 위에 쌓기',
     'stack the small carton on the small carton'),
    (NURI, Step('hand_over', 'busbar_flex', 'pad_hand'),
     '플렉시블 버스바 1개를 작업자 인계대에서 건네기',
     'hand over the flexible busbar at the operator hand-over table'),
    (NURI, Step('belt_pick', 'motor_fan', 'pad_hand', 'conv_in'),
     '투입 컨베이어에서 팬 모터 1개를 집어 작업자 인계대에 놓기',
     'pick the fan motor from the infeed conveyor and move it to the operator hand-over table'),
    (HANGYEOL, Step('press', 'start_btn'), '검사 시작 버튼을 누르기',
     'press the inspection start button'),
    (HANGYEOL, Step('press', 'start_btn', count=2), '검사 시작 버튼을 2번 누르기',
     'press the inspection start button 2 times'),
    (HANGYEOL, Step('open_clamp', 'leak_clamp'), '누설 클램프를 열기',
     'open the leak test clamp'),
    (HANGYEOL, Step('close_clamp', 'leak_clamp'), '누설 클램프를 잠그기',
     'close the leak test clamp'),
    (NURI, Step('push', 'mod_sens', 'line_align'), '센서 모듈 1개를 정렬선까지 밀기',
     'push the sensor module to the alignment line'),
    (NURI, Step('wipe', 'wipe_bench'), '작업대 얼룩 줄을 닦기', 'wipe the bench streak'),
    (HANGYEOL, Step('pick_place', 'bj20b', 'quarantine', defect='crack'),
     '"크랙" 불량인 청색 볼조인트 1개를 부적합품 격리함에 넣기',
     'move the blue-cap ball joint with the defect "crack" into the nonconforming quarantine '
     'box'),
])
def test_a_step_is_told_in_both_languages(known, folder, step, korean, english):
    """Pins every skill, particles, counts, tool, source and defect in words."""
    assert told_step(step, known[folder]) == (korean, english)


def test_every_skill_has_its_words(known):
    """Pins that a new skill cannot be left without a sentence."""
    assert set(WORDINGS) == set(SKILLS)
    with pytest.raises(KeyError):
        told_step(Step('weld', 'bj20r'), known[HANGYEOL])


def test_steps_are_numbered_in_the_order_of_doing(known):
    """Pins the read-back of a whole order."""
    steps = (Step('press', 'start_btn'), Step('open_clamp', 'leak_clamp'))
    assert told_steps(steps, known[HANGYEOL]) == (
        '1. 검사 시작 버튼을 누르기 2. 누설 클램프를 열기',
        '1. press the inspection start button 2. open the leak test clamp')
