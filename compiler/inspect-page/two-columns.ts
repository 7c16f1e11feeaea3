/**
 * A training step as two columns: forward from top to bottom on the left, backward from bottom to top on the right,
 * so that a layer stands beside its derivative and what is kept for it goes straight across. In: boxes and which of
 * them go backward. Out: places, as of a layout.
 */
import { LAYER_GAP, layOut, type LayoutBox, type LayoutEdge, type Point } from './layered-layout.ts';

export interface Columns {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Point[];
  /** By edge; `across` goes from the side of a box to the side of another one. */
  readonly edges: readonly { readonly points: readonly Point[]; readonly across: boolean }[];
}

/** Room for the edges between the columns. */
const BETWEEN = 90;

export function twoColumns(
  boxes: readonly LayoutBox[],
  edges: readonly LayoutEdge[],
  isBackward: (box: number) => boolean,
): Columns {
  // What stands alone on its side belongs to where the two meet: a label, the loss that is reported.
  const left = column(boxes, edges, (box) => !isBackward(box), 'last');
  const right = column(boxes, edges, isBackward, 'first');
  const height = Math.max(left.natural.height, right.natural.height);
  const [forward, backward] = [left.stretched(height), right.stretched(height)];
  const offset = right.members.length === 0 ? 0 : forward.width + (left.members.length === 0 ? 0 : BETWEEN);
  const flipped = ({ x, y }: Point, own = 0): Point => ({ x: x + offset, y: height - y - own });
  const places: Point[] = [];
  left.members.forEach((box, i) => (places[box] = forward.boxes[i]!));
  right.members.forEach((box, i) => (places[box] = flipped(backward.boxes[i]!, boxes[box]!.height)));
  const drawn = edges.map((edge, e) => {
    const inLeft = left.edgeNumbers.indexOf(e);
    if (inLeft >= 0) return { points: forward.edges[inLeft]!, across: false };
    const inRight = right.edgeNumbers.indexOf(e);
    if (inRight >= 0)
      return { points: backward.edges[inRight]!.map((point) => flipped(point)), across: false };
    const out = isBackward(edge.to) ? 1 : 0;
    const side = (box: number, fraction: number): Point => ({
      x: places[box]!.x + boxes[box]!.width * fraction,
      y: places[box]!.y + boxes[box]!.height / 2,
    });
    return { points: [side(edge.from, out), side(edge.to, 1 - out)], across: true };
  });
  return { width: offset + backward.width, height, boxes: places, edges: drawn };
}

interface Column {
  readonly members: readonly number[];
  readonly edgeNumbers: readonly number[];
  readonly natural: ReturnType<typeof layOut>;
  /** The same with the layers as far apart as fills the height. */
  stretched(height: number): ReturnType<typeof layOut>;
}

function column(
  boxes: readonly LayoutBox[],
  edges: readonly LayoutEdge[],
  isMember: (box: number) => boolean,
  lonely: 'first' | 'last',
): Column {
  const members = boxes.flatMap((_, box) => (isMember(box) ? [box] : []));
  const numbers = new Map(members.map((box, i) => [box, i]));
  const inside = edges.flatMap(({ from, to }, edge) => {
    const ends = { from: numbers.get(from), to: numbers.get(to) };
    return ends.from === undefined || ends.to === undefined ? [] : [{ edge, from: ends.from, to: ends.to }];
  });
  const own = members.map((box) => boxes[box]!);
  const natural = layOut(own, inside, { lonely });
  return {
    members,
    edgeNumbers: inside.map(({ edge }) => edge),
    natural,
    stretched(height) {
      if (natural.layers < 2 || height <= natural.height) return natural;
      const gap = LAYER_GAP + (height - natural.height) / (natural.layers - 1);
      return layOut(own, inside, { lonely, gap });
    },
  };
}
