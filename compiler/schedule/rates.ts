/** What arithmetic costs by device class, in bytes of device memory that could be moved meanwhile. */
import type { Node } from '../graph/ir.ts';
import type { DeviceClass } from '../kernel/profile.ts';

export interface Rates {
  /** A dispatch with its barrier. */
  readonly launch: number;
  /** An addition or a comparison, a lane. */
  readonly simple: number;
  /** A root, a quotient. */
  readonly quotient: number;
  /** An exponential, a logarithm, an angle. */
  readonly transcendental: number;
  /** 20 rounds of threefry. */
  readonly random: number;
  /** Values made of positions and numbers alone are worked out anew whatever they cost: memory is what lacks. */
  readonly repeatsMasks: boolean;
  /** Threads below which the device is not busy. */
  readonly threads: number;
  /** Threads that work out one reduction together, at most. */
  readonly members: number;
}

/**
 * Rates by device class. On the processor `transcendental` is that of measured kernels with exp and tanh (5 ns an
 * element at 40 GB/s); all other rates are estimates, not yet held against timings.
 */
export const RATES: { readonly [P in DeviceClass]: Rates } = {
  cpu: {
    launch: 80_000,
    simple: 0.5,
    quotient: 4,
    transcendental: 200,
    random: 400,
    repeatsMasks: false,
    threads: 16,
    members: 1,
  },
  software: {
    launch: 160_000,
    simple: 0.5,
    quotient: 6,
    transcendental: 6,
    random: 20,
    repeatsMasks: true,
    threads: 16,
    members: 1,
  },
  small: {
    launch: 500_000,
    simple: 0.1,
    quotient: 0.5,
    transcendental: 0.5,
    random: 4,
    repeatsMasks: true,
    threads: 1024,
    members: 64,
  },
  large: {
    launch: 2_000_000,
    simple: 0.05,
    quotient: 0.25,
    transcendental: 0.25,
    random: 2,
    repeatsMasks: true,
    threads: 4096,
    members: 256,
  },
};

export const repeatsMasks = (deviceClass: DeviceClass): boolean => RATES[deviceClass].repeatsMasks;

/** Where the threads of a product's first workgroups take a sum together, it costs little beside any product. */
export const joinsStrangers = (deviceClass: DeviceClass): boolean => RATES[deviceClass].members > 1;

/** Of one element of a node's value. */
export function weightOf(node: Node, rates: Rates): number {
  switch (node.op) {
    case 'random_bits':
      return rates.random;
    case 'sqrt':
    case 'rsqrt':
    case 'div':
    case 'mod':
      return rates.quotient;
    case 'exp':
    case 'log':
    case 'sin':
    case 'cos':
    case 'tan':
    case 'asin':
    case 'acos':
    case 'atan':
    case 'sinh':
    case 'cosh':
    case 'tanh':
    case 'erf':
    case 'pow':
      return rates.transcendental;
    default:
      return rates.simple;
  }
}
