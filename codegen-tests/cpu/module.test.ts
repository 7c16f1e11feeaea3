/** The encoder: numbers, texts and whole modules as the engine takes them. */
import { describe, expect, it } from 'vitest';
import { ByteWriter, toBase64 } from '../../compiler/targets/wasm/bytes.ts';
import { FunctionBuilder } from '../../compiler/targets/wasm/function-builder.ts';
import { ModuleBuilder } from '../../compiler/targets/wasm/module-builder.ts';
import { engine } from '../../runtime/cpu/engine.ts';
import { uniforms } from '../ops/sample.ts';

describe('bytes', () => {
  it.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624485, [0xe5, 0x8e, 0x26]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('unsigned %i', (value, bytes) => {
    expect(new ByteWriter().unsigned(value).bytes).toEqual(bytes);
  });

  it.each([
    [0, [0]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('signed %i', (value, bytes) => {
    expect(new ByteWriter().signed(value).bytes).toEqual(bytes);
  });

  it('base64 is that of RFC 4648', () => {
    for (let length = 0; length < 40; length++) {
      const bytes = uniforms(length, length).map((u) => Math.floor(256 * u));
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }
  });
});

describe('a module', () => {
  const addition = (): FunctionBuilder => {
    const f = new FunctionBuilder({ parameters: ['i32', 'i32', 'i32'], results: [] });
    const sum = f.local('i32');
    f.get(1).get(2).op('i32.add').set(sum);
    f.get(0).get(sum).access('i32.store', 4);
    return f;
  };

  it('runs, and keeps equal functions once', async () => {
    const module = new ModuleBuilder();
    const index = module.add(addition(), 'sum');
    expect(module.add(addition(), 'sum')).toBe(index);
    module.export('sum', index);
    const memory = new (engine().Memory)({ initial: 1, maximum: 1, shared: true });
    const compiled = await engine().compile(Uint8Array.from(module.finish()));
    const { exports } = await engine().instantiate(compiled, { env: { memory } });
    exports['sum']?.(8, 40, 2);
    expect(new Int32Array(memory.buffer)[3]).toBe(42);
  });
});
