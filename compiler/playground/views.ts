/** The views of a compilation, made of the sections of `inspect -o`. In: parts of such a page. Out: markup, escaped. */
import { STAGE_NAMES } from '../host/stages.ts';
import { fusion } from '../inspect-page/fusion.ts';
import { graphs } from '../inspect-page/graphs.ts';
import { kernels } from '../inspect-page/kernels.ts';
import { html, type Markup } from '../host/markup.ts';
import { memoryPicture } from '../inspect-page/memory-picture.ts';
import type { PageParts } from '../inspect-page/parts.ts';
import { shaderTexts, stageText } from '../inspect-page/stages.ts';
import { summary } from '../inspect-page/summary.ts';
import type { PrintedView } from './messages.ts';

export const VIEWS: { readonly [V in PrintedView]: (parts: PageParts) => Markup } = {
  graph: (parts) => html`${summary(parts)}${graphs(parts)}`,
  kernels: (parts) => html`${kernels(parts)}${fusion(parts)}`,
  memory: memoryPicture,
  wgsl: shaderTexts,
  // The shaders are a view of their own.
  stages: (parts) =>
    html`${STAGE_NAMES.filter((name) => name !== 'wgsl').map((name) => stageText(name, parts))}`,
};
