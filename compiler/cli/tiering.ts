/**
 * When the engine optimizes the compiler's own code. A command is over in a second or two, and of its many functions
 * few run long enough to earn back what optimizing them costs: by default that is half of the processor time of a
 * compilation. In: the version of Node. What runs hot, such as the loop of a training, is optimized as ever, a few
 * milliseconds later.
 */
import v8 from 'node:v8';

/** Bytes of bytecode that a function runs through before it is optimized; the default is an eighth of it or less. */
const BUDGET = 1_000_000;
/** The engines up to this version of Node know the flag; one that does not would complain on standard error. */
const LAST_KNOWN = 24;

export function optimizeLater(nodeVersion: string): void {
  const [major] = nodeVersion.split('.');
  if (Number(major) <= LAST_KNOWN) v8.setFlagsFromString(`--interrupt-budget=${BUDGET}`);
}
