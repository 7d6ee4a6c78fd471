"""What people call the things of the factory suite: nothing enters, tables of nouns leave.

The first noun of a row is the canonical one. HELDOUT rows begin with a word of training, so
that a thing stays recognisable, and go on with words that training never shows. A '|' marks
where the colour goes when it does not go first ('스터드 없는 |볼조인트').
"""
from typing import Final

from lam_ws.grounding.words import BINS, KINDS

Rows = dict[str, tuple[str, ...]]

TRAIN: Final[dict[str, Rows]] = {
    'ko': {
        **KINDS['ko'],
        'ball_joint': ('볼조인트', '볼조인트', '볼 조인트'),
        'ball_joint_good': ('볼조인트', '볼 조인트', '정상 볼조인트', '멀쩡한 |볼조인트'),
        'ball_joint_bare': ('불량 볼조인트', '불량 볼 조인트', '스터드 없는 |볼조인트',
                            '스터드가 없는 |볼 조인트', '스터드 빠진 |볼조인트'),
        'tie_rod': ('타이로드', '타이로드', '타이 로드'),
        'bearing': ('베어링',),
        'pump_body': ('펌프 몸체', '펌프 하우징', '펌프몸체', '펌프하우징'),
        'shaft': ('샤프트', '축'),
        'cell': ('배터리 셀', '전지', '배터리셀', '셀'),
        'busbar': ('버스바', '부스바'),
        'carton': ('카톤', '포장 상자', '카톤 박스', '포장상자'),
        'button': ('버튼', '누름단추', '단추'),
        'clamp': ('클램프', '지그 클램프', '고정 클램프'),
        'lever': ('레버', '클램프 레버', '레버'),
        'stripe': ('줄', '띠'),
        'bin': BINS['ko'],
        'quarantine': ('격리함', '격리 상자'),
        'slot': ('칸', '슬롯', '키트 칸'),
        'nest': ('고정구', '지그', '네스트', '거치대'),
        'socket': ('구멍', '소켓', '끼움 구멍'),
        'pad': ('패드', '인계판', '인계 자리'),
        'line': ('선', '라인'),
        'crate': ('크레이트', '부품 상자', '부품 더미', '더미'),
        'belt': ('컨베이어', '벨트', '컨베이어 벨트', '컨베이어벨트'),
    },
    'en': {
        **KINDS['en'],
        'ball_joint': ('ball joint', 'ball joint', 'balljoint'),
        'ball_joint_good': ('ball joint', 'balljoint', 'good |ball joint'),
        'ball_joint_bare': ('defective ball joint', 'defective |ball joint', 'bad ball joint',
                            'ball joint without its stud', 'ball joint without a stud'),
        'tie_rod': ('tie rod', 'tie-rod'),
        'bearing': ('bearing',),
        'pump_body': ('pump body', 'pump housing'),
        'shaft': ('shaft', 'round shaft'),
        'cell': ('battery cell', 'cell', 'battery'),
        'busbar': ('busbar', 'bus bar'),
        'carton': ('carton', 'packing carton'),
        'button': ('button', 'push button'),
        'clamp': ('clamp', 'jig clamp', 'toggle clamp'),
        'lever': ('lever', 'clamp lever'),
        'stripe': ('stripe', 'strip'),
        'bin': BINS['en'],
        'quarantine': ('quarantine bin', 'quarantine box'),
        'slot': ('slot', 'kit slot', 'compartment'),
        'nest': ('nest', 'fixture', 'jig'),
        'socket': ('socket', 'hole'),
        'pad': ('pad', 'hand-over pad', 'transfer pad'),
        'line': ('line',),
        'crate': ('crate', 'parts crate', 'pile', 'heap of parts'),
        'belt': ('conveyor', 'belt', 'conveyor belt'),
    },
}

_NEW: Final[dict[str, Rows]] = {
    'ko': {
        'cube': ('큐브 블록', '네모 블록'), 'cylinder': ('원기둥 부품', '둥근 기둥'),
        'bar': ('막대 부품', '긴 막대'), 'ball_joint': ('볼죠인트', '볼조인트 부품'),
        'ball_joint_good': ('볼죠인트', '양품 볼조인트', '이상 없는 |볼조인트'),
        'ball_joint_bare': ('결함 있는 |볼조인트', '스터드가 빠져 있는 |볼조인트',
                            '볼조인트 불량품'),
        'tie_rod': ('타이롯드', '타이로드 부품'), 'bearing': ('볼베어링', '베어링 부품'),
        'pump_body': ('펌프 바디', '펌프 본체'), 'shaft': ('회전축', '샤프트 부품'),
        'cell': ('배터리', '전지 셀'), 'busbar': ('버스 바', '구리 버스바'),
        'carton': ('종이 상자', '골판지 상자'), 'button': ('누름 버튼', '푸시버튼'),
        'clamp': ('토글 클램프', '클램프 장치'), 'lever': ('손잡이', '클램프 손잡이'),
        'stripe': ('띠 표시', '줄무늬'), 'bin': ('용기', '수납함', '트레이'),
        'quarantine': ('불량품 격리함', '격리 박스'), 'slot': ('키트 자리', '수납 칸'),
        'nest': ('안착 지그', '픽스처'), 'socket': ('삽입구', '홀'),
        'pad': ('전달판', '인계 패드'), 'line': ('경계선', '구분선'),
        'crate': ('부품 무더기', '부품 크레이트'), 'belt': ('이송 벨트', '컨베이어 라인'),
    },
    'en': {
        'cube': ('cubic block', 'small cube'), 'cylinder': ('cylinder block', 'round post'),
        'bar': ('rectangular bar', 'short beam'), 'ball_joint': ('ball-joint', 'ball joint part'),
        'ball_joint_good': ('ball-joint', 'intact ball joint'),
        'ball_joint_bare': ('faulty ball joint', 'ball joint with no stud', 'studless ball joint'),
        'tie_rod': ('tierod', 'steering tie rod'), 'bearing': ('ball bearing', 'bearing ring'),
        'pump_body': ('pump casing', 'pump block'), 'shaft': ('spindle', 'axle'),
        'cell': ('power cell', 'battery unit'), 'busbar': ('bus-bar', 'copper busbar'),
        'carton': ('cardboard carton', 'package'), 'button': ('pushbutton', 'panel button'),
        'clamp': ('lever clamp', 'clamping unit'), 'lever': ('handle', 'clamp handle'),
        'stripe': ('band', 'streak'), 'bin': ('tote', 'tub', 'receptacle'),
        'quarantine': ('reject bin', 'quarantine tote'), 'slot': ('pocket', 'kit recess'),
        'nest': ('holder', 'locating fixture'), 'socket': ('bore', 'mating hole'),
        'pad': ('mat', 'handoff pad'), 'line': ('marking line', 'boundary line'),
        'crate': ('bulk crate', 'jumble of parts'), 'belt': ('moving belt', 'transport belt'),
    },
}
HELDOUT: Final[dict[str, Rows]] = {
    language: {thing: (row[0], *_NEW[language][thing]) for thing, row in rows.items()}
    for language, rows in TRAIN.items()}
