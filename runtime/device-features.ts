/**
 * What a listing needs beyond what every device has. In: the listing's features, those of a device. Out: nothing,
 * or a RuntimeFailure E0601 that says what is missing and what to do.
 */
import { RuntimeFailure } from './failure.ts';
import type { Listing } from './plan-format.ts';

/** Throws RuntimeFailure E0601 where the device was opened without something the kernels need. */
export function checkFeatures(listing: Listing, device: { name: string; features: readonly string[] }): void {
  const missing = (listing.features ?? []).filter((feature) => !device.features.includes(feature));
  if (missing.length > 0) throw missingFeatures(device.name, missing);
}

/** The error for a device of this name. */
export function missingFeatures(device: string, missing: readonly string[]): RuntimeFailure {
  const half = missing.includes('shader-f16');
  return new RuntimeFailure(
    'E0601',
    half
      ? `${device} has no float16 (${missing.join(', ')}), which the program needs`
      : `${device} has no ${missing.join(', ')}, which the program needs`,
    {
      help: half
        ? 'write `precision = f32` and no tensors of f16, or use another adapter (netc doctor lists what they have)'
        : 'use another adapter (netc doctor lists what they have)',
    },
  );
}
