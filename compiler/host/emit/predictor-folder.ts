/**
 * Everything `netc compile --infer` writes, by path inside the folder. In: compilations of one program's models, the
 * bundled runtime, weights to bake. Out: texts and bytes, the same for the same source, options and weights.
 */
import { toBase64 } from '../../targets/wasm/bytes.ts';
import { PREDICTOR } from './module-kind.ts';
import { packageText } from './package-text.ts';
import { predictorDeclarations } from './predictor-declarations.ts';
import { printedModule } from './printed-module.ts';
import { codeFiles, codeOf, type CodeParts, type FolderFiles, type RuntimeAssets } from './trainer-folder.ts';

export interface PredictorParts extends CodeParts {
  assets: RuntimeAssets;
  seed: number;
  /** A safetensors file of what the models read. */
  weights?: Uint8Array;
  /** Of the program's weights and states, those that no model reads. */
  others: readonly string[];
}

export const PREDICTOR_WEIGHTS = 'predictor.safetensors';

export function predictorFolder(parts: PredictorParts): FolderFiles {
  const { version, sha256, assets, seed, others, weights } = parts;
  const more = {
    kind: PREDICTOR.name,
    seed,
    ...(weights ? { weights: PREDICTOR_WEIGHTS } : {}),
    others,
  };
  const { listing, header, module, code } = codeOf(parts, PREDICTOR, more);
  if (parts.single) {
    const baked = weights ? [[PREDICTOR_WEIGHTS, toBase64(weights)] as const] : [];
    const files = new Map([...code.shaders, ...code.modules, ...baked]);
    const inline = { runtime: assets.runtimeScript, files };
    return new Map([['predictor.mjs', printedModule({ ...module, inline })]]);
  }
  return new Map<string, string | Uint8Array>([
    ...codeFiles(parts, PREDICTOR, predictorDeclarations(listing, header, weights !== undefined), more),
    ['runtime.mjs', assets.runtimeModule],
    ...(weights ? [[PREDICTOR_WEIGHTS, weights] as const] : []),
    ['package.json', packageText('predictor', listing.program, version, sha256)],
  ]);
}
