// Whole training steps, fused and unfused, on the processor and on a WebGPU adapter, beside other libraries.
import fs from 'node:fs';
import path from 'node:path';
import { asRow, measure } from '../measure.mjs';
import { peerRows } from '../peers.mjs';
import { EXAMPLES, SHARED_PEERS } from '../programs.mjs';
import { benchDevices, closeDevices, stepProgram } from '../step-program.mjs';

const PROGRAMS = ['mlp', 'cnn', 'gpt'].map((name) => path.join(SHARED_PEERS, `${name}.net`));
const QUICK = [path.join(EXAMPLES, 'flowers.net')];

export default async function run({ quick = false } = {}) {
  const measured = [];
  const opened = await benchDevices();
  const devices = opened.slice(-2);
  for (const file of quick ? QUICK : PROGRAMS) {
    const name = path.basename(file, '.net');
    if (!fs.existsSync(file)) {
      console.log(`${name}: left out, ${file} is not there`);
      continue;
    }
    const source = { file, text: fs.readFileSync(file, 'utf8') };
    const open = [];
    const cases = [];
    for (const { name: where, device } of devices)
      for (const fuse of [false, true]) {
        const program = await stepProgram(source, { device, fuse });
        open.push(program);
        cases.push({ name, group: `${where}, ${fuse ? 'fused' : 'unfused'}`, run: () => program.run() });
      }
    const rows = await measure(`steps of ${name}`, cases, { quick });
    if (!quick) rows.push(...(await peerRows(name, name)));
    measured.push({ name, rows: rows.map(asRow) });
    open.forEach((program) => program.close());
  }
  closeDevices(opened);
  // A scale each: what one program takes is nothing beside another.
  const groups = [...new Set(measured.flatMap(({ rows }) => rows.map(({ group }) => group)))];
  return measured.map(({ name, rows }) => ({
    title: `Training steps of ${name}`,
    note: 'forward, backward and update, waited for; netc bench compares fused and unfused with their losses',
    kind: 'bars',
    unit: 'ms a step',
    better: 'less',
    groups,
    rows,
  }));
}
