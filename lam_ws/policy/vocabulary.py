"""The kinds and colours a checkpoint tells apart, in the order in which it numbers them.

A new one goes to the end and needs a new training. `lam_ws.perception.model` has the same lists
for the scene inventory; a test holds them equal, as stages do not import each other.
"""
PARTS = ('cube', 'cylinder', 'bar', 'ball_joint', 'ball_joint_bare', 'tie_rod', 'bearing',
         'pump_body', 'shaft', 'cell', 'busbar', 'carton')
PLACES = ('bin', 'slot', 'nest', 'socket', 'button', 'lever', 'clamp', 'line', 'pad', 'stripe',
          'stripe_end', 'crate')
COLOURS = ('red', 'green', 'blue', 'yellow', 'black', 'white', 'none')
