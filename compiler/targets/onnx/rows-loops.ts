/**
 * Rows of loops over time: ONNX's Scan, whose carries are its states, whose turns go along axis 0, and whose body reads
 * values from around by their names.
 */
import type { NodeOf } from '../../graph/ir.ts';
import { broken, nth } from '../../graph/op-row.ts';
import { argumentRole, argumentType } from '../../graph/scan.ts';
import { int, ints, type OnnxValue } from './model.ts';
import type { OnnxRow } from './row.ts';
import { ELEMENT_OF } from './tensors.ts';
import { Translation, type OnnxStandIn } from './translation.ts';
import { GraphWriter } from './writer.ts';

/** Translates the nodes of a graph; the names of its outputs. */
export type TranslateAll = (t: Translation) => string[];

export const scanRow =
  (translate: TranslateAll): OnnxRow<'scan'> =>
  (t, node) => {
    const { carries, sequences, turns, reverse, body } = node.attributes;
    const writer = new GraphWriter(body.name, t.writer);
    const path = t.writer.scope === '' ? 'loop' : `${t.writer.scope}/loop`;
    const inputs: OnnxValue[] = [];
    const given: string[] = [];
    const leaves = node.inputs.map((id, index): OnnxStandIn => {
      const type = argumentType(node.attributes, index, t.node(id).type);
      // Emitted here, where the body can see it.
      const value = t.value(id);
      if (argumentRole(node.attributes, index) === 'constant') return { name: value, shape: type.shape };
      const name = writer.fresh(`${path}/${index < carries ? 'carry' : 'element'}`);
      inputs.push({ name, type: ELEMENT_OF[type.dtype] });
      given.push(value);
      return { name, shape: type.shape };
    });
    if (sequences === 0) {
      // Something has to say how many turns there are.
      inputs.push({ name: writer.fresh(`${path}/turn`), type: 'i64' });
      given.push(
        t.writer.constant(
          'i64',
          [turns],
          Array.from({ length: turns }, (_, i) => i),
        ),
      );
    }
    const inside = new Translation(body, writer, { around: t, arguments: leaves });
    const results = translate(inside);
    const outputs = results.map((name, i): OnnxValue => {
      // One value may be two results, or come from around; a graph's outputs are its own.
      const own = writer.add('Identity', [name]);
      return { name: own, type: ELEMENT_OF[outputType(node, i)] };
    });
    const count = Math.max(1, sequences);
    const direction = reverse ? 1 : 0;
    const names = t.writer.addSeveral(
      'Scan',
      given,
      {
        body: { kind: 'graph', graph: writer.finish(inputs, outputs) },
        num_scan_inputs: int(count),
        scan_input_directions: ints(new Array<number>(count).fill(direction)),
        ...(outputs.length > carries
          ? { scan_output_directions: ints(new Array<number>(outputs.length - carries).fill(direction)) }
          : {}),
      },
      outputs.length,
    );
    return { results: names };
  };

function outputType({ attributes: { body } }: NodeOf<'scan'>, index: number) {
  const { value } = nth(body.outputs, index);
  return (body.nodes[value] ?? broken(`no node %${value} in a body`)).type.dtype;
}

const scanResult: OnnxRow<'scan_result'> = (t, node) => t.result(nth(node.inputs, 0), node.attributes.index);

/** Only on the way to kernels, or before gradients are expanded. */
const never = (op: string) => (): never => broken(`${op} in a graph to export`);

export const LOOPS = {
  scan_result: scanResult,
  at_turn: never('at_turn'),
  carried: never('carried'),
  over_turns: never('over_turns'),
  gradient: never('gradient'),
  // Attention is written out in primitives first.
  attention: never('attention'),
  attention_lse: never('attention_lse'),
  attention_gradient: never('attention_gradient'),
};
