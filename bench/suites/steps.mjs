// Whole training steps, fused and unfused, on the processor and on a WebGPU adapter, beside other libraries.
import fs from 'node:fs';
import path from 'node:path';
import { measure } from '../measure.mjs';
import { peerRows, SHARED_PEERS } from '../peers.mjs';
import { benchDevices, stepProgram } from '../step-program.mjs';

const PROGRAMS = ['mlp', 'cnn', 'gpt'];

export default async function run() {
  const rows = [];
  const devices = (await benchDevices()).slice(-2);
  for (const name of PROGRAMS) {
    const file = path.join(SHARED_PEERS, `netc/${name}.net`);
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
    rows.push(...(await measure(`steps of ${name}`, cases)), ...peerRows(name, name));
    open.forEach((program) => program.close());
  }
  return [
    {
      title: 'Training steps',
      note: 'forward, backward and update, waited for; `netc bench` compares the two ways with their losses',
      kind: 'bars',
      unit: 'ms a step',
      better: 'less',
      rows: rows.map(({ median, min, max, ...row }) => ({ ...row, value: median, low: min, high: max })),
    },
  ];
}
