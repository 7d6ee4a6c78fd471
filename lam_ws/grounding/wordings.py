"""The ways to ask for one pick and place: wordings, and the verbs that fill them.

Slots of a wording: `o` the part, `d` the bin, a particle after a colon ('{o:을}'), `in`
and `to` the bin with a particle that goes with putting or moving, `put` and `move` a verb
of that sort in some ending. TRAIN and HELDOUT share no wording: what a text encoder is
judged by it has never read.
"""
from typing import Final

PREFIXES: Final[dict[str, tuple[str, ...]]] = {
    'ko': ('저기요 ', '저기, ', '지금 ', '자, ', '로봇아, ', '이제 ', '미안한데 ', '부탁인데 ',
           '먼저 ', '다음은 ', '빨리 ', '조심해서 ', '그럼 ', '네, '),
    'en': ('please ', 'could you ', 'can you ', 'now ', 'robot, ', 'hey, ', 'ok, ',
           'would you please ', 'next, ', 'kindly ', 'go ahead and ', 'i want you to ',
           'i need you to ', 'carefully '),
}
SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    'ko': ('.', '!', ' 부탁해', ' 부탁합니다', ' 고마워', ', 알겠지?', '~'),
    'en': ('.', '!', ' please', ', please', ' now', ' thanks', ', thank you', ' for me'),
}

KO_IN: Final = ('{}에', '{}에', '{}에', '{} 안에', '{}에다', '{}에다가', '{} 속에')
KO_TO: Final = ('{:으로}', '{:으로}', '{}에', '{} 쪽으로', '{} 안으로', '{} 속으로')
KO_OBJECTS: Final = ('{c} {k}',) * 6 + ('{c}{k}', '{c} {k} 하나', '{c} {k} 한 개', '그 {c} {k}',
                                        '저 {c} {k}')

# (connective, stem) of each verb: '넣어' + '줘', '넣으' + '세요'.
KO_PUT: Final = (('넣어', '넣으'), ('담아', '담으'), ('놓아', '놓으'), ('놔', '놓으'),
                 ('둬', '두'), ('집어넣어', '집어넣으'), ('내려놓아', '내려놓으'),
                 ('넣어 놓아', '넣어 놓으'), ('담아 둬', '담아 두'),
                 ('가져다 놓아', '가져다 놓으'))
KO_MOVE: Final = (('옮겨', '옮기'), ('치워', '치우'), ('이동시켜', '이동시키'),
                  ('옮겨 놓아', '옮겨 놓으'), ('옮겨 담아', '옮겨 담으'), ('보내', '보내'),
                  ('가져가', '가져가'))
# {a} the connective, {e} the stem.
KO_ENDINGS: Final = ('{a}', '{a}줘', '{a} 줘', '{a}라', '{a}주세요', '{a} 주세요', '{e}세요',
                     '{a} 주십시오', '{e}십시오', '{a} 줄래?', '{a}줄래', '{a}요', '{a} 봐',
                     '{a} 주시겠어요?', '{a} 주시면 돼요', '{a}야 해', '{a} 줄 수 있어?',
                     '{e}시면 됩니다')

EN_IN: Final = ('in', 'into', 'in', 'inside', 'to')
EN_OBJECTS: Final = ('the {c} {k}',) * 5 + ('{c} {k}', 'that {c} {k}', 'a {c} {k}',
                                            'one {c} {k}', 'the {k} that is {c}')
EN_BINS: Final = ('the {c} {k}',) * 5 + ('{c} {k}', 'that {c} {k}')

TRAIN: Final[dict[str, tuple[str, ...]]] = {
    'ko': (
        '{o:을} {in} {put}', '{o:을} {in} {put}', '{in} {o:을} {put}', '{o:을} {to} {move}',
        '{to} {o:을} {move}', '{o} {in} {put}', '{in} {o} {put}', '{o} {to} {move}',
        '{o:을} 집어서 {in} {put}', '{o:을} 집어 {to} {move}', '{o:을} 들어서 {to} {move}',
        '{o:을} 잡아서 {in} {put}', '{o:을} 집어 들고 {in} {put}', '{o:을} 들고 {in} {put}',
        '{o:을} 찾아서 {in} {put}', '{o:을} 골라서 {in} {put}', '{o:은} {to} {move}',
        '{o:은} {in} {put}', '{o} 좀 {in} {put}', '{o:을} 가져다가 {in} {put}',
        '테이블 위에 있는 {o:을} {in} {put}', '저기 보이는 {o:을} {to} {move}',
        '{o:을} 집은 다음 {in} {put}', '{o:을} 집어 올려서 {to} {move}', '{o}만 {in} {put}',
        '{in} {put}, {o:을}', '{o:을} 집고 나서 {in} {put}', '{d}에는 {o:을} {put}',
        '{o:이} {d} 안에 들어가게 해 줘', '{o} 집어서 {to}', '{o:을} {to}', '{o}, {to}',
        '{o} -> {d}', '{d} 안에 {o:을} 잘 {put}', '{o:을} 여기 {in} {put}',
        '{o:을} {in} 넣기', '{o:을} {to} 옮기기', '{o} 잡고 {to} {move}',
        '{in} 넣을 것은 {o}', '{o:을} 살살 {in} {put}',
    ),
    'en': (
        'put {o} {in} {d}', 'put {o} {in} {d}', 'place {o} {in} {d}', 'move {o} to {d}',
        'drop {o} {in} {d}', 'transfer {o} to {d}', 'pick up {o} and put it {in} {d}',
        'pick {o} up and place it {in} {d}', 'take {o} and put it {in} {d}',
        'grab {o} and drop it {in} {d}', 'pick {o} and place it {in} {d}',
        'lift {o} and set it down {in} {d}', 'take {o} to {d}', 'bring {o} to {d}',
        'carry {o} over to {d}', 'load {o} into {d}', 'set {o} down {in} {d}',
        'grasp {o} and release it {in} {d}', '{o} goes {in} {d}', '{o} {in} {d}',
        '{o} to {d}', '{in} {d} put {o}', 'deposit {o} {in} {d}', 'get {o} into {d}',
        'find {o} and put it {in} {d}', 'put just {o} {in} {d}', 'shift {o} over to {d}',
        'pick up {o}, then put it {in} {d}', 'move {o} from the table {in} {d}',
        'take {o} off the table and place it {in} {d}', '{d}: {o}', '{o} -> {d}',
        'put {o} here, {in} {d}', 'the thing to put {in} {d} is {o}',
        'i want {o} {in} {d}', 'let us put {o} {in} {d}',
    ),
}

HELDOUT: Final[dict[str, tuple[str, ...]]] = {
    'ko': (
        '{o:을} 쥐고 {d}에 떨어뜨려 줘', '{o:을} {d}에 수납해 주세요',
        '{o:이} {d} 안에 있어야 합니다', '{d} 쪽으로 {o:을} 이송해',
        '{o} 들고 가서 {d}에 내려 줄래요?', '{o}부터 골라내서 {d:으로} 정리해 놔',
        '{d}에 들어갈 부품은 {o:이야}', '{o:을} {d:으로} 갖다 놔', '{d}에 {o:을} 채워 넣을래?',
        '{o:을} 픽업해서 {d}에 투입하세요', '탁자에 놓인 {o:을} {d} 속에다 모아 줘',
        '{o:을} 지금 있는 곳에서 {d:으로} 가져다주세요',
    ),
    'en': (
        '{o} should end up in {d}', 'stow {o} away in {d}', '{d} needs {o}',
        'relocate {o} so that it lies in {d}', 'fetch {o} and leave it inside {d}',
        'i would like to see {o} in {d}', 'make sure {o} is in {d}',
        'there is {o} on the bench, it belongs in {d}', 'deliver {o} to {d}',
        'hold {o} over {d} and let go', 'sort {o} into {d}', 'fill {d} with {o}',
    ),
}
