import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { emptyFolder, ROOT } from './compiled.ts';
import { compileText, TWO_STEPS } from './host-programs.ts';

const temporary = emptyFolder();
afterAll(() => fs.rmSync(temporary, { recursive: true, force: true }));

test('trainer.d.ts says exactly what the program takes and gives', async () => {
  const { folder } = await compileText(temporary, TWO_STEPS, 'typed');
  const use = `
    import { createTrainer, type Batch } from './trainer.mjs';
    const trainer = await createTrainer({ device: 'cpu', set: { U: 2 } });
    const batch: Batch = { x: new Float32Array(32) };
    const loss: number = await trainer.step(batch).loss;
    const { first, second } = await trainer.evaluate(batch);
    const size: number = second.size + first.loss + loss;
    const { y } = await trainer.predict({ x: [1, 2, 3, 4] }, { model: 'Z' });
    const values: Float32Array = y.data;
    // @ts-expect-error: there is no such input
    trainer.step({ x: batch.x, z: batch.x });
    // @ts-expect-error: whole numbers are no f32
    trainer.step({ x: new Uint8Array(32) });
    // @ts-expect-error: there is no such step
    trainer.step(batch, { name: 'third' });
    // @ts-expect-error: which model is meant?
    trainer.predict({ x: [1, 2, 3, 4] });
    // @ts-expect-error: only the second step reports it
    first.size;
    export { size, values };
  `;
  fs.writeFileSync(path.join(folder, 'use.mts'), use);
  const options = [
    '--strict',
    '--noEmit',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--lib',
    'es2023,dom',
  ];
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [compiler, ...options, 'use.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, '']);
});
