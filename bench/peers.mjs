/**
 * Other libraries on the same work, in the same run: the scripts of the side-by-side folder, where PEERS names a copy of it
 * with its packages. Out: rows of a report; none where a library is not there.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const SHARED_PEERS = fileURLToPath(new URL('../../shared/peers/', import.meta.url));

const LIBRARIES = [
  ['PyTorch, 2 threads', process.env.PYTHON ?? 'python3', ['bench_torch.py']],
  ['jax-js, wasm', process.execPath, ['bench-jaxjs.mjs', 'wasm']],
  ['jax-js, webgpu', process.execPath, ['bench-jaxjs.mjs', 'webgpu']],
];

/** `work`: matmul, mlp, cnn or gpt. Milliseconds of one product or one step. */
export function peerRows(work, name) {
  const folder = process.env.PEERS;
  if (!folder) {
    console.log(`other libraries, ${name}: left out (PEERS=FOLDER names where they are installed)`);
    return [];
  }
  return LIBRARIES.flatMap(([group, command, argv]) => {
    const env = { ...process.env, THREADS: '2', OMP_WAIT_POLICY: 'passive', BUDGET_S: '2' };
    const { stdout } = spawnSync(command, [...argv, work], {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 200_000,
    });
    const line = (stdout ?? '').split('\n').find((text) => text.startsWith('RESULT '));
    const found = line ? JSON.parse(line.slice('RESULT '.length)) : {};
    const median =
      found.medianStepMs ?? found.medianMs ?? (found.stepsPerS ? 1e3 / found.stepsPerS : undefined);
    console.log(`  ${group}, ${work}: ${median === undefined ? 'not run' : `${median.toFixed(2)} ms`}`);
    return median === undefined ? [] : [{ name, group, median }];
  });
}
