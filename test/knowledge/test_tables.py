"""What may stand in a table, and that everything else is named with its row and column."""
from pathlib import Path

from example_company import DEFECTS, PARTS, PLACES, RULES, STEPS, TOOLS, write
from lam_ws.knowledge.faults import TEXTS
from lam_ws.knowledge.fuzzing import fuzz, misread
from lam_ws.knowledge.knowledge import examine
from lam_ws.knowledge.tables import FILES, TABLES
import pytest

ROW = 'bj20,볼조인트 20,ball joint 20,BJ-20;볼죠인트,0.35,30,no,jaw,60,0.5,,,QS-1 2'


def faults(folder, **files):
    """Return (code, row, column) of every fault once files are changed."""
    return [(one.code, one.row, one.column) for one in examine(write(folder, **files))[1]]


@pytest.mark.parametrize(('old', 'new', 'fault'), [
    ('0.35', '0,35', ('cells', 2, '')), ('0.35', '"0,35"', ('number', 2, 'mass_kg')),
    ('0.35', '0.35 kg', ('number', 2, 'mass_kg')), ('0.35', '0.３5', ('number', 2, 'mass_kg')),
    ('0.35', '.35', ('number', 2, 'mass_kg')), ('0.35', '3.5e-1', ('number', 2, 'mass_kg')),
    ('0.35', 'nan', ('number', 2, 'mass_kg')), ('0.35', '-0.35', ('range', 2, 'mass_kg')),
    ('0.35', '0x1', ('number', 2, 'mass_kg')), ('0.35', '00.35', ('number', 2, 'mass_kg')),
    ('0.35', '350', ('range', 2, 'mass_kg')), ('0.35', '', ('needed', 2, 'mass_kg')),
    ('0.35', '0.35\u200b', ('control', 2, 'mass_kg')),
    ('no,jaw', 'No,jaw', ('flag', 2, 'fragile')), ('no,jaw', '0,jaw', ('flag', 2, 'fragile')),
    ('no,jaw', 'no,jaws', ('thing_unknown', 2, 'tools')),
    ('no,jaw', 'no,jaw;jaw', ('entry_twice', 2, 'tools')),
    ('no,jaw', 'no,jaw;', ('needed', 2, 'tools')),
    ('no,jaw', 'no,bj20', ('thing_unknown', 2, 'tools')),
    ('볼조인트 20', '"볼조\n인트"', ('control', 2, 'name_ko')),
    ('볼조인트 20', '---', ('name_empty', 2, 'name_ko')),
    ('볼조인트 20', '볼' * 81, ('too_long', 2, 'name_ko')),
    ('볼조인트 20', '\u202e볼조인트', ('control', 2, 'name_ko')),
    ('볼조인트 20', '각형셀', ('name_twice', 3, 'name_ko')),
    ('bj20,', 'BJ20,', ('id', 2, 'id')), ('bj20,', ',', ('needed', 2, 'id')),
    ('bj20,', 'jaw,', ('id_twice', 2, 'id')),
    (',,,QS-1 2', ',,red balljoint,QS-1 2', ('look', 2, 'appearance')),
    ('QS-1 2', '', ('needed', 2, 'source'))])
def test_a_wrong_cell_is_named(company, old, new, fault):
    """Pins each way in which a cell of a row can be wrong."""
    assert ROW in PARTS
    assert fault in faults(company, parts=PARTS.replace(ROW, ROW.replace(old, new, 1), 1))


@pytest.mark.parametrize(('files', 'fault'), [
    ({'parts': PARTS.replace('mass_kg', 'mass')}, ('column_unknown', 1, '')),
    ({'parts': PARTS.replace('grip_mm', 'mass_kg')}, ('column_twice', 1, '')),
    ({'parts': PARTS.replace('id,', 'source,', 1)}, ('column_twice', 1, '')),
    ({'parts': ''}, ('empty_file', 1, '')),
    ({'parts': PARTS + ROW + '\n'}, ('id_twice', 4, 'id')),
    ({'parts': PARTS + '"x,1\n'}, ('csv', 4, '')),
    ({'places': PLACES.replace('machine,,,,', 'machine,,1,2,')}, ('together', 3, 'x_m')),
    ({'places': PLACES.replace('machine', 'oven')}, ('choice', 3, 'kind')),
    ({'tools': TOOLS.replace('gripper,0,80', 'gripper,90,80')}, ('less', 2, 'min_grip_mm')),
    ({'tools': TOOLS.replace('gripper,0,80', 'gripper,,80')}, ('together', 2, 'max_grip_mm')),
    ({'steps': STEPS.replace('sop_bj,1', 'sop_bj,1.5')}, ('whole', 2, 'number')),
    ({'steps': STEPS.replace('sop_bj', 'bj20')}, ('thing_unknown', 2, 'sop')),
    ({'steps': STEPS.replace('bj20,,,SOP-1', 'bj20,,sort,SOP-1')}, ('after_itself', 2, 'after')),
    ({'defects': DEFECTS.replace('quarantine', 'bj20')}, ('thing_unknown', 2, 'disposition')),
    ({'rules': RULES.replace('crack]', 'cracks]')}, ('thing_unknown', 2, 'when.defect')),
    ({'rules': RULES.replace('stack]', 'stacks]')}, ('choice', 5, 'rules[0].when.skill')),
    ({'rules': RULES.replace('refuse', 'limit')}, ('limits_only', 2, 'rules[0].limits')),
    ({'rules': RULES.replace('0.2}', '30}')}, ('range', 13, 'rules[1].limits.max_speed_m_s')),
    ({'rules': RULES.replace('verdict', 'verdikt', 1)}, ('key_unknown', 6, 'rules[0]')),
    ({'rules': RULES.replace('slow_cells', 'bj20')}, ('id_twice', 10, 'id')),
    ({'rules': RULES.replace('[crack]', '*x')}, ('yaml', 4, '')),
    ({'site': 'name_ko: 가\nname_en: a\n'}, ('needed', 1, 'level'))])
def test_a_wrong_file_is_named(company, files, fault):
    """Pins each way in which a file can be wrong beyond a cell of parts.csv."""
    assert fault in faults(company, **files)


def test_bytes_of_another_encoding_are_refused(company):
    """Pins a file that a Korean spreadsheet saved as CP949: no name is guessed."""
    (company / 'parts.csv').write_bytes(PARTS.encode('cp949'))
    found = next(one for one in examine(company)[1] if one.code == 'not_utf8')
    assert (found.file.name, found.row) == ('parts.csv', 2) and '다시 저장' in found.text('ko')


def test_what_a_spreadsheet_adds_is_taken(company):
    """Pins the byte order mark, its line ends, empty rows and remarks."""
    before = examine(company)[0].version()
    text = '\ufeff' + PARTS.replace('\n', '\r\n') + ',' * 12 + '\r\n# later,' + ',' * 11 + '\r\n'
    (company / 'parts.csv').write_text(text, encoding='utf-8', newline='')
    assert faults(company) == [] and examine(company)[0].version() == before


def test_a_file_that_belongs_to_no_table_is_named(company):
    """Pins part.csv, which nobody would read."""
    (company / 'part.csv').write_text(PARTS)
    found = examine(company)[1]
    assert [(one.code, one.nearest) for one in found] == [('unknown_file', 'parts.csv')]


def test_every_fault_has_a_row_a_mend_and_two_languages(company):
    """Pins that the texts can be filled, for whoever adds one."""
    broken = PARTS.replace('0.35', 'x').replace('no,jaw', 'No,jow').replace('BJ-20;', 'BJ-20;;')
    for one in examine(write(company, parts=broken, tools=TOOLS.replace('gripper', 'griper')))[1]:
        assert one.row is not None and one.column
        assert one.text('ko') != one.text('en') and '{' not in one.text('ko') + one.text('en')
    assert all(len(both) == 2 and all(both) for both in TEXTS.values())


def test_a_file_with_mistakes_is_refused_or_read_as_it_stands(company):
    """Pins: no crash, a row for every fault, no value that its cell does not say.

    `lam kb fuzz` goes on where this stops.
    """
    *_, found = fuzz(company, 300, seed=5)
    assert found.files == 300 and not found.wrong
    assert 100 < found.refused < 300


def test_the_search_for_misread_values_finds_one(company):
    """Pins that the check above can fail."""
    known = examine(company)[0]
    write(company, parts=PARTS.replace('0.35', '0.36'))
    assert len(list(misread(known))) == 1


def test_the_guide_has_every_column():
    """Pins docs/howto_knowledge.md to the tables."""
    guide = (Path(__file__).parents[2] / 'docs' / 'howto_knowledge.md').read_text()
    for columns in TABLES.values():
        assert all(column.name in guide for column in columns)
    assert all(name in guide for name in FILES)
