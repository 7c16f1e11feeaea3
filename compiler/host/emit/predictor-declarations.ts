/**
 * `predictor.d.ts`: the API of one program's predictor, with its own names and shapes. In: a listing. Out: text. The
 * members and what they do are those of `runtime/predictor/compiled-predictor.ts`.
 */
import type { Listing } from '../../../runtime/plan-format.ts';
import { PREDICTOR_TYPES } from './common-types.ts';
import { declared, modelTypes, predictMethods, settingsTypes } from './declarations.ts';
import { formatSource, newProject } from './project.ts';

/** `baked`: weights were compiled in, so that options are all optional. */
export function predictorDeclarations(listing: Listing, header: readonly string[], baked: boolean): string {
  const options = baked
    ? 'options?: PredictorOptions'
    : "options: PredictorOptions & Required<Pick<PredictorOptions, 'weights'>>";
  const source = newProject().createSourceFile('predictor.d.ts', {
    statements: [
      ...header.map((line) => `// ${line}`),
      ...modelTypes(listing),
      ...settingsTypes('predictor', listing),
      {
        ...declared('Predictor', 'The models on a device, with their weights.', []),
        extends: ['PredictorBase'],
        methods: predictMethods(listing.models),
      },
      PREDICTOR_TYPES,
      `export declare function createPredictor(${options}): Promise<Predictor>;`,
    ],
  });
  return formatSource(source);
}
