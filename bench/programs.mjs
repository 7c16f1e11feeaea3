/** Folders of programs to measure: the project's examples, and the workloads that other libraries have as well. */
import { fileURLToPath } from 'node:url';

export const EXAMPLES = fileURLToPath(new URL('../dsl-examples/', import.meta.url));
/** Beside the project; what is not there is left out. */
export const SHARED_PEERS = fileURLToPath(new URL('../../shared/peers/netc/', import.meta.url));
