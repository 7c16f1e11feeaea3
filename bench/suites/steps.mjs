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
  const rows = [];
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
    rows.push(...(await measure(`steps of ${name}`, cases, { quick })));
    if (!quick) rows.push(...(await peerRows(name, name)));
    open.forEach((program) => program.close());
  }
  closeDevices(opened);
  return [
    {
      title: 'Training steps',
      note: 'forward, backward and update, waited for; `netc bench` compares the two ways with their losses',
      kind: 'bars',
      unit: 'ms a step',
      better: 'less',
      rows: rows.map(asRow),
    },
  ];
}
