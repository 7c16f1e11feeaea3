/** Which class an adapter is of, and that classes are compiled for the limits that devices are opened with. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_PROFILE, profileOfClass } from '../../compiler/index.ts';
import { CLASS_LIMITS, classOf, GPU_CLASSES } from '../../runtime/device-class.ts';

const adapter = (words: object) => ({
  vendor: '',
  architecture: '',
  device: '',
  description: '',
  isFallbackAdapter: false,
  ...words,
});

describe('the class of an adapter', () => {
  const bindings = (count: number) => ({ maxStorageBuffersPerShaderStage: count });

  test.each([
    [{ vendor: 'nvidia' }, 16, 'large'],
    [{ vendor: 'amd' }, 10, 'large'],
    [{ vendor: 'nvidia' }, 8, 'small'],
    [{ vendor: 'intel' }, 16, 'small'],
    [{ vendor: 'apple' }, 31, 'small'],
    [{}, 8, 'small'],
    [{ vendor: 'mesa', description: 'llvmpipe: Mesa 25' }, 16, 'software'],
    [{ vendor: 'google', device: 'SwiftShader Device' }, 16, 'software'],
    [{ vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }, 16, 'software'],
    [{ vendor: 'nvidia', isFallbackAdapter: true }, 16, 'software'],
  ])('%j with %i bindings is %s', (words, count, expected) => {
    expect(classOf(adapter(words), bindings(count))).toBe(expected);
  });
});

test.each(GPU_CLASSES)('class %s is compiled for the limits that its devices are opened with', (name) => {
  const { storageBindings } = profileOfClass(name);
  const limits = storageBindings > DEFAULT_PROFILE.storageBindings ? { maxStorageBuffersPerShaderStage: storageBindings } : {}; // prettier-ignore
  expect(CLASS_LIMITS[name]).toEqual(limits);
});
