// A robot cell behind node-opcua's server, with the nodesets of OPC UA for Devices and Robotics:
// gate, fixture and cycle start of our own, and the safety states of the companion specification
// under its names. A line of JSON on stdin is done; a line on stdout says so.
//   {"set": ["Gate", true]}   {"freeze": true}   {"bad": "Gate"}   {"get": "Busy"}
'use strict';
const { OPCUAServer, Variant, DataType, StatusCodes, nodesets } = require('node-opcua');
const readline = require('readline');

const port = Number(process.argv[2] || 0);
const BOOLS = ['Gate', 'Fixture', 'Start', 'Part'];
const TOLD = ['Busy', 'Fault', 'Clamp'];
const values = { Counter: 0, Beat: 0, Mode: 3 };
const bad = new Set();
let frozen = false;

function say(what) { process.stdout.write(JSON.stringify(what) + '\n'); }

async function main() {
  const server = new OPCUAServer({
    port, hostname: '127.0.0.1', host: '127.0.0.1',
    nodeset_filename: [nodesets.standard, nodesets.di, nodesets.ia, nodesets.machinery,
                       nodesets.robotics],
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const own = space.getOwnNamespace();
  const cell = own.addObject({ organizedBy: space.rootFolder.objects, browseName: 'Cell',
                               nodeId: 's=Cell' });
  function variable(parent, name, dataType, writable) {
    own.addVariable({
      componentOf: parent, browseName: name, nodeId: `s=Cell.${name}`, dataType,
      minimumSamplingInterval: 10,
      value: {
        get: () => (bad.has(name) ? StatusCodes.BadSensorFailure
          : new Variant({ dataType, value: values[name] })),
        set: writable ? (variant) => {
          if (values[name] !== variant.value && name !== 'Beat') {
            say({ told: [name, variant.value] });
          }
          values[name] = variant.value;
          return StatusCodes.Good;
        } : undefined,
      },
    });
  }
  for (const name of BOOLS) { values[name] = false; variable(cell, name, DataType.Boolean, false); }
  for (const name of TOLD) { values[name] = false; variable(cell, name, DataType.Boolean, true); }
  variable(cell, 'Counter', DataType.UInt32, false);
  variable(cell, 'Beat', DataType.UInt16, true);
  robotics(space, own);

  await server.start();
  say({ port: server.endpoints[0].port, namespace: own.namespaceUri });
  setInterval(() => { if (!frozen) values.Counter = (values.Counter + 1) % 4294967296; }, 10);
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const wish = JSON.parse(line);
    if (wish.set) values[wish.set[0]] = wish.set[1];
    if (wish.bad) bad.add(wish.bad);
    if (wish.good) bad.delete(wish.good);
    if ('freeze' in wish) frozen = wish.freeze;
    say({ done: wish, got: wish.get ? values[wish.get] : null });
  }).on('close', () => process.exit(0));
}

// A motion device system as OPC 40010-1 has it, with the safety states of its controller.
function robotics(space, own) {
  const index = space.getNamespaceIndex('http://opcfoundation.org/UA/Robotics/');
  const type = space.findObjectType('MotionDeviceSystemType', index);
  const set = space.rootFolder.objects.deviceSet;
  const system = type.instantiate({ browseName: 'Robot', organizedBy: set, namespace: own });
  const safety = space.findObjectType('SafetyStateType', index).instantiate({
    browseName: 'SafetyState', componentOf: system.safetyStates, namespace: own });
  values.EmergencyStop = values.ProtectiveStop = false;
  for (const name of ['EmergencyStop', 'ProtectiveStop']) {
    const node = safety.parameterSet.getChildByName(name);
    node.bindVariable({ get: () => new Variant({ dataType: DataType.Boolean,
                                                 value: values[name] }) }, true);
  }
  safety.parameterSet.getChildByName('OperationalMode').bindVariable(
    { get: () => new Variant({ dataType: DataType.Int32, value: values.Mode }) }, true);
}

main().catch((error) => { say({ error: String(error && error.stack) }); process.exit(1); });
