"""English ways to ask for each skill.

Slots of a wording: `o` what is acted on, `d` the second thing, `l` the lever of a clamp, `s`
the crate or belt a part comes from, `in` a preposition for a container. TRAIN and HELDOUT
share no wording. A wording that is no imperative begins with a slot or a word of STATEMENTS
and takes no 'please' or 'could you' before it.
"""
from typing import Final

from lam_ws.grounding.wordings import TRAIN as PLAIN

Words = tuple[str, ...]

PARTS: Final[Words] = ('the {n}',) * 7 + ('{n}', 'that {n}', 'one {n}', 'a {n}')
FIXED: Final[Words] = ('the {n}',) * 8 + ('{n}', 'that {n}')
IN: Final = ('in', 'into', 'in', 'inside')

STATEMENTS: Final = frozenset((
    'the', 'i', 'let', 'you', 'from', 'in', 'into', 'on', 'over',
    'out', 'do', 'with', 'as', 'when', 'machining'))
REQUESTS: Final = ('please ', 'now ', 'robot, ', 'hey, ', 'ok, ', 'next, ', 'kindly ',
                   'go ahead and ', 'I need you to ', 'I want you to ', 'carefully ',
                   'first, ', 'please go and ')
QUESTIONS: Final = ('could you ', 'can you ', 'would you ', 'could you please ',
                    'can you please ', 'will you ', 'would you kindly ')
SUFFIXES: Final = ('.', '!', ' please', ', please', ' now', ' thanks', ', thank you', ' for me')
PLAIN_SUFFIXES: Final = ('.', '!', '.')
STATED: Final = ('.', '.', '!', ', please', ', thanks')
ASKED: Final = ('?', '?', '?', '', ' for me?')

TRAIN: Final[dict[str, tuple[str, ...]]] = {
    'pick_place': PLAIN['en'],
    'kit': (
        'put {o} {in} {d}', 'place {o} {in} {d}', 'fit {o} into {d}', 'move {o} to {d}',
        'pick up {o} and put it {in} {d}', 'take {o} and place it {in} {d}',
        'set {o} {in} {d}', 'drop {o} into {d}', 'slot {o} into {d}', 'fill {d} with {o}',
        '{o} goes {in} {d}', '{o} to {d}', '{in} {d} put {o}', '{d}: {o}',
        'pick {o} for the kit and put it {in} {d}', 'find {o} and put it {in} {d}',
        '{d} is empty, put {o} there', 'I want {o} in {d}', 'add {o} to the kit, in {d}',
        'bring {o} over to {d}',
    ),
    'bin_pick': (
        'take {o} out of {s} and put it {in} {d}', 'pick {o} out of {s} and put it {in} {d}',
        'pick {o} from {s} and place it {in} {d}', 'move {o} from {s} to {d}',
        'get {o} out of {s} and into {d}', 'put {o} from {s} {in} {d}',
        'from {s}, put {o} {in} {d}', 'find {o} in {s} and put it {in} {d}',
        'grab {o} from {s} and drop it {in} {d}', 'lift {o} out of {s} and set it {in} {d}',
        'transfer {o} from {s} to {d}', 'take {o} from {s} to {d}', '{o} from {s} to {d}',
        'pull {o} out of {s} and place it {in} {d}', 'I need {o} from {s} in {d}',
        'out of {s}, {o} goes {in} {d}',
        'bring {o} from {s} over to {d}', 'take only {o} out of {s} and put it {in} {d}',
        'pick up {o} in {s}, then put it {in} {d}',
    ),
    'nest': (
        'put {o} in {d}', 'place {o} into {d}', 'set {o} into {d}', 'set {o} down in {d}',
        'fit {o} into {d}', 'move {o} to {d}', 'pick up {o} and put it in {d}',
        'take {o} and place it in {d}', 'lift {o} and lower it into {d}', '{o} goes in {d}',
        '{o} to {d}', 'in {d}, put {o}', 'load {o} into {d}', 'mount {o} in {d}',
        'put {o} upright in {d}', 'grab {o} and set it in {d}', 'I want {o} in {d}',
        'bring {o} over to {d}', 'place {o} squarely in {d}', 'find {o} and put it in {d}',
    ),
    'insert': (
        'insert {o} into {d}', 'put {o} into {d}', 'push {o} down into {d}', 'stick {o} in {d}',
        'pick up {o} and insert it into {d}', 'take {o} and put it into {d}',
        'lower {o} into {d}', 'plug {o} into {d}', 'slide {o} into {d}', '{o} goes into {d}',
        '{o} into {d}', 'into {d}, put {o}', 'fit {o} into {d}', 'place {o} in {d}',
        'grab {o} and plug it into {d}', 'insert {o} all the way into {d}',
        'I want {o} in {d}', 'line {o} up with {d} and insert it', 'drop {o} into {d}',
        'set {o} upright in {d}',
    ),
    'stack': (
        'stack {o} on {d}', 'put {o} on top of {d}', 'place {o} on {d}', 'set {o} on top of {d}',
        'pick up {o} and put it on {d}', 'take {o} and stack it on top of {d}',
        'move {o} onto {d}', 'lay {o} on top of {d}', '{o} goes on top of {d}', '{o} onto {d}',
        'on top of {d}, put {o}', 'stack {o} onto {d}', 'lift {o} onto {d}',
        'grab {o} and place it on top of {d}', 'I want {o} on top of {d}',
        'leave {d} where it is and put {o} on it', 'build a stack: {o} on {d}',
        'put {o} squarely on {d}', 'bring {o} over and set it on {d}',
    ),
    'hand_over': (
        'put {o} on {d}', 'place {o} on {d}', 'lay {o} on {d}', 'lay {o} along {d}',
        'set {o} down on {d}', 'pick up {o} and lay it on {d}', 'take {o} and place it on {d}',
        'move {o} to {d}', 'hand {o} over on {d}', 'pass {o} on to {d}', '{o} goes on {d}',
        '{o} onto {d}', 'on {d}, put {o}', 'bring {o} over to {d}', 'line {o} up along {d}',
        'grab {o} and set it on {d}', 'I want {o} on {d}', 'put {o} lengthwise on {d}',
        'put {o} on {d} for the next station', 'place {o} straight along {d}',
    ),
    'belt_pick': (
        'pick {o} off {s} and put it {in} {d}', 'take {o} off {s} and put it {in} {d}',
        'pick up {o} from {s} and place it {in} {d}', 'grab {o} from {s} and drop it {in} {d}',
        'move {o} from {s} to {d}', 'put {o} on {s} {in} {d}', 'from {s}, put {o} {in} {d}',
        'catch {o} on {s} and put it {in} {d}', 'lift {o} off {s} and set it {in} {d}',
        'when {o} comes along on {s}, put it {in} {d}', '{o} off {s} and into {d}',
        'take {o} that is moving on {s} and put it {in} {d}', 'transfer {o} from {s} to {d}',
        'get {o} off {s} and into {d}', 'I need {o} from {s} in {d}',
        'pick {o} from {s} while it moves and put it {in} {d}', '{o} on {s} goes {in} {d}',
        'find {o} on {s} and put it {in} {d}', 'take only {o} off {s} and put it {in} {d}',
    ),
    'press': (
        'press {o}', 'push {o}', 'press {o} once', 'press down on {o}', 'push {o} in',
        'hit {o}', 'press {o} all the way down', 'press just {o}', 'go to {o} and press it',
        'find {o} and press it', 'press {o} on the panel', 'push {o} down', '{o}: press it',
        'I want {o} pressed', 'touch {o} and push it down', 'give {o} a press',
        'press {o} with your fingertip', 'on the panel, press {o}', '{o} needs pressing',
    ),
    'open_clamp': (
        'open {o}', 'unlock {o}', 'loosen {o}', 'undo {o}', 'open up {o}',
        'turn {l} to open {o}', 'push {l} open', 'swing {l} open', 'turn {l} to open',
        'move {l} to the open position', 'get {o} open', 'I want {o} open', '{o}: open it',
        'open just {o}', 'go to {o} and open it', 'open {o} all the way', 'swing {o} open',
        'open {o}, it is closed', '{o} needs opening',
    ),
    'close_clamp': (
        'close {o}', 'lock {o}', 'tighten {o}', 'shut {o}', 'close up {o}',
        'turn {l} to close {o}', 'push {l} shut', 'swing {l} shut', 'turn {l} to close',
        'move {l} to the closed position', 'get {o} closed', 'I want {o} closed',
        '{o}: close it', 'close just {o}', 'go to {o} and close it', 'close {o} all the way',
        'swing {o} shut', 'close {o}, it is open', '{o} needs closing',
    ),
    'push': (
        'push {o} over {d}', 'push {o} across {d}', 'push {o} past {d}', 'slide {o} over {d}',
        'slide {o} across {d}', 'shove {o} over {d}', 'push {o} to the other side of {d}',
        'push {o} beyond {d}', 'move {o} across {d} by pushing it', '{o} over {d}, push it',
        'over {d}, push {o}', 'push {o} until it is past {d}',
        'get behind {o} and push it over {d}',
        'I want {o} pushed over {d}', 'do not pick up {o}, push it over {d}',
        'push just {o} across {d}', 'find {o} and push it across {d}',
        'give {o} a push across {d}',
    ),
    'wipe': (
        'wipe {o}', 'wipe along {o}', 'wipe over {o}', 'wipe off {o}', 'wipe down {o}',
        'wipe {o} from end to end', 'wipe {o} clean', 'rub along {o}', 'wipe the whole of {o}',
        'I want {o} wiped', '{o}: wipe it', 'go to {o} and wipe it', 'wipe just {o}',
        'follow {o} and wipe it', 'give {o} a wipe', 'wipe {o} from one end to the other',
        '{o} needs wiping', 'wipe {o} on the table', 'rub {o} down',
    ),
}

HELDOUT: Final[dict[str, tuple[str, ...]]] = {
    'pick_place': (
        '{o} should end up in {d}', 'stow {o} away in {d}', '{d} needs {o}',
        'relocate {o} so that it lies in {d}', 'fetch {o} and leave it inside {d}',
        'I would like to see {o} in {d}', 'make sure {o} is in {d}', 'deliver {o} to {d}',
        'hold {o} over {d} and let go', 'sort {o} into {d}',
    ),
    'kit': (
        '{o} should end up in {d}', 'stow {o} in {d}', 'populate {d} with {o}',
        'allocate {o} to {d}', 'fetch {o} and leave it in {d}', 'make sure {o} sits in {d}',
        'complete the kit: {d} is missing {o}', 'nestle {o} into {d}',
        'I would like to see {o} in {d}',
    ),
    'bin_pick': (
        'extract {o} from {s} and deposit it in {d}', 'fish {o} out of {s} and leave it in {d}',
        'retrieve {o} from {s}, it belongs in {d}', 'you will find {o} in {s}, relocate it to {d}',
        'remove {o} from {s} and stow it in {d}', 'unload {o} from {s} into {d}',
        '{o} lies in {s} but should be in {d}', 'sort {o} out of {s} into {d}',
        'dig {o} out of {s} and deliver it to {d}',
    ),
    'nest': (
        'seat {o} in {d}', 'machining is next, so seat {o} in {d}', 'locate {o} in {d}',
        '{o} should end up seated in {d}', 'install {o} in {d}', 'nestle {o} into {d}',
        'make sure {o} sits flat in {d}', 'fetch {o} and leave it seated in {d}',
        'position {o} in {d}',
    ),
    'insert': (
        'assemble {o} into {d}', 'mate {o} with {d}', '{o} should end up fully inside {d}',
        'press-fit {o} into {d}', 'ease {o} into {d}', 'make sure {o} is seated in {d}',
        'join {o} with {d}', 'engage {o} in {d}', 'install {o} in {d}',
    ),
    'stack': (
        'pile {o} on {d}', 'use {d} as the base and pile {o} on it', 'rest {o} atop {d}',
        '{o} should end up on top of {d}', 'heap {o} onto {d}', 'mount {o} atop {d}',
        'make sure {o} rests on {d}', 'palletise {o} on {d}', 'balance {o} on {d}',
    ),
    'hand_over': (
        'deliver {o} onto {d}', 'present {o} on {d}', '{o} should end up lying along {d}',
        'align {o} with {d} and leave it there', 'deposit {o} on {d}', 'rest {o} on {d}',
        'make {o} available on {d}', 'transfer {o} to {d} for my colleague',
        'orient {o} along {d} and release it',
    ),
    'belt_pick': (
        'snatch {o} from {s} and deposit it in {d}', 'retrieve {o} from {s}, it belongs in {d}',
        'unload {o} from {s} into {d}', 'as {o} passes by on {s}, remove it and stow it in {d}',
        '{o} is travelling on {s}, it should be in {d}', 'divert {o} from {s} to {d}',
        'intercept {o} on {s} and drop it in {d}', 'sort {o} off {s} into {d}',
        'you will see {o} on {s}, relocate it to {d}',
    ),
    'press': (
        'actuate {o}', 'depress {o}', '{o} should be pushed', 'trigger {o}', 'activate {o}',
        'poke {o}', 'give {o} a tap', 'operate {o}', 'make sure {o} gets pushed',
    ),
    'open_clamp': (
        'release {o}', 'unclamp {o}', 'unlatch {o}', 'disengage {o}', 'unfasten {o}',
        '{o} should end up open', 'rotate {l} so that the clamp lets go',
        'release the part held by {o}', 'flip {l} to release',
    ),
    'close_clamp': (
        'fasten {o}', 'secure {o}', 'latch {o}', 'engage {o}', 'clamp the part with {o}',
        '{o} should end up locked', 'rotate {l} so that the clamp grips',
        'hold the part firmly with {o}', 'flip {l} to lock',
    ),
    'push': (
        'nudge {o} over {d}', 'shift {o} beyond {d} without lifting it',
        '{o} should end up on the far side of {d}', 'sweep {o} past {d}', 'drive {o} across {d}',
        'make {o} cross {d}', 'propel {o} over {d}', 'bulldoze {o} across {d}',
        'force {o} to the far side of {d}',
    ),
    'wipe': (
        'clean {o}', 'scrub {o}', 'mop along {o}', '{o} should be clean', 'swab {o}',
        'sweep along {o} to clean it', 'dust {o} from start to finish', 'polish {o}',
        'run a cloth along {o}',
    ),
}
