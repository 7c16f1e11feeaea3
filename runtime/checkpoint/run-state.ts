/**
 * The state of a run as one file, from which it goes on to the same bits: weights, layer states, averages, what the
 * optimizer keeps, and beside them in the metadata what the host remembers. Which batch is next, which random numbers,
 * which learning rate follow from the number of the step. In: the state. Out: a safetensors file, and back.
 */
import { NO_TABLES, tablesFromMetadata, tablesToMetadata } from '../data/tables.ts';
import type { Listing, StoredTensor } from '../plan-format.ts';
import { toJsonLine } from '../report/json-line.ts';
import type { RunIdentity, RunState } from '../train/run-progress.ts';
import { keptTensors, savedTensors, type Weights } from '../train/weights.ts';
import { matchWeights } from './match-weights.ts';
import { refuse } from './safetensors-header.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import { BEST, RUN_STATE } from './state-names.ts';

export function encodeRunState(
  listing: Listing,
  { identity, progress, tensors, tables }: RunState,
): Uint8Array {
  const { validation } = progress;
  const { best } = validation;
  const told = { ...progress, validation: { ...validation, ...(best ? { best: { step: best.step } } : {}) } };
  const listed = (wanted: readonly StoredTensor[], values: Weights, prefix = '') =>
    wanted.map(({ name, shape }) => {
      const data = values.get(name);
      if (data === undefined) throw new Error(`internal: no values for ${name}`);
      return { name: prefix + name, shape, data };
    });
  return encodeSafetensors(
    [
      ...listed(keptTensors(listing), tensors),
      ...(best ? listed(savedTensors(listing), best.weights, BEST) : []),
    ],
    { [RUN_STATE]: toJsonLine({ version: 1, identity, progress: told }), ...tablesToMetadata(tables) },
  );
}

/**
 * `file`: as errors name it. `check` refuses another run before its tensors are looked at. E0502 where it is damaged or no
 * state of a run, E0503 to E0505 where its tensors are others.
 */
export function decodeRunState(
  bytes: Uint8Array,
  file: string,
  listing: Listing,
  check: (identity: RunIdentity) => void = () => undefined,
): RunState {
  const decoded = decodeSafetensors(bytes, file);
  const { identity, progress } = parsed(decoded.metadata[RUN_STATE], file);
  check(identity);
  const other = decoded.tensors.find(({ dtype }) => dtype !== 'F32');
  if (other) refuse(file, `is damaged: ${other.name} is ${other.dtype}`);
  const { best } = progress.validation;
  const ofBest = (best ? savedTensors(listing) : []).map((tensor) => ({
    ...tensor,
    name: BEST + tensor.name,
  }));
  const values = matchWeights(decoded, [...keptTensors(listing), ...ofBest], { whole: true });
  const tensors = new Map([...values].filter(([name]) => !name.startsWith(BEST)));
  const weights = new Map(ofBest.map(({ name }) => [name.slice(BEST.length), values.get(name)!]));
  const validation = { ...progress.validation, ...(best ? { best: { step: best.step, weights } } : {}) };
  const tables = tablesFromMetadata(decoded.metadata, file) ?? NO_TABLES;
  return { identity, progress: { ...progress, validation }, tensors, tables };
}

/** A file that was written here has a hash, so that its text can only be whole, or that of another version. */
function parsed(text: string | undefined, file: string): Pick<RunState, 'identity' | 'progress'> {
  const none = (): never => refuse(file, 'is no state of a run; --init starts a new run from weights');
  if (text === undefined) return none();
  try {
    const { version, identity, progress } = JSON.parse(text, withNumbers) as RunState & { version: number };
    if (version === 1) return { identity, progress };
  } catch {
    return none();
  }
  return refuse(file, 'was written by another version of netc, whose runs this one cannot go on with');
}

/** JSON has no infinity: a best value may be one. */
const withNumbers = (key: string, value: unknown): unknown =>
  key === 'best' && typeof value === 'string' ? Number(value) : value;
