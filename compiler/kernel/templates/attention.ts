/** Attention without the matrix of scores. In: a group of one attention's results. Out: its kernel, forward or backward. */
import type { KernelShape, Workspace } from '../workspace.ts';
import { lowerBackward } from './attention-backward.ts';
import { lowerForward } from './attention-forward.ts';
import type { Forward, Gradient } from './attention-operands.ts';
import { lowerBackwardStrips } from './attention-strip-backward.ts';
import { lowerForwardStrips } from './attention-strip-forward.ts';

export function lowerAttention(workspace: Workspace): KernelShape {
  const forward: Forward[] = [];
  const backward: Gradient[] = [];
  for (const id of workspace.group.nodes) {
    const node = workspace.reader.node(id);
    if (node.op === 'attention' || node.op === 'attention_lse') forward.push(node);
    else if (node.op === 'attention_gradient') backward.push(node);
  }
  if (workspace.context.profile.deviceClass === 'cpu')
    return backward.length > 0
      ? lowerBackwardStrips(workspace, backward)
      : lowerForwardStrips(workspace, forward);
  return backward.length > 0 ? lowerBackward(workspace, backward) : lowerForward(workspace, forward);
}
