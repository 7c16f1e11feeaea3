/** What a trained generative example makes: a sheet of pictures beside the page, and what a classifier reads in it; a text. */
import fs from 'node:fs';
import path from 'node:path';
import { netc, PAGE, programOf, runOf, weightsOf } from './netc.mjs';

/** Ten by ten. */
const PICTURES = 100;

/** A text that goes on from a prompt, with the prompt. */
export function write({ name, text }, device) {
  const { prompt, tokens, temperature } = text;
  const numbers = ['--tokens', String(tokens), '--temperature', String(temperature)];
  const flags = ['--weights', weightsOf(name), '--device', device, '--prompt', prompt, ...numbers];
  return netc('generate', programOf(name), ...flags);
}

/**
 * Draws a sheet, and lets glyphs-cnn read it: how sure it is of the pictures, the mean of the largest shares of
 * softmax, and how many of the ten digits it finds. Undefined where a command failed: glyphs-cnn must be trained.
 */
export async function draw({ name, sheet }, device) {
  const drawn = runOf(name, 'drawn.npy');
  // The same draws twice, once to look at: they are made by the program's seed.
  for (const file of [path.join(PAGE, `${name}.png`), drawn]) {
    const flags = ['--weights', weightsOf(name), '--device', device, '--random', String(PICTURES)];
    const outputs = sheet.outputs.flatMap((output, i) => [
      '-o',
      `${output}=${i === 0 ? file : runOf(name, `${output}.npy`)}`,
    ]);
    if (
      netc('predict', programOf(name), '--model', sheet.model, ...flags, ...outputs, '--quiet') === undefined
    )
      return undefined;
  }
  return read(drawn, device);
}

async function read(drawn, device) {
  // The package's own, from what was built.
  const { encodeNpy, parseNpy } = await import('../../dist/runtime/data/npy.js');
  const [pictures, features, logits] = ['pictures', 'features', 'logits'].map((part) =>
    drawn.replace(/drawn\.npy$/, `${part}.npy`),
  );
  const { data } = parseNpy(fs.readFileSync(drawn), { file: drawn });
  fs.writeFileSync(pictures, encodeNpy([PICTURES, 1, 28, 28], 'f32', data));
  for (const [model, from, to] of [
    ['body', pictures, features],
    ['head', features, logits],
  ]) {
    const flags = ['--weights', weightsOf('glyphs-cnn'), '--device', device, '--as-is', '--quiet'];
    if (
      netc('predict', programOf('glyphs-cnn'), '--model', model, ...flags, '--input', from, '-o', to) ===
      undefined
    )
      return undefined;
  }
  return readings(parseNpy(fs.readFileSync(logits), { file: logits }).data);
}

/** `logits`: [pictures, 10]. */
export function readings(logits) {
  const rows = Array.from({ length: logits.length / 10 }, (_, i) =>
    Array.from(logits.slice(10 * i, 10 * i + 10)),
  );
  const shares = rows.map((row) => {
    const largest = Math.max(...row);
    return 1 / row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  });
  return {
    confidence: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    digits: new Set(rows.map((row) => row.indexOf(Math.max(...row)))).size,
  };
}
