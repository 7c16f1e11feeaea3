/** Pictures side by side on one sheet. In: a tensor, a picture a record. Out: pixels. */
import type { Pixels } from '../../runtime/node/png.ts';
import type { Prediction } from '../../runtime/predict.ts';
import { fail } from '../diagnostics.ts';

/** Dark pixels between pictures. */
const GAP = 2;

interface PictureShape {
  channels: 1 | 3;
  height: number;
  width: number;
}

/**
 * The sizes of a picture of [N, H, W], [N, C, H, W] with one or three channels, or a square one of [N, H * W].
 * Undefined for everything else.
 */
export function pictureShapeOf(shape: readonly number[]): PictureShape | undefined {
  const [, ...sizes] = shape;
  if (sizes.length === 1) {
    const side = Math.sqrt(sizes[0] ?? 0);
    return Number.isInteger(side) && side > 1 ? { channels: 1, height: side, width: side } : undefined;
  }
  const [width = 0, height = 0, channels = 1, ...more] = sizes.reverse();
  if (more.length > 0 || height === 0 || (channels !== 1 && channels !== 3)) return undefined;
  return { channels, height, width };
}

/**
 * As many columns as rows, or one more; the first record is at the top left. 0 is black and 1 white, what lies beyond
 * is cut. E0701 where the tensor holds no pictures.
 */
export function pictureSheet({ name, shape, data }: Prediction): Pixels {
  const picture = pictureShapeOf(shape);
  if (picture === undefined) {
    fail('E0701', undefined, `${name}[${shape.join(', ')}] holds no pictures`, {
      help: 'pictures are [N, H, W], [N, 1, H, W], [N, 3, H, W], or square ones [N, H * W]; an .npy file takes any shape',
    });
  }
  const [records = 0] = shape;
  const { channels, height, width } = picture;
  const columns = Math.max(1, Math.ceil(Math.sqrt(records)));
  const rows = Math.ceil(records / columns);
  const sheetWidth = columns * (width + GAP) - GAP;
  const sheetHeight = rows * (height + GAP) - GAP;
  const bytes = new Uint8Array(sheetWidth * sheetHeight * channels).fill(48);
  for (let record = 0; record < records; record++) {
    const top = Math.floor(record / columns) * (height + GAP);
    const left = (record % columns) * (width + GAP);
    for (let channel = 0; channel < channels; channel++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = data[((record * channels + channel) * height + y) * width + x] ?? 0;
          const at = ((top + y) * sheetWidth + left + x) * channels + channel;
          bytes[at] = Math.round(255 * Math.min(1, Math.max(0, value)));
        }
      }
    }
  }
  return { width: sheetWidth, height: sheetHeight, channels, bytes };
}
