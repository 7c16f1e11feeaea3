/** Commands that benchmarks run. In: a command line. Out: what it printed and when, and the most memory it took. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';

/** The most memory that a process has taken so far, MB; undefined where the system does not tell. */
function peakOf(pid) {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes && Number(kilobytes) / 1e3;
  } catch {
    return undefined;
  }
}

/**
 * Runs a command to its end. Out: its lines, each with the milliseconds since it was started; its peak of memory, MB.
 * `options` are those of `spawn`. Throws with what it wrote to standard error where it does not end with 0.
 */
export function runCommand([command, ...argv], options = {}) {
  const start = performance.now();
  return new Promise((done, failed) => {
    const child = spawn(command, argv, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = [];
    let rest = '';
    let errors = '';
    let peak;
    const watch = setInterval(() => (peak = peakOf(child.pid) ?? peak), 50);
    const add = (line) => lines.push({ line, at: performance.now() - start });
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop();
      parts.forEach(add);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    const end = () => clearInterval(watch);
    child.on('error', (error) => {
      end();
      failed(error);
    });
    child.on('close', (code, signal) => {
      end();
      if (rest) add(rest);
      if (code === 0) done({ lines, peak });
      else failed(new Error(`${command} ${argv.join(' ')} ended with ${code ?? signal}\n${errors}`));
    });
  });
}
