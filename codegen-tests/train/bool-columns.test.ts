/** Columns of dtype bool, from each kind of file to the numbers of a step. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeNpy, parseNpy } from '../../runtime/data/npy.ts';
import { npyFile, npyHeader } from '../data/memory-reader.ts';
import { netc } from '../cli/recording-host.ts';
import { eventsOf, stepsOf } from '../support/events.ts';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'netc-bool-'));
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

const inScratch = (name: string): string => path.join(scratch, name);

const MASK = [1, 0, 0, 1, 1, 1, 0, 0];
const X = [1, 2, 3, 4, 5, 6, 7, 8];
/** Mean of x where the mask is true, 0 elsewhere. */
const PICKED = X.reduce((sum, value, i) => sum + value * (MASK[i] ?? 0), 0) / X.length;

const program = (source: string, flag = 'flag[B, 2] bool', x = 'x[B, 2]'): string => `data d {
  from train = ${source}
  ${x}
  ${flag}
  batch = 4
}
model net: (x[B, 2], flag[B, 2] bool) -> y[B, 2] {
  param scale[2] = ones()
  return where(flag, x * scale, 0)
}
train on d {
  steps = 1
  step {
    y = net(x, flag)
    loss = mean(y)
    metric share = mean(flag)
    metric none = mean(not flag)
    minimize loss with sgd(lr = 0.1)
  }
}
`;

const write = (name: string, content: string | Uint8Array): void =>
  fs.writeFileSync(inScratch(name), content);

async function firstStep(text: string): Promise<Record<string, unknown>> {
  write('p.net', text);
  const run = await netc('train', inScratch('p.net'), '--device', 'cpu', '--json', '--log-every', '1');
  expect(run.stderr).toBe('');
  const [step] = stepsOf(eventsOf(run));
  return { loss: step?.['loss'], share: step?.['share'], none: step?.['none'] };
}

const due = { loss: PICKED, share: 0.5, none: 0.5 };

describe('a column of bool', () => {
  it.each(['bool', 'u8', 'i32', 'f32'] as const)('comes from an npy file of %s', async (dtype) => {
    write('x.npy', encodeNpy([4, 2], 'f32', X));
    const bytes = npyFile(npyHeader('|u1', '(4, 2)'), Uint8Array.from(MASK));
    write('flag.npy', dtype === 'u8' ? bytes : encodeNpy([4, 2], dtype, MASK));
    expect(await firstStep(program('npy(x = "x.npy", flag = "flag.npy")'))).toEqual(due);
  });

  it('comes from a csv', async () => {
    const rows = [0, 2, 4, 6].map((i) => [X[i], X[i + 1], MASK[i], MASK[i + 1]].join(','));
    write('d.csv', ['a,b,p,q', ...rows].join('\n'));
    const text = program(
      'csv("d.csv")',
      'flag[B, 2] bool = columns("p", "q") > 0',
      'x[B, 2] = columns("a", "b")',
    );
    expect(await firstStep(text)).toEqual(due);
  });

  it('may be computed from another one', async () => {
    write('x.npy', encodeNpy([4, 2], 'f32', X));
    expect(await firstStep(program('npy(x = "x.npy")', 'flag[B, 2] bool = x > 4'))).toEqual({
      loss: (5 + 6 + 7 + 8) / 8,
      share: 0.5,
      none: 0.5,
    });
  });

  it('takes 0 and 1 alone', async () => {
    write('x.npy', encodeNpy([4, 2], 'f32', X));
    write('flag.npy', encodeNpy([4, 2], 'i32', MASK.with(5, 2)));
    write('p.net', program('npy(x = "x.npy", flag = "flag.npy")'));
    const run = await netc('train', inScratch('p.net'), '--device', 'cpu');
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('error[E0405]');
    expect(run.stderr).toContain('record 2');
  });

  it('is an input of predict', async () => {
    write('p.net', program('npy(x = "x.npy", flag = "flag.npy")'));
    write('x.npy', encodeNpy([4, 2], 'f32', X));
    write('flag.npy', encodeNpy([4, 2], 'bool', MASK));
    const run = await netc(
      ...['predict', inScratch('p.net'), '--input', `x=${inScratch('x.npy')}`],
      ...['--input', `flag=${inScratch('flag.npy')}`, '-o', inScratch('y.npy'), '--device', 'cpu'],
    );
    expect(run.exitCode).toBe(0);
    const found = [...parseNpy(fs.readFileSync(inScratch('y.npy')), { file: 'y.npy' }).data].map(Number);
    expect(found).toEqual(X.map((value, i) => value * (MASK[i] ?? 0)));
  });
});
