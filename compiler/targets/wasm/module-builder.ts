/**
 * A WebAssembly module: one imported memory, functions, exports. In: finished functions. Out: the module's bytes,
 * the same for the same functions in the same order. Equal bodies of equal signature are kept once.
 */
import { ByteWriter } from './bytes.ts';
import type { FunctionBuilder, Signature } from './function-builder.ts';
import { VALUE_TYPES } from './opcodes.ts';

const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SHARED_WITH_MAXIMUM = 0x03;
const FUNCTION_NAMES = 1;
/** 64 KiB pages of all that 32 bits address. */
export const MOST_PAGES = 65_536;

export class ModuleBuilder {
  private readonly types: string[] = [];
  private readonly signatures: Signature[] = [];
  private readonly bodies: (readonly number[])[] = [];
  private readonly typeOf: number[] = [];
  private readonly names: string[] = [];
  private readonly known = new Map<string, number>();
  private readonly exports: { name: string; index: number }[] = [];

  /** The function's index; that of an equal one where there is one already. The name is for profilers. */
  add(builder: FunctionBuilder, name: string): number {
    const type = this.type(builder.signature);
    const body = builder.finish();
    const key = `${type}:${body.join()}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const index = this.bodies.length;
    this.known.set(key, index);
    this.bodies.push(body);
    this.typeOf.push(type);
    this.names.push(name);
    return index;
  }

  export(name: string, index: number): void {
    this.exports.push({ name, index });
  }

  private type(signature: Signature): number {
    const key = `${signature.parameters.join()}>${signature.results.join()}`;
    const found = this.types.indexOf(key);
    if (found >= 0) return found;
    this.types.push(key);
    this.signatures.push(signature);
    return this.types.length - 1;
  }

  /** The module; it imports `env.memory`, shared, of any size up to what 32 bits address. */
  finish(): readonly number[] {
    const module = new ByteWriter().append(MAGIC);
    const section = (id: number, content: ByteWriter): void => void module.byte(id).sized(content.bytes);

    const types = new ByteWriter().unsigned(this.signatures.length);
    for (const { parameters, results } of this.signatures) {
      types.byte(0x60).unsigned(parameters.length);
      for (const type of parameters) types.byte(VALUE_TYPES[type]);
      types.unsigned(results.length);
      for (const type of results) types.byte(VALUE_TYPES[type]);
    }
    section(1, types);
    const memory = new ByteWriter().unsigned(1).text('env').text('memory');
    section(2, memory.byte(0x02, SHARED_WITH_MAXIMUM).unsigned(1).unsigned(MOST_PAGES));
    const functions = new ByteWriter().unsigned(this.typeOf.length);
    for (const type of this.typeOf) functions.unsigned(type);
    section(3, functions);
    const exported = new ByteWriter().unsigned(this.exports.length);
    for (const { name, index } of this.exports) exported.text(name).byte(0x00).unsigned(index);
    section(7, exported);
    const code = new ByteWriter().unsigned(this.bodies.length);
    for (const body of this.bodies) code.sized(body);
    section(10, code);
    const names = new ByteWriter().unsigned(this.names.length);
    this.names.forEach((name, index) => void names.unsigned(index).text(name));
    section(0, new ByteWriter().text('name').byte(FUNCTION_NAMES).sized(names.bytes));
    return module.bytes;
  }
}
