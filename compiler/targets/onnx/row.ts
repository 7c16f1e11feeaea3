/** What a row of the table from primitives to ONNX is. */
import type { NodeOf, OpName } from '../../graph/ir.ts';
import type { Translated, Translation } from './translation.ts';

/** Writes a node's operators; a row throws CompileError where ONNX has none. */
export type OnnxRow<P extends OpName> = (t: Translation, node: NodeOf<P>) => Translated;
