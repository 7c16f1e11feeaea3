/**
 * `package.json` of a trainer or predictor: a module without dependencies, which uses the package `webgpu` where it is there. What
 * others have added to it is kept when the program is compiled again.
 */
import type { ModuleKind } from './module-kind.ts';

export function packageText(
  kind: ModuleKind['name'],
  program: string,
  version: string,
  sha256: string,
): string {
  const name = program
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '');
  const manifest = {
    name: `${name || 'program'}-${kind}`,
    version: '0.0.0',
    private: true,
    description: `${kind === 'trainer' ? 'Trains' : 'Predicts with'} ${program}; compiled by netc ${version}, source sha256 ${sha256}`,
    type: 'module',
    exports: { '.': { types: `./${kind}.d.ts`, default: `./${kind}.mjs` } },
    engines: { node: '>=20.19' },
    peerDependencies: { webgpu: '^0.6.2' },
    peerDependenciesMeta: { webgpu: { optional: true } },
  };
  return printed(manifest);
}

type Manifest = Record<string, unknown>;

const printed = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;

/** What the compiler alone decides; the rest is a proposal. */
const DECIDED = ['description', 'type', 'exports'];
const PEERS = ['peerDependencies', 'peerDependenciesMeta'];

/** The manifest that is there, with what the compiler decides brought up to date. Undefined where it is none. */
export function mergedPackage(before: string, text: string): string | undefined {
  const there = manifestOf(before);
  const ours = manifestOf(text);
  if (there === undefined || ours === undefined) return undefined;
  const merged: Manifest = { ...there };
  for (const key of DECIDED) merged[key] = ours[key];
  for (const key of PEERS) merged[key] = { ...asManifest(there[key]), ...asManifest(ours[key]) };
  return printed(merged);
}

/** Whether nobody has added to it: it may go with the trainer. */
export function isOwnPackage(before: string): boolean {
  const there = manifestOf(before);
  const own = Object.keys(manifestOf(packageText('trainer', '', '', '')) ?? {});
  return there !== undefined && Object.keys(there).every((key) => own.includes(key));
}

function manifestOf(text: string): Manifest | undefined {
  try {
    return asManifest(JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

const asManifest = (value: unknown): Manifest | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Manifest) : undefined;
