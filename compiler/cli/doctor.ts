/**
 * `netc doctor`: what this machine can run: adapters with features and limits, processor threads, and what
 * to install where something is missing. Exit code 3 where nothing can run a program, neither adapter nor CPU.
 */
import os from 'node:os';
import { openCpu } from '../../runtime/cpu/cpu-device.ts';
import type { AdapterReport } from '../../runtime/device.ts';
import { listAdapters } from '../../runtime/device.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import type { Context } from './context.ts';
import { EXIT } from '../../runtime/report/exit-codes.ts';
import { formatBytes } from '../../runtime/report/format.ts';
import { versionText } from './package-files.ts';

/** The limits that decide what programs fit, in the order shown. */
const SHOWN_LIMITS = {
  maxBufferSize: 'bytes',
  maxStorageBufferBindingSize: 'bytes',
  maxStorageBuffersPerShaderStage: 'count',
  maxComputeInvocationsPerWorkgroup: 'count',
  maxComputeWorkgroupStorageSize: 'bytes',
  maxComputeWorkgroupsPerDimension: 'count',
} as const;

interface Findings {
  version: string;
  node: string;
  system: string;
  cpu: string;
  cpu_threads: number;
  memory_bytes: number;
  /** The CPU target: threads it uses, what its engine can do. */
  cpu_target: { threads: number; simd: boolean; relaxed_simd: boolean; shared_memory: boolean };
  adapters: AdapterReport[];
  /** Why WebGPU cannot be used, and what to do; absent where it can. */
  problem?: string;
  install?: string;
}

export async function runDoctor(context: Context): Promise<number> {
  const findings = await context.host.quietly(examine);
  if (context.flags.json) context.print(`${JSON.stringify(findings)}\n`);
  else context.print(describe(findings));
  return findings.adapters.length > 0 || findings.cpu_target.simd ? EXIT.done : EXIT.noDevice;
}

async function examine(): Promise<Findings> {
  const base = {
    version: versionText(),
    node: process.version,
    system: `${os.platform()} ${os.arch()} ${os.release()}`,
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cpu_threads: os.availableParallelism(),
    memory_bytes: os.totalmem(),
    cpu_target: await examineCpu(),
  };
  try {
    const adapters = await listAdapters();
    if (adapters.length > 0) return { ...base, adapters };
    return { ...base, adapters, problem: 'WebGPU finds no adapter', install: installAdvice() };
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    const { message, help } = error.diagnostic;
    return { ...base, adapters: [], problem: message, install: help ?? installAdvice() };
  }
}

async function examineCpu(): Promise<Findings['cpu_target']> {
  try {
    const { threads, host, relaxedSimd } = await openCpu();
    return { threads, simd: true, relaxed_simd: relaxedSimd, shared_memory: host.canShare };
  } catch (error) {
    if (!(error instanceof RuntimeFailure)) throw error;
    return { threads: 0, simd: false, relaxed_simd: false, shared_memory: false };
  }
}

function installAdvice(): string {
  if (os.platform() !== 'linux') return 'Install the current driver of your GPU.';
  return [
    'Install the Vulkan driver of your GPU, or a software one (Mesa lavapipe, 23.0 or later):',
    '  Debian 12   mesa-vulkan-drivers from bookworm-backports; without root: eval "$(scripts/software-vulkan.sh)"',
    '  Ubuntu      sudo apt install mesa-vulkan-drivers',
    '  Fedora      sudo dnf install mesa-vulkan-drivers',
    '  Arch        sudo pacman -S vulkan-swrast',
  ].join('\n');
}

function describe(findings: Findings): string {
  const lines = [
    `netc ${findings.version}, Node ${findings.node}, ${findings.system}`,
    `processor: ${findings.cpu}, ${findings.cpu_threads} threads, ${formatBytes(findings.memory_bytes)} of memory`,
    '',
    ...findings.adapters.flatMap(adapterLines),
  ];
  if (findings.problem !== undefined) {
    lines.push(`no adapter: ${findings.problem}`, findings.install ?? '', '');
  }
  const [chosen] = findings.adapters;
  const hardware = chosen !== undefined && !chosen.software;
  const cpu = describeCpu(findings);
  lines.push(
    `--device auto   ${hardware ? chosen.name : cpu}`,
    `--device gpu    ${chosen ? chosen.name : 'nothing to run on'}`,
    `--device cpu    ${cpu}`,
  );
  if (chosen?.software) {
    lines.push('', 'The adapter is software: the processor does the work, and --device cpu does it faster.');
  }
  return `${lines.join('\n')}\n`;
}

function describeCpu({ cpu_target: cpu }: Findings): string {
  if (!cpu.simd) return 'WebAssembly here has no SIMD: a current version of Node has';
  const parts = [
    `${cpu.threads} ${cpu.threads === 1 ? 'thread' : 'threads'}`,
    cpu.relaxed_simd ? 'SIMD with fused multiply-add' : 'SIMD',
    cpu.shared_memory ? 'shared memory' : 'no shared memory',
  ];
  return `WebAssembly: ${parts.join(', ')}`;
}

function adapterLines(adapter: AdapterReport): string[] {
  const kind = [adapter.backend, adapter.software ? 'software' : 'hardware', adapter.architecture];
  const limits = Object.entries(SHOWN_LIMITS).map(([name, unit]) => {
    const value = adapter.limits[name];
    const shown = value === undefined ? 'unknown' : unit === 'bytes' ? formatBytes(value) : String(value);
    return `    ${name.padEnd(34)} ${shown}`;
  });
  const features = adapter.features.length > 0 ? adapter.features.join(', ') : 'none';
  return [
    `adapter: ${adapter.name} (${kind.filter((part) => part !== '').join(', ')})`,
    '  limits',
    ...limits,
    `  float16 (precision = f16)  ${adapter.features.includes('shader-f16') ? 'yes' : 'no'}`,
    '  features',
    ...wrap(features, 100).map((line) => `    ${line}`),
    '',
  ];
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
