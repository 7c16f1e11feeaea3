/**
 * Values as JavaScript literals, laid out for reading. In: plain data, with `Code` where a name stands for a value.
 * Out: text, on one line where it fits, else an entry a line; stable to the byte.
 */

/** Text of an expression, to stand as it is. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const WIDTH = 110;
const STEP = 2;

/** `indent`: columns before the line the value starts in. */
export function printLiteral(value: unknown, indent = 0, used = 0): string {
  const flat = flatText(value);
  if (indent + used + flat.length <= WIDTH || !isNested(value)) return flat;
  const inner = indent + STEP;
  const pad = ' '.repeat(inner);
  const entries = Array.isArray(value)
    ? value.map((each: unknown) => `${pad}${printLiteral(each, inner, 1)},`)
    : entriesOf(value).map(([key, each]) => {
        const name = `${keyText(key)}: `;
        return `${pad}${name}${printLiteral(each, inner, name.length + 1)},`;
      });
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return [open, ...entries, `${' '.repeat(indent)}${close}`].join('\n');
}

/** A string in single quotes. */
export function printString(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inside.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

/** A text over several lines as it is. */
export function printTemplate(text: string): string {
  return `\`${text.replace(/[`\\]|\$\{/g, (found) => `\\${found}`).replaceAll('\r', '\\r')}\``;
}

const isNested = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Code);

const entriesOf = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, each]) => each !== undefined);

/** A key named `__proto__` would set the prototype. */
const keyText = (key: string): string =>
  key === '__proto__' ? `['__proto__']` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : printString(key);

function flatText(value: unknown): string {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) return `[${value.map(flatText).join(', ')}]`;
  switch (typeof value) {
    case 'string':
      return printString(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
      return String(value);
    case 'object': {
      if (value === null) return 'null';
      const entries = entriesOf(value).map(([key, each]) => `${keyText(key)}: ${flatText(each)}`);
      return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
    }
    default:
      throw new Error(`internal: a ${typeof value} in a listing`);
  }
}
