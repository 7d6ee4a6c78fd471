"""What is wrong with a knowledge file: where, what stands there, and what was expected.

A fault keeps its values, so that it can be told in Korean or English, shown in a table or sent
as JSON.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lam_ws.errors import ConfigurationError
from lam_ws.rules import quoted
from lam_ws.source import shown

# code: Korean, English. What stands in braces is a value of the fault.
TEXTS: Mapping[str, tuple[str, str]] = {
    'unreadable': ('읽을 수 없습니다: {why}', 'cannot be read: {why}'),
    'missing_file': ('이 폴더에 {value} 파일이 있어야 합니다', 'this folder needs a {value}'),
    'no_folder': ('이런 폴더가 없습니다', 'there is no such folder'),
    'unknown_file': ('알 수 없는 파일입니다. 쓸 수 있는 파일: {expected}',
                     'is none of the files of a layer: {expected}'),
    'too_large': ('{expected}바이트보다 큽니다', 'is larger than {expected} bytes'),
    'not_utf8': ('UTF-8이 아닙니다. "CSV UTF-8(쉼표로 분리)"로 다시 저장하십시오',
                 'is not UTF-8; save it again as "CSV UTF-8 (comma delimited)"'),
    'yaml': ('YAML 형식이 틀렸습니다: {why}', 'is not valid: {why}'),
    'csv': ('따옴표가 맞지 않습니다', 'has quotes that do not match'),
    'empty_file': ('비어 있습니다. 첫 행에 열 이름이 있어야 합니다',
                   'is empty; its first row must name the columns'),
    'column_unknown': ('{value}(이)라는 열은 없습니다. 쓸 수 있는 열: {expected}',
                       'there is no column {value}; there are {expected}'),
    'column_twice': ('{value} 열이 두 번 있습니다', 'the column {value} stands twice'),
    'column_missing': ('{expected} 열이 있어야 합니다', 'the column {expected} is missing'),
    'cells': ('칸이 {value}개입니다. 첫 행처럼 {expected}개여야 합니다',
              'has {value} cells, the first row has {expected}'),
    'control': ('보이지 않는 문자(U+{code_point})가 있습니다',
                'has an invisible character, U+{code_point}'),
    'too_long': ('{expected}자보다 깁니다', 'is longer than {expected} characters'),
    'needed': ('비어 있으면 안 됩니다', 'must not be empty'),
    'id': ('{value}: 영문 소문자로 시작하고 소문자, 숫자, _ 로만 48자까지여야 합니다',
           '{value}: must begin with a lower-case letter and have only those, digits and _, '
           'at most 48'),
    'id_twice': ('{value}: 이미 {where} 에 있습니다', '{value}: stands already in {where}'),
    'number': ('{value}: 숫자여야 합니다. 예: 0.35 (단위와 쉼표 없이)',
               '{value}: must be a plain number such as 0.35, no unit, no comma'),
    'range': ('{value}: {low}에서 {high} 사이여야 합니다',
              '{value}: must be within {low} .. {high}'),
    'whole': ('{value}: 정수여야 합니다', '{value}: must be a whole number'),
    'flag': ('{value}: yes 또는 no여야 합니다', '{value}: must be yes or no'),
    'choice': ('{value}: 다음 중 하나여야 합니다: {expected}',
               '{value}: must be one of {expected}'),
    'date': ('{value}: 2026-11-28 같은 날짜여야 합니다',
             '{value}: must be a day such as 2026-11-28'),
    'name_empty': ('{value}: 글자나 숫자가 없습니다', '{value}: has neither letters nor digits'),
    'script': ('{value}: "{letter}"는 한글, 영문자, 숫자가 아닙니다',
               '{value}: "{letter}" is no Hangul, Latin letter or digit'),
    'name_twice': ('{value}: 이미 {where} 의 {other} 을(를) 뜻합니다',
                   '{value}: already means {other}, in {where}'),
    'entry_twice': ('{value}: 한 칸에 두 번 있습니다', '{value}: stands twice in this cell'),
    'thing_unknown': ('{value}: {expected} 표에 없습니다',
                      '{value}: is not in the table {expected}'),
    'look': ('{value}: "red ball_joint"처럼 색과 종류여야 합니다. 색: {colours}. 종류: {kinds}',
             '{value}: must be a colour and a kind such as "red ball_joint"; colours: {colours}; '
             'kinds: {kinds}'),
    'look_twice': ('{value}: 이미 {where} 의 {other} 의 모습입니다',
                   '{value}: is already how {other} looks, in {where}'),
    'together': ('{expected}: 모두 있거나 모두 비어 있어야 합니다',
                 '{expected}: must all be given or none'),
    'less': ('{value}: {expected} 보다 크면 안 됩니다', '{value}: must not be above {expected}'),
    'loosens': ('{value}: {where} 의 {expected} 보다 느슨합니다. 뜻한 것이면 overrides.csv에 '
                '쓰십시오',
                '{value}: is looser than {expected} in {where}; if that is meant, write it into '
                'overrides.csv'),
    'override_nothing': ('{value}: {expected} 에 그런 행이 없습니다',
                         '{value}: there is no such row in {expected}'),
    'after_itself': ('{value}: 결국 자기 자신 다음에 오게 됩니다', '{value}: comes after itself'),
    'key_unknown': ('{value}(이)라는 항목은 없습니다. 쓸 수 있는 항목: {expected}',
                    'there is no key {value}; there are {expected}'),
    'key_twice': ('{value} 항목이 두 번 있습니다', 'the key {value} stands twice'),
    'mapping': ('`항목: 값` 줄이어야 합니다', 'must be `key: value` lines'),
    'list': ('목록이어야 합니다', 'must be a list'),
    'scalar': ('한 줄의 값이어야 합니다', 'must be a single value'),
    'limits_only': ('verdict가 limit일 때, 그때만 limits가 있어야 합니다',
                    'limits belong to the verdict limit, and that needs them'),
    'when_empty': ('when에 조건이 하나는 있어야 합니다',
                   'needs at least one condition under when'),
    'level': ('{value}: 이 폴더 깊이에서는 {expected} 이어야 합니다',
              '{value}: a folder this deep must be a {expected}'),
    'formula': ('{value}: 스프레드시트가 수식으로 읽습니다. 앞의 기호를 빼십시오',
                '{value}: a spreadsheet would read it as a formula; take off the first sign'),
    'single': ('{value}: 값이 둘 이상입니다', '{value}: there is more than one value'),
    'form': ('{value}: 다음 형식이어야 합니다: {expected}', '{value}: must be {expected}'),
    'iri': ('{value}: {expected} 로 시작하는 IRI여야 합니다',
            '{value}: must be an IRI that begins with {expected}'),
    'too_many': ('잘못되었거나 모르는 내용이 {expected}개를 넘습니다. 다른 종류의 파일입니다',
                 'has more than {expected} wrong or foreign statements; it is of another kind'),
    'unit_missing': ('단위가 없습니다. 쓸 수 있는 단위: {expected}',
                     'has no unit; there are {expected}'),
    'unit': ('{value}: 알 수 없는 단위입니다. 쓸 수 있는 단위: {expected}',
             '{value}: is no known unit; there are {expected}'),
    'only_here': ('{value}: 같은 파일에 적힌 행은 다르게 말합니다. 행을 고치십시오',
                  '{value}: the rows in the same file say otherwise; mend the rows'),
    'only_rows': ('{value}: 행에만 있고 데이터에는 없습니다. 행을 고치십시오',
                  '{value}: only the rows in the same file say so; mend the rows'),
}


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        code: A key of `TEXTS`.
        file: Where.
        row: As a spreadsheet counts, the names of the columns being row 1; of YAML its line.
        column: Name of the column, or dotted key; '' where the whole row is meant.
        value: What stands there.
        nearest: The known word that was most likely meant.
        more: Other values of the text.
    """

    code: str
    file: Path
    row: int | None = None
    column: str = ''
    value: str = ''
    nearest: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """Return file:row:column, as far as they are known."""
        parts = [str(shown(self.file)), *([] if self.row is None else [str(self.row)])]
        return ':'.join([*parts, *([self.column] if self.column else [])])

    def text(self, language: str) -> str:
        """Return the fault as one line, in 'ko' or 'en'."""
        said = TEXTS[self.code][0 if language == 'ko' else 1]
        said = said.format(value=quoted(self.value), **self.more)
        if self.nearest is not None:
            said += f" ('{self.nearest}'?)" if language == 'ko' else \
                f" (did you mean '{self.nearest}'?)"
        return f'{self.where}: {said}'

    def error(self, language: str = 'en') -> ConfigurationError:
        """Return it as an exception."""
        text = self.text(language).removeprefix(f'{self.where}: ')
        column = f'{self.column}: ' if self.column else ''
        return ConfigurationError(column + text, shown(self.file), self.row)
