"""A small invented company in three layers, to be broken by the tests."""
from pathlib import Path

EXAMPLE = Path(__file__).parent / 'knowledge' / 'example'
PARTS, PLACES, TOOLS, PROCEDURES, STEPS, DEFECTS = (
    (EXAMPLE / f'{name}.csv').read_text(encoding='utf-8')
    for name in ('parts', 'places', 'tools', 'procedures', 'steps', 'defects'))
RULES = (EXAMPLE / 'rules.yaml').read_text(encoding='utf-8')
SITE = 'name_ko: 보기\nname_en: Example\nlevel: {level}\n'


def write(folder, **files):
    """Write files of a layer; `parts` becomes parts.csv, `rules` and `site` YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        ending = 'yaml' if name in ('rules', 'site') else 'csv'
        (folder / f'{name}.{ending}').write_text(text, encoding='utf-8')
    return folder
