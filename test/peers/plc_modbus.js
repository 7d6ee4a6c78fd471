// A PLC's program behind modbus-serial's server: four tables, a counter that its program turns,
// and a record of what it was told. A line of JSON on stdin is done; a line on stdout says so.
//   {"set": ["discrete", 0, 1]}   {"freeze": true}   {"hang": true}   {"at": "pulse"}
'use strict';
const { ServerTCP } = require('modbus-serial');
const readline = require('readline');

const port = Number(process.argv[2] || 0);
const tables = { coil: {}, discrete: {}, input: {}, holding: {} };
const SIZE = 64;               // addresses of each table; others are refused
const COUNTER = ['input', 9];  // turned every 10 ms
let frozen = false;
let hanging = false;

function say(what) { process.stdout.write(JSON.stringify(what) + '\n'); }

function read(table) {
  return (address, unit, done) => {
    if (hanging) return;
    if (address >= SIZE) done({ modbusErrorCode: 0x02, msg: 'no such address' });
    else done(null, tables[table][address] || 0);
  };
}

function write(table) {
  return (address, value, unit, done) => {
    if (address >= SIZE) { done({ modbusErrorCode: 0x02, msg: 'no such address' }); return; }
    const number = Number(value);
    if (tables[table][address] !== number && !(table === 'holding' && address === 8)) {
      say({ told: [table, address, number] });
    }
    tables[table][address] = number;
    done(null);
  };
}

const server = new ServerTCP({
  getCoil: read('coil'), getDiscreteInput: read('discrete'),
  getInputRegister: read('input'), getHoldingRegister: read('holding'),
  setCoil: write('coil'), setRegister: write('holding'),
}, { host: '127.0.0.1', port, debug: false, unitID: 1 });
server.on('socketError', () => {});
server.on('serverError', (error) => { say({ error: String(error) }); });
server.on('initialized', () => {
  say({ port: server._server.address().port });
});

setInterval(() => {
  if (!frozen) tables[COUNTER[0]][COUNTER[1]] = ((tables[COUNTER[0]][COUNTER[1]] || 0) + 1) % 65536;
}, 10);

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const wish = JSON.parse(line);
  if (wish.set) tables[wish.set[0]][wish.set[1]] = wish.set[2];
  if ('freeze' in wish) frozen = wish.freeze;
  if ('hang' in wish) hanging = wish.hang;
  const got = wish.get ? tables[wish.get[0]][wish.get[1]] || 0 : null;
  say({ done: wish, got });
}).on('close', () => process.exit(0));
