/**
 * Access to chevrotain's concrete syntax tree. In: a node of a statement without errors. Out: its children by
 * name. Holds: what the grammar requires is there; anything else is a mistake of ours.
 */
import type { CstNode, IToken } from 'chevrotain';
import type { Place } from './source-text.ts';

/** No child, shared by all nodes that have none. */
const NONE: readonly never[] = [];

// The grammar gives nodes and tokens different names, so all the children of one name are of one kind.
export function nodes(parent: CstNode, name: string): readonly CstNode[] {
  return (parent.children[name] as CstNode[] | undefined) ?? NONE;
}

export function maybeNode(parent: CstNode, name: string): CstNode | undefined {
  return nodes(parent, name)[0];
}

export function node(parent: CstNode, name: string): CstNode {
  const found = maybeNode(parent, name);
  if (!found) throw new Error(`internal: ${parent.name} without ${name}`);
  return found;
}

export function tokens(parent: CstNode, name: string): readonly IToken[] {
  return (parent.children[name] as IToken[] | undefined) ?? NONE;
}

export function maybeToken(parent: CstNode, name: string): IToken | undefined {
  return tokens(parent, name)[0];
}

export function token(parent: CstNode, name: string): IToken {
  const found = maybeToken(parent, name);
  if (!found) throw new Error(`internal: ${parent.name} without ${name}`);
  return found;
}

export function placeOfNode({ name, location }: CstNode): Place {
  if (!location || Number.isNaN(location.startOffset)) throw new Error(`internal: ${name} without a place`);
  return { start: location.startOffset, end: (location.endOffset ?? location.startOffset - 1) + 1 };
}
