"""The example company with a cell: enough of everything to be refused for any reason."""
from example_company import DEFECTS, PARTS, PLACES, PROCEDURES, RULES, SITE, STEPS, TOOLS, write
from lam_ws.grounding.factory.checking.checker import Checker
from lam_ws.grounding.factory.order import Step
from lam_ws.knowledge.knowledge import load_knowledge

# id,name_ko,name_en,aliases,mass_kg,grip_mm,fragile,tools,max_force_n,max_speed_m_s,hot_c,
# appearance,source
MORE_PARTS = PARTS + """\
pump,펌프,pump,,2.5,60,no,,,,,,QS-1 4
crank,크랭크축,crankshaft,,14,40,no,,,,,,QS-1 5
drum,드럼,drum,,0.5,200,no,,,,,,QS-1 6
sheet,가스켓,gasket,,0.02,,no,cup,,,,,QS-1 7
rag,걸레,rag,,0.1,,no,,,,,,QS-1 8
ring,내륜,inner ring,,0.2,40,no,,,,300,,QS-1 9
slag,슬래그,slag,,0.2,40,no,,,,900,,QS-1 10
block,경도편,test block,,2.2,90,no,jaw;hot_jaw,,,,,QS-1 11
"""
# id,name_ko,name_en,aliases,kind,frame,x_m,y_m,z_m,max_mass_kg,max_temp_c,exit_c,keep_out,
# accepts,appearance,source
MORE_PLACES = PLACES + """\
tray,1번 칸,slot 1,,tray,,,,,2,,,no,,black slot,QS-2 3
bin,양품통,good bin,,bin,,,,,50,60,,no,bj20;ring;slag,blue bin,QS-2 4
jig,지그,jig,,fixture,,,,,,,,no,,,QS-2 5
washer,세척기,washer,,machine,,,,,,,90,no,,,QS-2 6
button,버튼,button,,station,,,,,,,,no,,,QS-2 7
clamp,클램프,clamp,,fixture,,,,,,,,no,,,QS-2 8
aisle,통로,aisle,,zone,,,,,,,,yes,,,QS-2 9
shelf,선반,shelf,,rack,,,,,,,,no,,,QS-2 10
store,창고,store,,zone,,,,,,,,no,,,QS-2 11
yard,야적장,yard,,zone,plant,0.1,0.1,0.1,,,,no,,,QS-2 12
"""
MORE_TOOLS = TOOLS + """\
hot_jaw,내열 그리퍼,hot gripper,,gripper,5,50,2,60,450,QS-3 2
cup,흡착컵,suction cup,,vacuum,,,1,20,60,QS-3 3
runner,너트 러너,nut runner,,driver,,,,40,60,QS-3 4
"""
MORE_PROCEDURES = PROCEDURES + 'sop_jig,지그 시험,jig test,,SOP-2\nsop_other,딴 시험,test,,SOP-3\n'
# id,name_ko,name_en,aliases,sop,number,skill,place,parts,tools,after,source
MORE_STEPS = STEPS + """\
open,클램프 열기,open the clamp,,sop_jig,1,open_clamp,clamp,,,,SOP-2 1
seat,안착,seat,,sop_jig,2,nest,jig,bj20;cell50,,open,SOP-2 2
shut,클램프 잠금,close the clamp,,sop_jig,3,close_clamp,clamp,,,seat,SOP-2 3
look,눈으로 보기,look,,sop_jig,4,,jig,,,shut,SOP-2 4
start,시작,start,,sop_jig,5,press,button,,,look,SOP-2 5
release,클램프 풀기,release the clamp,,sop_jig,6,open_clamp,clamp,,,start,SOP-2 6
keep,보관,keep,,sop_jig,7,kit,tray,bj20;cell50,,release,SOP-2 7
start_too,딴 시작,start the other,,sop_other,1,press,button,,,,SOP-3 1
"""
MORE_DEFECTS = DEFECTS + 'rust,녹,rust,,,minor,tray,,QS-4 2\n'
CELL_PLACES = 'id,x_m,y_m,z_m,source\n' + ''.join(
    f'{place},{x},{y},0.1,LAY-1\n' for place, x, y in (
        ('quarantine', 0.5, 0), ('furnace', 0.5, 0.1), ('tray', 0.4, 0.2), ('bin', 0.4, 0.3),
        ('jig', 0.4, -0.2), ('washer', 0.3, 0.4), ('button', 0.3, -0.3), ('clamp', 0.3, -0.4),
        ('aisle', 0.6, 0), ('shelf', 2, 1)))
CELL_PARTS = 'id,appearance,source\nbj20,red ball_joint,CAM-1\n'
CELL_SITE = SITE.format(level='plant') + 'reach_m: 0.85\npayload_kg: 3\n'
NO_RULES = 'rules: []\n'


def rule(verdict, when, limits=''):
    """Return a rules.yaml of one rule."""
    more = f'    limits: {limits}\n' if limits else ''
    return (f'rules:\n  - id: told\n    when: {when}\n    verdict: {verdict}\n{more}'
            '    text_ko: 규칙입니다.\n    text_en: It is a rule.\n    source: R-1\n')


def cell_of(folder, rules=RULES, site=CELL_SITE, **cell):
    """Write the company and a cell below it, and return the folder of the cell."""
    write(folder / 'example', site=SITE.format(level='company'), parts=MORE_PARTS,
          places=MORE_PLACES, tools=MORE_TOOLS, procedures=MORE_PROCEDURES, steps=MORE_STEPS,
          defects=MORE_DEFECTS, rules=rules)
    return write(folder / 'example' / 'cell', site=site,
                 **{'places': CELL_PLACES, 'parts': CELL_PARTS, **cell})


def checker(folder, **files):
    """Return the checker of such a cell."""
    return Checker(load_knowledge(cell_of(folder, **files)))


def put(thing, destination='', **more):
    """Return a step that puts a part somewhere."""
    return Step(more.pop('skill', 'pick_place'), thing, destination, **more)
