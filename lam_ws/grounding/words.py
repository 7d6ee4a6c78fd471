"""The words the policy is taught: nothing enters, tables of kinds, colours and bins leave.

A checkpoint learns exactly these, so they are code and change only together with a new
training run. What an operator of a site may say is wider and is data
(config/knowledge/<company>/vocabulary.yaml); the grammar translates the difference. The
first word of each row is the canonical one.
"""
from typing import Final

LANGUAGES: Final = ('ko', 'en')
PART_COLOURS: Final = ('red', 'green', 'blue', 'yellow')
BIN_COLOURS: Final = ('black', 'white')

KINDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    'ko': {
        'cube': ('큐브', '정육면체', '육면체'),
        'cylinder': ('원통', '원기둥', '실린더'),
        'bar': ('막대', '각재', '막대기'),
    },
    'en': {
        'cube': ('cube', 'square block', 'cube block'),
        'cylinder': ('cylinder', 'cylindrical part', 'round cylinder'),
        'bar': ('bar', 'stick', 'long bar'),
    },
}

COLOURS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    'ko': {
        'red': ('빨간', '빨간색', '빨강', '붉은', '적색', '빨강색'),
        'green': ('초록', '초록색', '녹색', '초록빛'),
        'blue': ('파란', '파란색', '파랑', '청색', '파랑색'),
        'yellow': ('노란', '노란색', '노랑', '황색', '노랑색'),
        'black': ('검은', '검은색', '검정', '까만', '흑색', '검정색', '까만색'),
        'white': ('하얀', '흰', '흰색', '하얀색', '백색', '하양'),
    },
    'en': {name: (name,) for name in (*PART_COLOURS, *BIN_COLOURS)},
}

BINS: Final[dict[str, tuple[str, ...]]] = {
    'ko': ('상자', '통', '박스', '함', '바구니'),
    'en': ('box', 'bin', 'tray', 'container', 'basket'),
}
