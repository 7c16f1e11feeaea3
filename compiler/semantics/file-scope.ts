/**
 * The names a program declares. In: its tree, the files it uses, values of `--set`. Out: one scope with the
 * standard library around it, and the declarations of its own. A name declared twice is an error.
 */
import type { Span } from '../../runtime/plan-format.ts';
import type * as ast from '../syntax/ast.ts';
import { builtinScope } from './builtins/table.ts';
import type { Context, Place } from './context.ts';
import { bindParameters } from './functions.ts';
import type { Library, LibraryDeclaration } from './library.ts';
import { NamingScope } from './naming-scope.ts';
import { didYouMean } from './nearest.ts';
import { Poisoned, Scope } from './scope.ts';
import { boolean, describeValue, float, integer, text, type InstanceValue, type Value } from './values.ts';

type Declared<K extends ast.Declaration['kind']> = Extract<ast.Declaration, { kind: K }>;

export interface FileScope {
  scope: Scope;
  models: { declaration: ast.LayerDeclaration; value: InstanceValue }[];
  data: ReadonlyMap<string, Declared<'data'>>;
  trains: Declared<'train'>[];
  /** Functions, layers and models of the user, whose names are checked even where nothing calls them. */
  bodies: (Declared<'fn'> | ast.LayerDeclaration)[];
  lets: Scope[];
}

/** The place of expressions outside any body. */
export const placeIn = (scope: Scope): Place => ({ scope, naming: new NamingScope(null) });

/** A value of `--set` as text. */
function settingValue(written: string): Value {
  if (written === 'true' || written === 'false') return boolean(written === 'true');
  const plain = written.replaceAll('_', '');
  if (/^-?\d+$/.test(plain)) return integer(Number(plain));
  if (/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return float(Number(plain));
  if (/^(\d+\.?\d*|\.\d+)%$/.test(plain)) return float(Number(plain.slice(0, -1)) / 100);
  return text(written);
}

/** A value of `--set` in place of the declared one, of the same kind. */
function setValue(constants: Context, name: string, declared: Value, written: string): Value {
  const value = settingValue(written);
  if (value.kind === declared.kind) return value;
  return constants.failAnywhere(
    'E0213',
    `${name}=${written}: \`${name}\` is set to ${describeValue(declared)} in the program, this is ${describeValue(value)}`,
  );
}

function standardScope(library: Library): { inner: Scope; outer: Scope } {
  const inner = new Scope(builtinScope(true));
  const outer = new Scope(builtinScope(false));
  for (const name of library.names) {
    let value: Value | undefined;
    const get = (): Value => (value ??= libraryValue(library.declaration(name), inner));
    inner.bindLazily(name, get);
    outer.bindLazily(name, get);
  }
  return { inner, outer };
}

const libraryValue = (declaration: LibraryDeclaration, scope: Scope): Value =>
  declaration.kind === 'fn'
    ? { kind: 'function', declaration, scope }
    : { kind: 'layer', declaration, scope };

/** Evaluates once, at the first use; a `let` that needs itself is an error. */
function once(context: Context, span: Span, work: () => Value): () => Value {
  let state: { value?: Value; failed?: boolean; busy?: boolean } = {};
  return () => {
    if (state.value) return state.value;
    if (state.failed) throw new Poisoned();
    if (state.busy) context.fail('E0224', span, 'this constant needs itself');
    state.busy = true;
    try {
      const value = work();
      state = { value };
      return value;
    } catch (error) {
      state = { failed: true };
      throw error;
    }
  };
}

/** Binds all declarations. `constants` evaluates what is known before any graph. */
export function declareNames(
  constants: Context,
  declarations: readonly ast.Declaration[],
  library: Library,
  settings: Readonly<Record<string, string>>,
): FileScope {
  const list = constants.session.diagnostics;
  const scope = new Scope(standardScope(library).outer);
  const result: FileScope = { scope, models: [], data: new Map(), trains: [], bodies: [], lets: [] };
  const data = new Map<string, Declared<'data'>>();
  const first = new Map<string, Span>();
  const lets = new Set<string>();
  for (const declaration of declarations) {
    if (declaration.kind === 'use') continue;
    if (declaration.kind === 'train') {
      result.trains.push(declaration);
      continue;
    }
    const { text: name, span } = declaration.name;
    const before = first.get(name);
    if (before) {
      list.guard(() =>
        constants.fail('E0202', span, `\`${name}\` is declared twice`, {
          related: [{ message: `\`${name}\` is first declared here`, span: before }],
        }),
      );
      continue;
    }
    first.set(name, span);
    switch (declaration.kind) {
      case 'let': {
        if (name === 'B')
          list.guard(() =>
            constants.fail('E0202', span, '`B` is the batch', { help: 'choose another name' }),
          );
        lets.add(name);
        const given = settings[name];
        const work = (): Value => {
          const declared = constants.evaluate(declaration.value, placeIn(scope));
          return given === undefined ? declared : setValue(constants, name, declared, given);
        };
        scope.bindLazily(name, once(constants, declaration.value.span, work), span);
        break;
      }
      case 'fn':
        scope.bind(name, { kind: 'function', declaration, scope }, span);
        result.bodies.push(declaration);
        break;
      case 'layer':
        scope.bind(name, { kind: 'layer', declaration, scope }, span);
        result.bodies.push(declaration);
        break;
      case 'model':
        result.models.push({ declaration, value: bindModel(constants, declaration, scope) });
        result.bodies.push(declaration);
        break;
      case 'data':
        data.set(name, declaration);
        scope.bind(name, { kind: 'data', name }, span);
        break;
      default:
        declaration satisfies never;
    }
  }
  for (const name of Object.keys(settings)) {
    if (lets.has(name)) continue;
    const help = didYouMean(name, lets) ?? (lets.size > 0 ? `there are ${[...lets].join(', ')}` : undefined);
    list.guard(() => constants.failAnywhere('E0201', `no \`let\` is called \`${name}\``, help));
  }
  return { ...result, data };
}

/** A model is one instance under its own name; its parameters have their defaults. */
function bindModel(constants: Context, declaration: ast.LayerDeclaration, scope: Scope): InstanceValue {
  const { name } = declaration;
  let bound: ReturnType<typeof bindParameters> | undefined;
  const value: InstanceValue = {
    kind: 'instance',
    frozen: false,
    instance: {
      declaration,
      scope,
      // Defaults may need constants declared further down, so they are evaluated at the first use.
      get arguments() {
        const site = { span: name.span, given: [], piped: false, place: placeIn(scope) };
        bound ??= bindParameters(constants, name.text, declaration.parameters, site, new Scope(scope));
        return bound;
      },
      home: new NamingScope(null),
      span: name.span,
      path: name.text,
    },
  };
  scope.bind(name.text, value, name.span);
  return value;
}
