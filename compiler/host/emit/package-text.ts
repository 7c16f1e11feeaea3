/** `package.json` of a trainer: a module without dependencies, which uses the package `webgpu` where it is there. */

export function packageText(program: string, version: string, sha256: string): string {
  const name = program
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '');
  const manifest = {
    name: `${name || 'program'}-trainer`,
    version: '0.0.0',
    private: true,
    description: `Trains ${program}; compiled by netc ${version}, source sha256 ${sha256}`,
    type: 'module',
    exports: { '.': { types: './trainer.d.ts', default: './trainer.mjs' } },
    engines: { node: '>=20.19' },
    peerDependencies: { webgpu: '^0.6.2' },
    peerDependenciesMeta: { webgpu: { optional: true } },
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
