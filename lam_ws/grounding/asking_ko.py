"""Korean ways to ask for each skill: wordings, and the verbs and endings that fill them.

Slots of a wording: `o` what is acted on, `d` the second thing, `l` the lever of a clamp, `s`
the crate or belt a part comes from; `in` and `to` the second thing with a particle of being
put or of moving; a particle goes after a colon ('{o:을}'). Any other slot is a verb of VERBS
in an ending of the speaker's register. TRAIN and HELDOUT share no wording.
"""
from typing import Final

from lam_ws.grounding.wordings import KO_MOVE, KO_PUT
from lam_ws.grounding.wordings import TRAIN as PLAIN

# What is acted on, a part or a fixture; `a` is its colour as it goes before '것'.
PARTS: Final = ('{n}',) * 7 + ('{n} 하나', '{n} 한 개', '그 {n}', '저 {n}', '저기 있는 {n}')
FIXED: Final = ('{n}',) * 7 + ('그 {n}', '저 {n}', '저기 있는 {n}')

_AT = ('{}에', '{}에', '{}에다', '{}에다가')
IN: Final[dict[str, tuple[str, ...]]] = {
    'bin': (*_AT, '{}에', '{} 안에', '{} 속에'), 'slot': (*_AT, '{} 안에'),
    'socket': (*_AT, '{} 안에', '{} 속에'), 'nest': (*_AT, '{} 위에', '{} 안에'),
    'pad': (*_AT, '{} 위에', '{} 위에', '{} 위에다'),
    'cube': ('{} 위에', '{} 위에', '{} 위에다', '{} 위에다가'),
    'carton': ('{} 위에', '{} 위에', '{} 위에다', '{} 위에다가'),
}
_TOWARDS = ('{:으로}', '{:으로}', '{} 쪽으로')
TO: Final[dict[str, tuple[str, ...]]] = {
    'bin': (*_TOWARDS, '{}에', '{} 안으로'), 'slot': (*_TOWARDS, '{}에', '{} 안으로'),
    'socket': ('{:으로}', '{} 안으로', '{} 속으로'), 'nest': (*_TOWARDS, '{}에'),
    'pad': (*_TOWARDS, '{} 위로'), 'cube': ('{} 위로', '{} 위에'),
    'carton': ('{} 위로', '{} 위에'),
}

# (connective, stem): '넣어' + '줘', '넣으' + '세요'.
VERBS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    'put': KO_PUT, 'move': KO_MOVE,
    'shift': (('옮겨', '옮기'), ('이동시켜', '이동시키'), ('옮겨 놓아', '옮겨 놓으'),
              ('가져가', '가져가')),
    'fit': (('넣어', '넣으'), ('놓아', '놓으'), ('담아', '담으'), ('끼워 넣어', '끼워 넣으'),
            ('집어넣어', '집어넣으'), ('채워 넣어', '채워 넣으'), ('넣어 둬', '넣어 두')),
    'seat': (('올려놓아', '올려놓으'), ('놓아', '놓으'), ('앉혀', '앉히'), ('얹어', '얹으'),
             ('끼워', '끼우'), ('맞춰 놓아', '맞춰 놓으'), ('세워 놔', '세워 놓으')),
    'insert': (('끼워', '끼우'), ('꽂아', '꽂으'), ('끼워 넣어', '끼워 넣으'), ('넣어', '넣으'),
               ('집어넣어', '집어넣으'), ('꽂아 넣어', '꽂아 넣으')),
    'stack': (('쌓아', '쌓으'), ('올려', '올리'), ('얹어', '얹으'), ('올려놓아', '올려놓으'),
              ('포개', '포개'), ('쌓아 놔', '쌓아 놓으')),
    'lay': (('놓아', '놓으'), ('올려놓아', '올려놓으'), ('내려놓아', '내려놓으'), ('놔', '놓으'),
            ('눕혀 놔', '눕혀 놓으'), ('올려', '올리')),
    'hand': (('넘겨', '넘기'), ('옮겨', '옮기'), ('보내', '보내'), ('옮겨 놓아', '옮겨 놓으')),
    'press': (('눌러', '누르'),),
    'open': (('열어', '여'), ('풀어', '푸'), ('열어 놔', '열어 놓으'), ('풀어 놔', '풀어 놓으')),
    'close': (('닫아', '닫으'), ('잠가', '잠그'), ('조여', '조이'), ('닫아 놔', '닫아 놓으')),
    'push': (('밀어', '미'), ('밀어 보내', '밀어 보내'), ('밀어내', '밀어내')),
    'wipe': (('닦아', '닦으'), ('문질러', '문지르'), ('닦아 놔', '닦아 놓으')),
    # Of HELDOUT alone.
    'store': (('수납해', '수납하'), ('투입해', '투입하'), ('갖다 넣어', '갖다 넣으')),
    'carry': (('이송해', '이송하'), ('운반해', '운반하'), ('갖다 놔', '갖다 놓으')),
    'settle': (('안착시켜', '안착시키'), ('장착해', '장착하'), ('세팅해', '세팅하')),
    'mate': (('삽입해', '삽입하'), ('조립해', '조립하'), ('결합해', '결합하')),
    'pile': (('적재해', '적재하'), ('적층해', '적층하'), ('겹쳐 놔', '겹쳐 놓으')),
    'deliver': (('인계해', '인계하'), ('전달해', '전달하'), ('배치해', '배치하')),
    'trigger': (('작동시켜', '작동시키'), ('푸시해', '푸시하')),
    'release': (('해제해', '해제하'), ('개방해', '개방하'), ('젖혀서 풀어', '젖혀서 푸')),
    'fasten': (('체결해', '체결하'), ('걸어 잠가', '걸어 잠그'), ('고정시켜', '고정시키')),
    'shove': (('밀어붙여', '밀어붙이'), ('밀어서 이동시켜', '밀어서 이동시키'),
              ('밀어서 넘겨', '밀어서 넘기')),
    'clean': (('청소해', '청소하'), ('닦아 내', '닦아 내'), ('걸레질해', '걸레질하')),
}

# Registers, plain and polite. {a} the connective, {e} the stem.
ENDINGS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    'train': (('{a}', '{a} 줘', '{a} 줘', '{a}줘', '{a}라', '{a} 줄래?', '{a} 봐', '{a}야 해',
               '{a} 줄 수 있어?'),
              ('{a} 주세요', '{a} 주세요', '{a}주세요', '{e}세요', '{a}요', '{a} 주십시오',
               '{e}십시오', '{a} 주시겠어요?', '{a} 주시면 돼요', '{e}시면 됩니다')),
    'heldout': (('{a} 줘', '{a}주라', '{a} 줬으면 해', '{a} 주면 좋겠어'),
                ('{a} 주세요', '{a} 주실래요?', '{a} 주시기 바랍니다', '{a} 주시겠습니까?',
                 '{a} 줄래요?', '{a} 주시면 감사하겠습니다')),
}
# For what is said without a verb, and so without a register.
NEUTRAL: Final = ('지금 ', '이제 ', '먼저 ', '다음은 ')
PREFIXES: Final = (('저기, ', '지금 ', '자, ', '로봇아, ', '이제 ', '미안한데 ', '먼저 ', '다음은 ',
                    '빨리 ', '조심해서 ', '그럼 ', '야, '),
                   ('저기요, ', '지금 ', '자, ', '이제 ', '죄송한데 ', '먼저 ', '다음은 ',
                    '조심해서 ', '그럼 ', '네, ', '혹시 괜찮으시면 '))
SUFFIXES: Final = (('.', '!', ' 부탁해', '. 부탁해', ' 고마워', ', 알겠지?', '~'),
                   ('.', '.', ' 부탁합니다', '. 부탁드려요', ' 감사합니다', '. 고맙습니다'))

TRAIN: Final[dict[str, tuple[str, ...]]] = {
    'pick_place': PLAIN['ko'],
    'kit': (
        '{o:을} {in} {fit}', '{in} {o:을} {fit}', '{o} {in} {fit}', '{o} 좀 {in} {fit}',
        '{o:을} 집어서 {in} {fit}', '{o:을} 들어서 {in} {fit}', '{o:을} {to} {shift}',
        '{d}에는 {o:을} {fit}', '{o:은} {in} {fit}', '{o:이} {d}에 들어가게 해 줘',
        '키트에 쓸 {o:을} {in} {fit}', '{in} {fit}, {o:을}', '{o:을} {d}에 맞춰 {fit}',
        '{o} -> {d}', '{o}, {to}', '{in} 들어갈 건 {o:이야}', '{o:을} {in} 넣기',
        '{o:을} 찾아서 {in} {fit}', '{d:이} 비어 있으니까 거기에 {o:을} {fit}',
        '{o:을} 가져다가 {in} {fit}',
    ),
    'bin_pick': (
        '{s}에서 {o:을} 꺼내서 {in} {put}', '{s}에서 {o:을} 꺼내 {to} {move}',
        '{s}에 있는 {o:을} {in} {put}', '{s} 속 {o:을} {in} {put}',
        '{s}에서 {o} 꺼내서 {in} {put}', '{o:을} {s}에서 꺼내 {in} {put}',
        '{o:을} {s}에서 집어 {in} {put}', '{s}에서 {o:을} 집어 올려 {to} {move}',
        '{s}에서 {o:을} 골라 {in} {put}', '{s}에서 {o}만 꺼내서 {in} {put}',
        '{s}에 섞여 있는 {o:을} {to} {move}', '{s}에서 {o:을} 찾아 {in} {put}',
        '{in} {s}에서 꺼낸 {o:을} {put}', '{d}에는 {s}에 있는 {o:을} {put}',
        '{s}에서 {o:을} 빼서 {in} {put}', '{o}, {s}에서 꺼내서 {to}',
        '{s:을} 뒤져서 {o:을} {in} {put}', '{s}에서 {o:을} 꺼낸 다음 {in} {put}',
        '{s}에서 {o:을} 꺼내 {in} 넣기',
    ),
    'nest': (
        '{o:을} {in} {seat}', '{in} {o:을} {seat}', '{o} {in} {seat}', '{o} 좀 {in} {seat}',
        '{o:을} 집어서 {in} {seat}', '{o:을} 들어서 {in} {seat}', '{o:을} {to} {shift}',
        '{o:은} {in} {seat}', '{d}에는 {o:을} {seat}', '{o:을} {d}에 잘 맞게 {seat}',
        '{o:이} {d}에 꼭 맞게 들어가게 해 줘', '{in} {seat}, {o:을}', '{o} -> {d}',
        '{o}, {to}', '{o:을} {in} 올리기', '{o:을} 세운 채로 {in} {seat}',
        '{d}에 놓을 건 {o:이야}', '{o:을} 가져다가 {in} {seat}',
        '가공할 거니까 {o:을} {in} {seat}',
    ),
    'insert': (
        '{o:을} {in} {insert}', '{in} {o:을} {insert}', '{o} {in} {insert}',
        '{o} 좀 {in} {insert}', '{o:을} 집어서 {in} {insert}', '{o:을} 들고 {in} {insert}',
        '{o:은} {in} {insert}', '{d}에는 {o:을} {insert}', '{o:을} {d}에 끝까지 {insert}',
        '{o:을} 똑바로 세워서 {in} {insert}', '{o:이} {d}에 들어가게 해 줘',
        '{in} {insert}, {o:을}', '{o} -> {d}', '{o}, {to}', '{o:을} {in} 끼우기',
        '{d}에 꽂을 건 {o:이야}', '{o:을} {d:과} 맞춰서 {insert}',
        '{o:을} 가져다가 {in} {insert}', '{d}에 맞춰 {o:을} 살살 {insert}',
    ),
    'stack': (
        '{o:을} {in} {stack}', '{in} {o:을} {stack}', '{o} {in} {stack}', '{o} 좀 {in} {stack}',
        '{o:을} 집어서 {in} {stack}', '{o:을} 들어서 {in} {stack}', '{o:은} {in} {stack}',
        '{d} 위에는 {o:을} {stack}', '{in} {stack}, {o:을}', '{o:이} {d} 위에 오게 {stack}',
        '{o:을} {to} {shift}', '{o}, {to}', '{o:을} {in} 쌓기', '{d} 위에 올릴 건 {o:이야}',
        '{d:은} 그대로 두고 그 위에 {o:을} {stack}', '{o:을} 무너지지 않게 {in} {stack}',
        '{d:을} 밑에 두고 {o:을} 그 위에 {stack}', '{o:을} 가져다가 {in} {stack}',
    ),
    'hand_over': (
        '{o:을} {in} {lay}', '{in} {o:을} {lay}', '{o} {in} {lay}', '{o} 좀 {in} {lay}',
        '{o:을} 집어서 {in} {lay}', '{o:을} 들어서 {in} {lay}', '{o:을} {to} {hand}',
        '{o:은} {in} {lay}', '{d}에는 {o:을} {lay}', '{o:을} {d:과} 나란히 {lay}',
        '{o:을} {d} 방향에 맞춰 {lay}', '{in} {lay}, {o:을}', '{o} -> {d}', '{o}, {to}',
        '다음 공정에서 쓰게 {o:을} {in} {lay}', '{o:을} {in} 놓기', '{d}에 놓을 건 {o:이야}',
        '{o:을} 가져다가 {in} {lay}', '{o:을} {d} 길이 방향으로 {lay}',
    ),
    'belt_pick': (
        '{s}에서 {o:을} 집어 {in} {put}', '{s} 위의 {o:을} {in} {put}',
        '{s:을} 타고 오는 {o:을} {in} {put}', '{s}에 실려 오는 {o:을} 잡아서 {in} {put}',
        '{s}에서 움직이는 {o:을} 집어 {in} {put}', '{s}에 {o:이} 오면 {in} {put}',
        '{s}에 {o} 지나가면 집어서 {in} {put}', '{s} 위에 있는 {o:을} {to} {move}',
        '{o:을} {s}에서 집어 {to} {move}', '{o:이} {s:을} 타고 오면 {to} {move}',
        '{s}에서 {o} 잡아서 {in} {put}', '{in} {s} 위의 {o:을} {put}',
        '{d}에는 {s:으로} 오는 {o:을} {put}', '{s:을} 따라 흘러오는 {o:을} {in} {put}',
        '{o} 놓치지 말고 {s}에서 집어 {in} {put}', '{s}에서 {o}만 골라 {in} {put}',
        '{s} 위 {o}, {to}', '{s}에서 {o:을} 들어 올려 {in} {put}',
        '{s}에서 {o:을} 집어 {in} 넣기',
    ),
    'press': (
        '{o:을} {press}', '{o} {press}', '{o} 좀 {press}', '{o:을} 한 번 {press}',
        '{o:을} 꾹 {press}', '{o:은} {press}', '{press}, {o:을}', '{o:을} 끝까지 {press}',
        '손끝으로 {o:을} {press}', '{o}만 {press}', '{o:을} 살짝 {press}', '{o} 누르기',
        '패널에서 {o:을} {press}', '패널에 있는 {o:을} {press}', '{o:을} 찾아서 {press}',
        '누를 건 {o:이야}', '{o:이} 눌리게 해 줘', '{o:을} 위에서 {press}',
    ),
    'open_clamp': (
        '{o:을} {open}', '{o} {open}', '{o} 좀 {open}', '{l:을} 돌려서 {o:을} {open}',
        '{l:을} 밀어서 {open}', '{l:을} 열림 쪽으로 돌려 줘', '{o:은} {open}', '{open}, {o:을}',
        '{o:이} 열리게 해 줘', '잠긴 {o:을} {open}', '닫혀 있는 {o:을} {open}', '{o} 열기',
        '{l} 돌려서 {open}', '{o}만 {open}', '{o:을} 활짝 {open}', '{l:을} 젖혀서 {open}',
        '열어야 할 건 {o:이야}', '{o:을} 완전히 {open}',
    ),
    'close_clamp': (
        '{o:을} {close}', '{o} {close}', '{o} 좀 {close}', '{l:을} 돌려서 {o:을} {close}',
        '{l:을} 밀어서 {close}', '{l:을} 잠김 쪽으로 돌려 줘', '{o:은} {close}',
        '{close}, {o:을}', '{o:이} 닫히게 해 줘', '열린 {o:을} {close}',
        '열려 있는 {o:을} {close}', '{o} 닫기', '{l} 돌려서 {close}', '{o}만 {close}',
        '{o:을} 꽉 {close}', '{l:을} 되돌려서 {close}', '잠가야 할 건 {o:이야}',
        '{o:을} 단단히 {close}',
    ),
    'push': (
        '{o:을} {d} 너머로 {push}', '{o:을} {d:을} 넘어가게 {push}', '{d} 너머로 {o:을} {push}',
        '{o} {d} 너머로 {push}', '{o} 좀 {d} 밖으로 {push}', '{o:을} {d} 반대쪽으로 {push}',
        '{o:이} {d:을} 넘게 {push}', '{o:은} {d} 너머로 {push}', '{d} 건너편으로 {o:을} {push}',
        '{o:을} 집지 말고 {d} 너머로 {push}', '{d} 너머로 {push}, {o:을}',
        '{o:을} 밀어서 {d:을} 넘겨 줘', '{o} 밀기, {d} 너머로', '{d} 지나게 {o:을} {push}',
        '{o:을} 뒤에서 밀어 {d:을} 넘겨', '{o:이} {d} 밖에 있게 {push}',
        '{o:을} {d:을} 지날 때까지 {push}', '{d:을} 넘도록 {o:을} 쭉 {push}',
    ),
    'wipe': (
        '{o:을} {wipe}', '{o} {wipe}', '{o} 좀 {wipe}', '{o:을} 따라 {wipe}',
        '{o:을} 끝까지 {wipe}', '{o:을} 처음부터 끝까지 {wipe}', '{o} 위를 {wipe}',
        '{o:을} 한 번 {wipe}', '{o:을} 따라서 쭉 {wipe}', '테이블에 있는 {o:을} {wipe}',
        '{o:은} {wipe}', '{wipe}, {o:을}', '{o:을} 깨끗하게 {wipe}', '{o} 닦기',
        '{o} 한쪽 끝에서 다른 쪽 끝까지 {wipe}', '닦을 건 {o:이야}', '{o:을} 훑듯이 {wipe}',
        '{o:을} 빠짐없이 {wipe}',
    ),
}

HELDOUT: Final[dict[str, tuple[str, ...]]] = {
    'pick_place': (
        '{o:을} 쥐고 {d}에 떨어뜨려 줘', '{o:을} {d}에 {store}', '{o:이} {d} 안에 있어야 합니다',
        '{d} 쪽으로 {o:을} {carry}', '{o} 들고 가서 {d}에 내려 줄래요?',
        '{o}부터 골라내서 {d:으로} 정리해 놔', '{d}에 들어갈 부품은 {o:이야}',
        '{o:을} 픽업해서 {d}에 {store}', '{o:을} 지금 있는 곳에서 {d:으로} {carry}',
    ),
    'kit': (
        '{o:을} {d}에 {store}', '{d} 자리는 {o} 거니까 거기에 {store}', '{o:을} {d:으로} {carry}',
        '키팅 작업: {o:을} {d}에 {store}', '{d}에 빈 자리가 있지? {o:을} 거기 {store}',
        '{o:이} {d} 안에 있어야 합니다', '{o:을} 픽업해서 {d}에 {store}',
        '{d} 담당은 {o:이에요}', '{d}에 {o:을} 배치해 주시면 됩니다',
    ),
    'bin_pick': (
        '{s}에서 {o:을} 피킹해서 {d}에 {store}', '{s}에 있는 것들 중에 {o:을} {d}에 {store}',
        '{o:을} {s}에서 들어내 {d:으로} {carry}', '{s} 안쪽의 {o:을} {d:으로} {carry}',
        '{d}에 담을 {o:이} {s}에 있으니 {carry}', '{s}에서 {o:을} 건져서 {d}에 {store}',
        '{s}에 파묻힌 {o:을} {d:으로} {carry}', '{o:은} {s}에서 {d:으로} {carry}',
        '{s} -> {d}, {o}만',
    ),
    'nest': (
        '{o:을} {d}에 {settle}', '{d}에 {o:을} 똑바로 {settle}', '{o:을} {d:으로} {carry}',
        '{o:이} {d}에 안착되어야 합니다', '{o:을} 픽업해서 {d}에 {settle}',
        '{d:이} 비었으니 {o:을} {settle}', '{d} 위치에 {o:을} 정확히 {settle}',
        '조립 준비로 {o:을} {d}에 {settle}', '{d}에 물릴 부품은 {o:이에요}',
    ),
    'insert': (
        '{o:을} {d}에 {mate}', '{d}에다 {o:을} 수직으로 {mate}', '{o:을} {d:과} {mate}',
        '{o:이} {d} 바닥까지 들어가야 합니다', '{o:을} 픽업해서 {d}에 {mate}',
        '{d} 위치에 {o:을} 정확히 {mate}', '{o} 삽입 위치는 {d:이에요}',
        '{d:을} 찾아 {o:을} {mate}', '조립 작업: {o:을} {d}에 {mate}',
    ),
    'stack': (
        '{o:을} {d} 위에 {pile}', '{d} 위쪽에 {o:을} {pile}', '{d} 위로 {o:을} 가지런히 {pile}',
        '{o:이} {d} 위에 얹혀 있어야 합니다', '{o:을} 픽업해서 {d} 위에 {pile}',
        '아래는 {d}, 위는 {o}, 이렇게 {pile}', '{d:을} 받침으로 해서 {o:을} 위에 {pile}',
        '{o:을} 2단으로, {d} 위에 {pile}', '{d} 꼭대기에 {o:을} {pile}',
    ),
    'hand_over': (
        '{o:을} {d}에 {deliver}', '{d:으로} {o:을} {deliver}', '{o:이} {d} 위에 나란히 있어야 합니다',
        '{o:을} 픽업해서 {d}에 {deliver}', '다음 작업자에게 가게 {o:을} {d}에 {deliver}',
        '{d} 위치에 {o:을} 결대로 {deliver}', '{o:을} {d:과} 평행하게 {deliver}',
        '{o} 인계 장소는 {d:이에요}', '{d} 쪽에 {o:을} 길게 뉘어서 {deliver}',
    ),
    'belt_pick': (
        '{s}에서 {o:을} 픽업해서 {d}에 {store}', '{s:으로} 운반되는 {o:을} {d}에 {store}',
        '{s}에 {o:이} 보이면 낚아채서 {d}에 {store}', '흘러가는 {s} 위에서 {o:을} {d:으로} {carry}',
        '{s}에 올라온 {o:은} {d:으로} {carry}', '{o:이} {s} 끝에 가기 전에 {d}에 {store}',
        '{s} 위를 지나는 {o:을} {d:으로} {carry}', '{s} -> {d}, {o}만',
        '{s}에서 {o:을} 들어내 {d}에 {store}',
    ),
    'press': (
        '{o:을} {trigger}', '{o} 쪽을 한 번 {trigger}', '{o:을} 손가락으로 톡 {trigger}',
        '{o} 입력 부탁드립니다', '{o:이} 눌려 있어야 합니다', '다른 건 말고 {o:을} {trigger}',
        '{o:을} 누름 처리해 주세요', '조작반의 {o:을} {trigger}', '{o:을} 딸깍 소리 나게 {trigger}',
    ),
    'open_clamp': (
        '{o:을} {release}', '{o} 잠금을 {release}', '{l:을} 당겨서 잠금을 {release}',
        '{o:이} 풀려 있어야 합니다', '부품을 뺄 수 있게 {o:을} {release}', '{o} 해제 부탁드립니다',
        '{o:을} 언클램프 상태로 만들어 주세요', '{l:을} 돌려 체결을 {release}',
        '{o:이} 물고 있는 걸 놓게 {release}',
    ),
    'close_clamp': (
        '{o:을} {fasten}', '{o:이} 움직이지 않게 {fasten}', '{l:을} 눌러서 {fasten}',
        '{o:이} 잠겨 있어야 합니다', '부품이 빠지지 않게 {o:을} {fasten}', '{o} 체결 부탁드립니다',
        '{o:을} 클램핑 상태로 만들어 주세요', '{l:을} 끝까지 돌려 {fasten}',
        '풀려 있는 {o:을} {fasten}',
    ),
    'push': (
        '{o:을} {d} 저편으로 {shove}', '{d:을} 통과하도록 {o:을} {shove}',
        '{o:이} {d:을} 넘어가 있어야 합니다', '{o:을} 들지 말고 {d} 바깥까지 {shove}',
        '{d:을} 기준으로 {o:을} 반대편에 {shove}', '{o} 밀어내기 부탁드려요, {d} 바깥쪽으로',
        '{d} 저쪽까지 {o:을} {shove}', '손끝으로 {o:을} {d} 저쪽에 {shove}',
        '{o:을} {d} 뒤로 {shove}',
    ),
    'wipe': (
        '{o:을} {clean}', '{o} 부분을 {clean}', '{o} 전체를 쓱 {clean}',
        '{o:이} 깨끗해지도록 {clean}', '{o:을} 이쪽 끝에서 저쪽 끝까지 {clean}',
        '{o} 청소 부탁드립니다', '더러워진 {o:을} {clean}', '작업대의 {o:을} {clean}',
        '{o} 자리를 따라가며 {clean}',
    ),
}
