/**
 * Other libraries on the same work: the scripts of the side-by-side folder, where PEERS names a copy of it with its packages
 * and PYTHON the interpreter that has PyTorch. In: a library of the table, a work. Out: what its script measured.
 */
import { runCommand } from './run-command.mjs';

export const PEERS = process.env.PEERS;
const PYTHON = process.env.PYTHON ?? 'python3';
const NODE = process.execPath;

const ALL = ['matmul', 'mlp', 'cnn', 'gpt'];
/** jax-js without a GPU takes 100 times longer over convolutions: minutes a round. tfjs cannot train them in WebAssembly. */
const WITHOUT_CNN = ['matmul', 'mlp', 'gpt'];

/** `on`: the devices of netc that a library is compared with. */
export const LIBRARIES = [
  {
    name: 'PyTorch, 2 threads',
    command: [PYTHON, 'bench_torch.py'],
    on: ['cpu', 'gpu'],
    works: ALL,
  },
  {
    name: 'jax-js, wasm',
    command: [NODE, 'bench-jaxjs.mjs', 'wasm'],
    on: ['cpu'],
    works: WITHOUT_CNN,
  },
  {
    name: 'jax-js, wasm, threads',
    command: [NODE, 'bench-jaxjs.mjs', 'wasm-threads'],
    on: ['cpu'],
    works: WITHOUT_CNN,
  },
  {
    name: 'jax-js, webgpu',
    command: [NODE, 'bench-jaxjs.mjs', 'webgpu'],
    on: ['gpu'],
    works: ALL,
  },
  {
    name: 'tfjs, wasm',
    command: [NODE, 'bench-tfjs.mjs', 'wasm'],
    on: ['cpu'],
    works: WITHOUT_CNN,
  },
  {
    name: 'tfjs, webgpu',
    command: [NODE, 'bench-tfjs.mjs', 'webgpu'],
    on: ['gpu'],
    works: ALL,
  },
];

const TIMEOUT = 300_000;

/**
 * One work by one library, `seconds` each way of timing it.
 * @returns what its RESULT line holds, and `peak`, MB. Throws with the script's own words where it measured nothing.
 */
export async function runLibrary({ name, command }, work, seconds) {
  const env = { ...process.env, THREADS: '2', OMP_WAIT_POLICY: 'passive', BUDGET_S: String(seconds) };
  const { lines, peak } = await runCommand([...command, work], { cwd: PEERS, env, timeout: TIMEOUT });
  const found = lines.find(({ line }) => line.startsWith('RESULT '));
  if (!found) throw new Error(`${name}, ${work}: no RESULT among ${lines.length} lines`);
  const result = JSON.parse(found.line.slice('RESULT '.length));
  if (result.error) throw new Error(`${name}, ${work}: ${result.error}`);
  return { ...result, peak };
}

/** Milliseconds of one product or one step, as rows of a report; none where PEERS is not given, and what failed is told. */
export async function peerRows(work, name) {
  if (!PEERS) {
    console.log(`other libraries, ${name}: left out (PEERS=FOLDER names where they are installed)`);
    return [];
  }
  const rows = [];
  for (const library of LIBRARIES.filter(({ works }) => works.includes(work))) {
    try {
      const { medianStepMs: median } = await runLibrary(library, work, 2);
      console.log(`  ${library.name}, ${work}: ${median.toFixed(2)} ms`);
      rows.push({ name, group: library.name, median });
    } catch (error) {
      console.log(`  ${library.name}, ${work}: left out, ${error.message}`);
    }
  }
  return rows;
}
