/**
 * Graphs as text, for `inspect` and snapshots. Stable: the same graph gives the same bytes. A line a node:
 * `%12 = matmul %3 %7 : f32[128, 512]  # logits, mnist.net:12`, phases other than forward named last.
 */
import { printDimension, printShape, type Dimension } from './dimension.ts';
import type { Graph, Node, TensorType } from './ir.ts';

export function printGraph(graph: Graph): string {
  const lines = graph.nodes.flatMap((node) => [`  ${printNode(node)}`, ...printBody(node)]);
  const outputs = graph.outputs.map(({ name, value, role }) => `  ${role} ${name} = %${value}`);
  return [`graph ${graph.name}`, ...lines, ...outputs].join('\n') + '\n';
}

/** The body of a scan, further in. */
function printBody(node: Node): string[] {
  if (node.op !== 'scan') return [];
  return printGraph(node.attributes.body)
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`);
}

export function printType({ dtype, shape }: TensorType): string {
  return `${dtype}${printShape(shape)}`;
}

export function printNode(node: Node): string {
  const parts: string[] = [node.op];
  if (node.inputs.length > 0) parts.push(node.inputs.map((id) => `%${id}`).join(' '));
  for (const [key, value] of Object.entries(node.attributes)) {
    if (key === 'body') continue;
    const text = printAttribute(value as AttributeValue);
    parts.push(key === 'name' || key === 'value' ? text : `${key}=${text}`);
  }
  const line = `%${node.id} = ${parts.join(' ')} : ${printType(node.type)}`;
  const notes = printNotes(node);
  return notes === '' ? line : `${line}  # ${notes}`;
}

/** The name the program gives, the user's line, the phase where it is not forward. */
function printNotes(node: Node): string {
  const span = node.source[0];
  const notes = [node.label, span && `${baseName(span.file)}:${span.line}`];
  if (node.phase !== 'forward') notes.push(node.phase);
  if (node.again !== undefined) notes.push('again');
  return notes.filter((note) => note !== undefined).join(', ');
}

const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

type AttributeValue = string | boolean | Dimension | readonly Dimension[];

function printAttribute(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${(value as readonly Dimension[]).map(printDimension).join(', ')}]`;
  return printDimension(value as Dimension);
}

/** Attributes as a key: JSON that tells -0, infinities and NaN apart. */
export function attributeKey(attributes: object): string {
  return JSON.stringify(attributes, (_key, value: unknown) => exactNumber(value));
}

/** For JSON: numbers that it has no words for become texts. */
export function exactNumber(value: unknown): unknown {
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `number ${Object.is(value, -0) ? '-0' : String(value)}`
    : value;
}
