/**
 * Derivatives by central differences in double precision, and whether they agree with an analytic one.
 * In: a function of one number around 0. Out: the best agreement over several steps, or that the function
 * has a kink there, where a derivative says nothing.
 */

export type Agreement =
  | { readonly kind: 'agrees' | 'differs'; readonly numeric: number; readonly error: number }
  | { readonly kind: 'kink' };

export interface DifferenceOptions {
  readonly analytic: number;
  /** Relative error that still agrees. */
  readonly tolerance: number;
  /** Magnitude below which errors are measured absolutely, in units of the derivative. */
  readonly floor: number;
  /** Magnitude of the variable: steps are fractions of it. */
  readonly scale: number;
}

/**
 * Steps from large to small: large ones suffer least from rounding, small ones pass between the kinks of a
 * network with relus. Each is used as given and halved (Richardson's extrapolation: the error is of order
 * step^4).
 */
const STEPS = [1e-3, 1e-4, 1e-5, 1e-6] as const;

export function compareWithDifferences(f: (shift: number) => number, options: DifferenceOptions): Agreement {
  const { analytic, tolerance, floor, scale } = options;
  let best: { numeric: number; error: number } | undefined;
  for (const step of STEPS) {
    const h = step * scale;
    const coarse = (f(h) - f(-h)) / (2 * h);
    const fine = (f(h / 2) - f(-h / 2)) / h;
    const numeric = (4 * fine - coarse) / 3;
    const error = Math.abs(numeric - analytic) / Math.max(Math.abs(numeric), Math.abs(analytic), floor);
    if (error <= tolerance) return { kind: 'agrees', numeric, error };
    // A NaN is worse than everything.
    if (!best || error < best.error || Number.isNaN(best.error)) best = { numeric, error };
  }
  if (hasKink(f, scale, 10 * tolerance * Math.max(Math.abs(analytic), floor))) return { kind: 'kink' };
  return { kind: 'differs', numeric: best?.numeric ?? NaN, error: best?.error ?? NaN };
}

/**
 * The slopes to both sides differ, and the difference does not shrink with the step as it does where the
 * function is smooth.
 */
function hasKink(f: (shift: number) => number, scale: number, significant: number): boolean {
  const middle = f(0);
  const bend = (h: number): number => Math.abs((f(h) - middle) / h - (middle - f(-h)) / h);
  const [wide, narrow] = [bend(1e-4 * scale), bend(1e-5 * scale)];
  return narrow > significant && narrow > 0.5 * wide;
}
