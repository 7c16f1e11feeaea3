/**
 * Weights that go into what is deployed. In: a weights file, the program it was trained with. Out: what predicting reads
 * of it, by name, or as a file of its own. E0501 to E0505 where it does not fit; what the file leaves out and the program
 * may do without (layer states) starts as the program says.
 */
import { encodeSafetensors } from '../../runtime/checkpoint/safetensors.ts';
import { readWeights } from '../../runtime/node/weights.ts';
import type { Listing, Span } from '../../runtime/plan-format.ts';
import { fileTensors, initialWeights, type Weights } from '../../runtime/train/weights.ts';
import type { Program } from '../semantics/program.ts';

/** Values of all weights and states of the program. `place`: a span of the program as messages show it. */
export async function programWeights(
  path: string,
  program: Program,
  place: (span: Span) => Span,
): Promise<Weights> {
  const parameters = program.parameters.map(({ span, ...rest }) => ({ ...rest, span: place(span) }));
  const { states } = program;
  const { values } = await readWeights(path, { parameters, states }, { whole: true });
  return initialWeights({ parameters, states }, program.training?.seed ?? 0, values);
}

/** Bytes of a file with what the listing reads and no more. */
export async function predictionWeights(
  path: string,
  program: Program,
  listing: Listing,
  place: (span: Span) => Span,
): Promise<Uint8Array> {
  return encodeSafetensors(fileTensors(listing, await programWeights(path, program, place), false));
}
