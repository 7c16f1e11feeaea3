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

export function stages(parts: PageParts): Markup {
  const texts = STAGE_NAMES.map((name) => {
    const inside =
      name === 'wgsl'
        ? shaderTexts(parts)
        : html`<pre class="scroll tall">${parts.compilation.stage(name)}</pre>`;
    return html`<details id="stage-${name}">
      <summary>${name}: ${MEANINGS[name]}</summary>
      ${inside}
    </details>`;
  });
  return section('stages', 'Stages', texts);
}

/** Every shader once, under the kernels that run it. */
export const shaderTexts = ({ shaders }: PageParts): Markup =>
  html`${shaders.map(
    ({ names, code }, i) =>
      html`<h3>${names.join(', ')}</h3>
        <pre class="scroll" id="shader-${i}">${code}</pre>`,
  )}`;
