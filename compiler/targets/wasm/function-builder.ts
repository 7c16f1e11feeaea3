/**
 * One WebAssembly function under construction. In: instructions in the order of the stack machine, locals as they
 * are needed. Out: the bytes of its body. Nothing is checked here: the engine validates, and tests do.
 */
import { ByteWriter } from './bytes.ts';
import {
  VALUE_TYPES,
  accessOf,
  encodingOf,
  laneEncodingOf,
  type AccessInstruction,
  type Instruction,
  type LaneInstruction,
  type WasmType,
} from './opcodes.ts';

export interface Signature {
  readonly parameters: readonly WasmType[];
  readonly results: readonly WasmType[];
}

/** Lanes of a shuffle: lane 0 to 3 of the first operand, 4 to 7 of the second. */
export type ShuffleLanes = readonly [number, number, number, number];

export class FunctionBuilder {
  readonly signature: Signature;
  private readonly code = new ByteWriter();
  private readonly locals: WasmType[] = [];
  /** Locals that are free again, by type. */
  private readonly spare = new Map<WasmType, number[]>();

  constructor(signature: Signature) {
    this.signature = signature;
  }

  /** A local of its own; parameters are locals 0, 1, … */
  local(type: WasmType): number {
    const free = this.spare.get(type)?.pop();
    if (free !== undefined) return free;
    this.locals.push(type);
    return this.signature.parameters.length + this.locals.length - 1;
  }

  /** The local may be used for something else. */
  release(type: WasmType, local: number): void {
    const free = this.spare.get(type) ?? [];
    free.push(local);
    this.spare.set(type, free);
  }

  get(local: number): this {
    this.code.byte(0x20).unsigned(local);
    return this;
  }

  set(local: number): this {
    this.code.byte(0x21).unsigned(local);
    return this;
  }

  tee(local: number): this {
    this.code.byte(0x22).unsigned(local);
    return this;
  }

  i32(value: number): this {
    this.code.byte(0x41).signed(value);
    return this;
  }

  /** A 64-bit number that fits into 32 bits. */
  i64(value: number): this {
    this.code.byte(0x42).signed(value);
    return this;
  }

  f32(value: number): this {
    this.code.byte(0x43).float(value);
    return this;
  }

  /** The same 32 bits in all lanes. */
  words(bits: number): this {
    this.code.byte(0xfd, 0x0c);
    for (let lane = 0; lane < 4; lane++) this.code.word(bits);
    return this;
  }

  /** The same f32 in all lanes. */
  floats(value: number): this {
    this.code.byte(0xfd, 0x0c);
    for (let lane = 0; lane < 4; lane++) this.code.float(value);
    return this;
  }

  /** A vector of these 32-bit lanes. */
  vector(lanes: readonly number[]): this {
    this.code.byte(0xfd, 0x0c);
    for (const lane of lanes) this.code.word(lane);
    return this;
  }

  op(...instructions: readonly Instruction[]): this {
    for (const instruction of instructions) this.code.append(encodingOf(instruction));
    return this;
  }

  lane(instruction: LaneInstruction, lane: number): this {
    this.code.append(laneEncodingOf(instruction)).byte(lane);
    return this;
  }

  /** 32-bit lanes of two vectors as one. */
  shuffle(lanes: ShuffleLanes): this {
    this.code.byte(0xfd, 0x0d);
    for (const lane of lanes) this.code.byte(4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3);
    return this;
  }

  access(instruction: AccessInstruction, offset = 0): this {
    const { code, align } = accessOf(instruction);
    this.code.append(code).unsigned(align).unsigned(offset);
    return this;
  }

  call(index: number): this {
    this.code.byte(0x10).unsigned(index);
    return this;
  }

  block(): this {
    this.code.byte(0x02, 0x40);
    return this;
  }

  loop(): this {
    this.code.byte(0x03, 0x40);
    return this;
  }

  if(): this {
    this.code.byte(0x04, 0x40);
    return this;
  }

  else(): this {
    this.code.byte(0x05);
    return this;
  }

  end(): this {
    this.code.byte(0x0b);
    return this;
  }

  branch(depth: number): this {
    this.code.byte(0x0c).unsigned(depth);
    return this;
  }

  branchIf(depth: number): this {
    this.code.byte(0x0d).unsigned(depth);
    return this;
  }

  return(): this {
    this.code.byte(0x0f);
    return this;
  }

  /** Locals, code and the final `end`. */
  finish(): readonly number[] {
    const runs: { type: WasmType; count: number }[] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count += 1;
      else runs.push({ type, count: 1 });
    }
    const body = new ByteWriter().unsigned(runs.length);
    for (const { type, count } of runs) body.unsigned(count).byte(VALUE_TYPES[type]);
    return body.append(this.code.bytes).byte(0x0b).bytes;
  }
}
