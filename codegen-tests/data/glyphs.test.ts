import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openDataset } from '../../runtime/data/open-dataset.ts';
import { folderReader } from '../../runtime/node/data-reader.ts';
import { dataSpec } from './memory-reader.ts';

interface GlyphScript {
  SPLITS: Record<string, number>;
  makeLabels(split: string): Uint8Array;
  makeImage(split: string, record: number, label: number): Uint8Array;
}

const script = (await import(new URL('../../scripts/make-glyphs.mjs', import.meta.url).href)) as GlyphScript;
const folder = fileURLToPath(new URL('../../dsl-examples/data/glyphs/', import.meta.url));

const FILES = {
  train: { image: 'train-images.idx.gz', label: 'train-labels.idx.gz' },
  test: { image: 'test-images.idx.gz', label: 'test-labels.idx.gz' },
};

describe('the glyphs of the examples', () => {
  const dataset = openDataset(
    dataSpec('idx', FILES, [
      { name: 'image', shape: [1, 28, 28], storage: 'u8' },
      { name: 'label', shape: [], storage: 'u8', below: 10 },
    ]),
    folderReader(folder),
    1,
  );

  test.each(['train', 'test'])(
    '%s: the labels are those of the script, every class equally often',
    async (split) => {
      const count = script.SPLITS[split] ?? 0;
      const labels = new Uint8Array(count);
      (await dataset).copy(
        split,
        'label',
        Uint32Array.from({ length: count }, (_, i) => i),
        labels,
      );
      expect(labels).toEqual(script.makeLabels(split));
      for (let digit = 0; digit < 10; digit++) {
        expect(labels.filter((label) => label === digit)).toHaveLength(count / 10);
      }
    },
  );

  test.each([
    ['train', [0, 1, 2, 2999, 5998, 5999]],
    ['test', [0, 1, 500, 999]],
  ])('%s: the script draws the committed images again', async (split, records) => {
    const labels = script.makeLabels(split);
    const image = new Uint8Array(784);
    for (const record of records) {
      (await dataset).copy(split, 'image', Uint32Array.of(record), image);
      expect(image).toEqual(script.makeImage(split, record, labels[record] ?? 0));
    }
  });

  test('the files take at most 2 MB, and their gzip headers name neither time nor system', () => {
    let size = 0;
    for (const name of Object.values(FILES).flatMap((files) => Object.values(files))) {
      const bytes = readFileSync(folder + name);
      size += bytes.length;
      expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, expect.any(Number), 255]);
      expect(gunzipSync(bytes).length).toBeGreaterThan(0);
    }
    expect(size).toBeLessThanOrEqual(2_000_000);
  });
});
