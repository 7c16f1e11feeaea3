/**
 * Where the boxes of a picture of a directed graph without cycles stand (Sugiyama, Tagawa, Toda 1981). In: boxes
 * in an order in which every edge leads forward. Out: places, layer by layer from the top; an edge that
 * crosses layers bends where it passes each of them.
 */
export interface LayoutBox {
  readonly width: number;
  readonly height: number;
}

export interface LayoutEdge {
  readonly from: number;
  readonly to: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly layers: number;
  /** Upper left corners, by box. */
  readonly boxes: readonly Point[];
  /** By edge: from the lower side of its box to the upper side of the other one. */
  readonly edges: readonly (readonly Point[])[];
}

const GAP_X = 16;
export const LAYER_GAP = 30;
/** Distance between edges that pass a layer side by side. */
const PASSAGE_GAP = 5;
const SWEEPS = 4;

/** A box, or the place where an edge passes a layer. */
interface Cell {
  readonly width: number;
  readonly height: number;
  readonly layer: number;
  readonly above: Cell[];
  readonly below: Cell[];
  /** Centre. */
  x: number;
}

export interface LayoutOptions {
  /** Between the layers. */
  readonly gap?: number;
  /** The layer of a box without any edge. */
  readonly lonely?: 'first' | 'last';
}

export function layOut(
  boxes: readonly LayoutBox[],
  edges: readonly LayoutEdge[],
  { gap = LAYER_GAP, lonely = 'first' }: LayoutOptions = {},
): Layout {
  const layerOf = layersOf(boxes.length, edges, lonely);
  const cells = boxes.map((box, i): Cell => newCell(box.width, box.height, layerOf[i]!));
  const layers: Cell[][] = [];
  for (const cell of cells) (layers[cell.layer] ??= []).push(cell);
  const paths = edges.map((edge) => pathOf(cells, edge, layers));
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of layers) sortBy(layer, 'above');
    for (const layer of layers.toReversed()) sortBy(layer, 'below');
  }
  for (const layer of layers) spread(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const layer of layers) pull(layer, 'above');
    for (const layer of layers.toReversed()) pull(layer, 'below');
  }
  const left = Math.min(...layers.flat().map(({ x, width }) => x - width / 2));
  for (const cell of layers.flat()) cell.x -= left;
  return placed(cells, layers, paths, gap);
}

const newCell = (width: number, height: number, layer: number): Cell => ({
  width,
  height,
  layer,
  above: [],
  below: [],
  x: 0,
});

/** The longest way from the top; then sources move down to what reads them. */
function layersOf(count: number, edges: readonly LayoutEdge[], lonely: 'first' | 'last'): number[] {
  const layers = Array.from({ length: count }, () => 0);
  const outgoing = new Map<number, LayoutEdge[]>();
  for (const edge of edges) outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
  const incoming = new Set(edges.map(({ to }) => to));
  for (let i = 0; i < count; i += 1)
    for (const { to } of outgoing.get(i) ?? []) layers[to] = Math.max(layers[to]!, layers[i]! + 1);
  for (let i = count - 1; i >= 0; i -= 1) {
    const readers = outgoing.get(i);
    if (readers && !incoming.has(i)) layers[i] = Math.min(...readers.map(({ to }) => layers[to]!)) - 1;
  }
  const last = Math.max(0, ...layers);
  if (lonely === 'last')
    for (let i = 0; i < count; i += 1) if (!outgoing.has(i) && !incoming.has(i)) layers[i] = last;
  return layers;
}

/** The cells an edge goes through; those in between are made here. */
function pathOf(cells: readonly Cell[], { from, to }: LayoutEdge, layers: Cell[][]): Cell[] {
  const path = [cells[from]!];
  const last = cells[to]!;
  for (let layer = path[0]!.layer + 1; layer < last.layer; layer += 1) {
    const passage = newCell(0, 0, layer);
    layers[layer]!.push(passage);
    path.push(passage);
  }
  path.push(last);
  path.slice(1).forEach((cell, i) => {
    cell.above.push(path[i]!);
    path[i]!.below.push(cell);
  });
  return path;
}

/** Orders a layer by where the neighbours on one side stand, in the middle of them. */
function sortBy(layer: Cell[], side: 'above' | 'below'): void {
  const wanted = new Map(layer.map((cell, i) => [cell, middle(cell[side]) ?? cell.x + i * 1e-6]));
  layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
  layer.forEach((cell, i) => (cell.x = i / Math.max(1, layer.length - 1)));
}

function middle(cells: readonly Cell[]): number | undefined {
  if (cells.length === 0) return undefined;
  const places = cells.map(({ x }) => x).sort((a, b) => a - b);
  const half = (places.length - 1) / 2;
  return (places[Math.floor(half)]! + places[Math.ceil(half)]!) / 2;
}

const distance = (left: Cell, right: Cell): number =>
  (left.width + right.width) / 2 + (left.width + right.width === 0 ? PASSAGE_GAP : GAP_X);

function spread(layer: readonly Cell[]): void {
  let x = 0;
  layer.forEach((cell, i) => {
    x = i === 0 ? cell.width / 2 : x + distance(layer[i - 1]!, cell);
    cell.x = x;
  });
}

/** Moves the cells of a layer towards their neighbours, in order and apart: the mean of packing left and right. */
function pull(layer: readonly Cell[], side: 'above' | 'below'): void {
  const wanted = layer.map((cell) => middle(cell[side]) ?? cell.x);
  const fromLeft = [...wanted];
  for (let i = 1; i < layer.length; i += 1)
    fromLeft[i] = Math.max(wanted[i]!, fromLeft[i - 1]! + distance(layer[i - 1]!, layer[i]!));
  const fromRight = [...wanted];
  for (let i = layer.length - 2; i >= 0; i -= 1)
    fromRight[i] = Math.min(wanted[i]!, fromRight[i + 1]! - distance(layer[i]!, layer[i + 1]!));
  layer.forEach((cell, i) => (cell.x = (fromLeft[i]! + fromRight[i]!) / 2));
}

function placed(
  cells: readonly Cell[],
  layers: readonly Cell[][],
  paths: readonly Cell[][],
  gap: number,
): Layout {
  const tops: number[] = [];
  let y = 0;
  for (const layer of layers) {
    tops.push(y);
    y += Math.max(...layer.map(({ height }) => height)) + gap;
  }
  const right = Math.max(0, ...layers.flat().map(({ x, width }) => x + width / 2));
  return {
    width: Math.ceil(right),
    height: Math.max(0, y - gap),
    layers: layers.length,
    boxes: cells.map(({ x, width, layer }) => ({ x: x - width / 2, y: tops[layer]! })),
    edges: paths.map((path) =>
      path.map((cell, i) => {
        const top = tops[cell.layer]!;
        return { x: cell.x, y: i === 0 ? top + cell.height : i < path.length - 1 ? top + 10 : top };
      }),
    ),
  };
}
