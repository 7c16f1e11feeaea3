/**
 * A text as windows of tokens. In: a file, the fields that read it. Out: its parts, each with as many records
 * as its windows fit in. Shares are cut off the tail, in order, so that no window crosses a cut.
 */
import { RuntimeFailure } from '../failure.ts';
import type { DataSource, FieldOrigin, FieldSpec } from '../plan-format.ts';
import type { Records } from './dataset.ts';
import { loadFile } from './load-file.ts';
import type { FilePlace } from './raw-array.ts';
import type { OpenedSource, OpenRequest } from './source.ts';
import { checkShares } from './splits.ts';
import type { Vocabulary } from './tables.ts';
import { quotedCell } from './csv.ts';
import { encodeText, TextFault, vocabularyOf, vocabularySize, type Codes } from './vocabulary.ts';

type TextSource = Extract<DataSource, { format: 'text' }>;
type WindowField = FieldSpec & { origin: Extract<FieldOrigin, { kind: 'window' }> };

const NOUNS = { chars: 'character', words: 'word', bytes: 'byte' } as const;

/** E0402: not UTF-8; E0405: a token that is unknown or out of range; E0407: shorter than a window. */
export async function openText(source: TextSource, request: OpenRequest): Promise<OpenedSource> {
  const { spec, reader, splits } = request;
  const { path, span } = source.file;
  const place = { file: reader.display(path), span };
  const bytes = await loadFile(path, reader, place);
  const fields = spec.fields.filter(isWindow);
  const { vocabulary, codes } = tokensOf(bytes, source, fields, request, place);
  const counts = checkShares(codes.length, splits);
  const rest = codes.length - counts.reduce((sum, count) => sum + count, 0);
  let from = rest;
  const noun = NOUNS[source.tokens.kind];
  const parts = splits.map(({ split, span: at }, i) => {
    const part = codes.subarray(from, from + (counts[i] ?? 0));
    from += part.length;
    return new Windows(part, fields, { ...place, span: at }, { split, noun });
  });
  const whole = { split: source.split === 'all' ? 'train' : source.split, noun };
  return {
    parts,
    rest: new Windows(codes.subarray(0, rest), fields, { ...place, span: source.span }, whole),
    tables: { categories: {}, vocabulary },
  };
}

const isWindow = (field: FieldSpec): field is WindowField => field.origin.kind === 'window';

function tokensOf(
  bytes: Uint8Array,
  source: TextSource,
  fields: readonly WindowField[],
  { tables }: OpenRequest,
  place: FilePlace,
): { vocabulary: Vocabulary; codes: Codes } {
  const narrowest = fields.reduce<WindowField | undefined>(
    (least, field) => ((field.below ?? Infinity) < (least?.below ?? Infinity) ? field : least),
    undefined,
  );
  try {
    const vocabulary = tables?.vocabulary ?? vocabularyOf(bytes, source.tokens);
    if (vocabulary.kind !== source.tokens.kind) throw otherTokens(vocabulary, source, place);
    try {
      return { vocabulary, codes: encodeText(bytes, vocabulary, narrowest?.below) };
    } catch (error) {
      if (error instanceof TextFault) throw tokenFailure(error, bytes, vocabulary, narrowest, place);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof TextFault)) throw error;
    throw new RuntimeFailure('E0402', `${place.file}, ${positionOf(bytes, error.start)}: this is not UTF-8`, {
      span: place.span,
      help: 'Save the text as UTF-8, or read it as bytes: `tokens = bytes()`.',
    });
  }
}

function otherTokens(
  vocabulary: Vocabulary,
  { tokens }: TextSource,
  { file, span }: FilePlace,
): RuntimeFailure {
  const message = `the weights were trained on ${vocabulary.kind}, and ${file} is read as ${tokens.kind}`;
  return new RuntimeFailure('E0405', message, { span });
}

function tokenFailure(
  fault: TextFault,
  bytes: Uint8Array,
  vocabulary: Vocabulary,
  field: WindowField | undefined,
  { file, span }: FilePlace,
): RuntimeFailure | TextFault {
  if (fault.kind === 'not utf-8') return fault;
  const noun = NOUNS[vocabulary.kind];
  const token = tokenText(bytes.subarray(fault.start, fault.end), vocabulary.kind);
  const where = `${file}, ${positionOf(bytes, fault.start)}`;
  if (fault.kind === 'unknown') {
    return new RuntimeFailure('E0405', `${where}: ${token} is not in the vocabulary of the training text`, {
      span,
      help:
        vocabulary.kind === 'words'
          ? '`words(n)` keeps the n - 1 most frequent words and gives all others one number.'
          : 'The vocabulary is that of the file `train` or `all`; `tokens = bytes()` takes any text.',
    });
  }
  const { name = '', below = 0 } = field ?? {};
  return new RuntimeFailure(
    'E0405',
    `${where}, column ${name}: ${token} is token ${fault.code}, and the program has room for ${below}, 0 to ${below - 1}`,
    {
      span: field?.span,
      help: `The vocabulary has ${vocabularySize(vocabulary)} ${noun}s: make the program's as large.`,
    },
  );
}

function tokenText(bytes: Uint8Array, kind: Vocabulary['kind']): string {
  if (kind === 'bytes') return `the byte ${bytes[0] ?? 0}`;
  const shown = quotedCell(bytes);
  if (kind === 'words') return `the word ${shown}`;
  const point = new TextDecoder().decode(bytes).codePointAt(0) ?? 0;
  return `the character ${shown} (U+${point.toString(16).toUpperCase().padStart(4, '0')})`;
}

/** `line 3, character 17`, both from 1. */
function positionOf(bytes: Uint8Array, offset: number): string {
  let line = 1;
  let start = 0;
  for (let i = 0; i < offset; i++) {
    if (bytes[i] !== 0x0a) continue;
    line++;
    start = i + 1;
  }
  const before = new TextDecoder().decode(bytes.subarray(start, offset));
  return `line ${line}, character ${[...before].length + 1}`;
}

/** Record r of a window holds the tokens from r * stride + shift on. */
class Windows implements Records {
  readonly count: number;
  private readonly codes: Codes;
  private readonly fields: ReadonlyMap<string, WindowField>;

  constructor(
    codes: Codes,
    fields: readonly WindowField[],
    { file, span }: FilePlace,
    { split, noun }: { split: string; noun: string },
  ) {
    this.codes = codes;
    this.fields = new Map(fields.map((field) => [field.name, field]));
    const counts = fields.map(({ origin: { length, shift, stride } }) => {
      const needed = length + shift;
      if (codes.length >= needed) return Math.floor((codes.length - needed) / stride) + 1;
      const found = `${codes.length} ${noun}${codes.length === 1 ? '' : 's'}`;
      throw new RuntimeFailure(
        'E0407',
        `${file}: the split ${split} has ${found}, and one record takes ${needed}`,
        { span, help: 'Take shorter windows, a larger share, or a longer text.' },
      );
    });
    this.count = counts.length > 0 ? Math.min(...counts) : 0;
  }

  copy(name: string, records: Uint32Array, target: Uint8Array): void {
    const field = this.fields.get(name);
    if (field === undefined) throw new Error(`internal: a text has no field ${name}`);
    const { length, shift, stride } = field.origin;
    const out =
      field.storage === 'u8'
        ? target
        : new Uint32Array(target.buffer, target.byteOffset, records.length * length);
    for (let i = 0; i < records.length; i++) {
      const start = (records[i] ?? 0) * stride + shift;
      out.set(this.codes.subarray(start, start + length), i * length);
    }
  }
}
