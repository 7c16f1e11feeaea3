/** The text of every stage, and every shader once. */
import { STAGE_NAMES } from '../host/stages.ts';
import { html, type Markup } from '../host/markup.ts';
import { section, type PageParts } from './parts.ts';

const MEANINGS: { readonly [S in (typeof STAGE_NAMES)[number]]: string } = {
  ast: 'the program as it was read',
  graph: 'elaborated: layers are gone, tensors are left',
  backward: 'with the derivatives',
  passes: 'simplified',
  kernels: 'fused and lowered to loops',
  plan: 'dispatches and what they bind',
  memory: 'where intermediates lie',
  wgsl: 'shaders',
  host: 'what the runtime is given',
};

export const stages = (parts: PageParts): Markup =>
  section(
    'stages',
    'Stages',
    STAGE_NAMES.map((name) => stageText(name, parts)),
  );

/** The text of one stage, folded. */
export const stageText = (name: (typeof STAGE_NAMES)[number], parts: PageParts): Markup =>
  html`<details id="stage-${name}">
    <summary>${name}: ${MEANINGS[name]}</summary>
    ${name === 'wgsl' ? shaderTexts(parts) : html`<pre class="scroll tall">${parts.compilation.stage(name)}</pre>`}
  </details>`;

/** Every shader once, under the kernels that run it. */
export const shaderTexts = ({ shaders }: PageParts): Markup =>
  html`${shaders.map(
    ({ names, code }, i) =>
      html`<h3>${names.join(', ')}</h3>
        <pre class="scroll" id="shader-${i}">${code}</pre>`,
  )}`;
