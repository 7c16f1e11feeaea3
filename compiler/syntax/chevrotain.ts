/**
 * The parser library, loaded from its single-file build. In: nothing. Out: the parts of chevrotain that the
 * grammar stands on. The package's entry is some six hundred small modules (0.3 s to load, of the half second
 * that `netc check` has); the same version as one file takes 10 ms, but `exports` does not name it, so it is
 * found beside the entry. Where that fails (a bundler, another layout) the entry itself is loaded.
 */
import type * as Chevrotain from 'chevrotain';

async function load(): Promise<typeof Chevrotain> {
  try {
    const bundle = new URL('../chevrotain.min.mjs', import.meta.resolve('chevrotain'));
    return (await import(/* @vite-ignore */ bundle.href)) as typeof Chevrotain;
  } catch {
    return import('chevrotain');
  }
}

const chevrotain = await load();

export const createToken = chevrotain.createToken;
export const Lexer = chevrotain.Lexer;
export const CstParser = chevrotain.CstParser;
