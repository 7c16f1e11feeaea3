/**
 * A kernel as a WGSL shader. In: a verified kernel, and what the plan decided (accesses, the uniform block, the
 * largest batch). Out: the text and its dispatch. Holds: the text is a function of the kernel's content alone, so
 * equal kernels share a pipeline; the lines that name operators and source stand above it as `//` comments.
 */
import type { Access } from '../../../runtime/plan-format.ts';
import type { Kernel, Statement } from '../../kernel/ir.ts';
import { hasBarrier } from '../../kernel/uniformity.ts';
import { usedTurns } from '../../kernel/used-turns.ts';
import { usesHalf } from '../../kernel/uses-half.ts';
import { visitExpressions } from '../../kernel/visit.ts';
import type { TargetProfile } from '../../kernel/profile.ts';
import { index, name, type WgslModule, type WgslStatement } from './ast.ts';
import { emitExpression, emitStored, storedType } from './expressions.ts';
import { scalarName } from './functions.ts';
import { variableName } from './names.ts';
import { printModule } from './print.ts';
import { FIXED_FIELDS, ShaderScope } from './shader-scope.ts';
import { emitThreads } from './threads.ts';

export interface WgslLayout {
  /** One a kernel binding. */
  readonly access: readonly Access[];
  /** f32 fields of the uniform block in order, after seed, draw, batch and zero. */
  readonly scalars: readonly string[];
  /** Largest batch: decides the dispatch. */
  readonly batch: number;
  readonly profile: TargetProfile;
}

export interface WgslResult {
  readonly code: string;
  /** Workgroups to dispatch, for any batch up to the largest. */
  readonly groups: [number, number, number];
  /** The uniform block is bound behind the storage bindings. */
  readonly uniform: boolean;
  /** The loops whose turn's number is bound last, each with a dynamic offset: how many loops are around each. */
  readonly turns: readonly number[];
  /** The device must have the feature `shader-f16`. */
  readonly half: boolean;
}

/** Writes the shader of one kernel. */
export function kernelToWgsl(kernel: Kernel, layout: WgslLayout): WgslResult {
  checkLayout(kernel, layout);
  const scope = new ShaderScope(kernel, layout.scalars);
  const used = new Set<string>();
  visitExpressions(kernel.body, (e) => {
    if (e.kind === 'variable') used.add(e.name);
  });
  let threads: ReturnType<typeof emitThreads> | undefined;
  const body = scope.block(() => {
    threads = emitThreads(scope, {
      batch: layout.batch,
      limit: layout.profile.workgroupsPerDimension,
      used,
      together: hasBarrier(kernel.body),
    });
    kernel.body.forEach((statement) => emitStatement(scope, statement));
  });
  const fields = [
    ...FIXED_FIELDS.map((field) => ({ name: field, type: 'u32' as const })),
    ...layout.scalars
      .slice(0, scope.scalarsUsed)
      .map((_, i) => ({ name: `scalar${i}`, type: 'f32' as const })),
  ];
  const half = usesHalf(kernel);
  const turns = usedTurns(kernel);
  const module: WgslModule = {
    header: [headerLine(kernel)],
    enables: half ? ['f16'] : [],
    bindings: kernel.bindings.map((binding, i) => {
      const { scalar, lanes } = storedType(binding.storage, binding.width);
      return {
        name: scope.bindingName(i),
        access: layout.access[i]!,
        element: { scalar: scalarName({ scalar, lanes }), lanes },
      };
    }),
    ...(scope.usesUniform ? { uniform: { name: 'uniforms', fields } } : {}),
    scratch: (kernel.scratch ?? []).map(({ scalar, width, length }, i) => ({
      name: scope.scratchName(i),
      element: { scalar, lanes: width },
      length,
    })),
    turns,
    functions: scope.helpers.texts(),
    workgroup: kernel.workgroup,
    builtins: threads!.builtins,
    body,
  };
  return {
    code: printModule(module),
    groups: threads!.groups,
    uniform: scope.usesUniform,
    turns,
    half,
  };
}

function checkLayout(kernel: Kernel, { access, profile }: WgslLayout): void {
  if (access.length !== kernel.bindings.length)
    throw new Error(`internal: ${kernel.name} has other bindings`);
  kernel.bindings.forEach((binding, i) => {
    if (binding.writes && access[i] !== 'read_write')
      throw new Error(`internal: ${kernel.name} may not write`);
  });
  if (kernel.bindings.length > profile.storageBindings) {
    throw new Error(`internal: ${kernel.name} has ${kernel.bindings.length} bindings`);
  }
  if (kernel.workgroup.reduce((n, size) => n * size, 1) > profile.workgroupInvocations) {
    throw new Error(`internal: the workgroup of ${kernel.name} is too large`);
  }
  if (scratchBytes(kernel) > profile.workgroupBytes) {
    throw new Error(`internal: ${kernel.name} has ${scratchBytes(kernel)} bytes of workgroup memory`);
  }
}

const scratchBytes = ({ scratch }: Kernel): number =>
  (scratch ?? []).reduce((bytes, { width, length }) => bytes + 4 * width * length, 0);

/** Operators, then the user's lines. Control characters of a file name would end the comment. */
export function headerLine(kernel: Kernel): string {
  const lines = [...new Set(kernel.source.map((span) => `${span.file}:${span.line}`))];
  return [kernel.ops.join(' '), ...lines].join('  ').replace(/[\p{Cc}\u2028\u2029]/gu, ' ');
}

function emitStatement(scope: ShaderScope, statement: Statement): void {
  const block = (body: readonly Statement[]): WgslStatement[] =>
    scope.block(() => body.forEach((inner) => emitStatement(scope, inner)));
  switch (statement.kind) {
    case 'let':
    case 'var': {
      const value = emitExpression(scope, statement.value).code;
      scope.push({ kind: statement.kind, name: variableName(statement.name), value });
      return;
    }
    case 'assign': {
      const value = emitExpression(scope, statement.value).code;
      scope.push({ kind: 'assign', target: scope.variable(statement.name), value });
      return;
    }
    case 'for': {
      // Bounds do not change in the loop: what of them is hoisted stands before it.
      const from = emitExpression(scope, statement.from).code;
      const to = emitExpression(scope, statement.to).code;
      const { step } = statement;
      const variable = variableName(statement.variable);
      scope.push({ kind: 'for', variable, from, to, step, body: block(statement.body) });
      return;
    }
    case 'if': {
      const condition = emitExpression(scope, statement.condition).code;
      scope.push({ kind: 'if', condition, then: block(statement.then), else: block(statement.else ?? []) });
      return;
    }
    case 'store': {
      const { storage } = scope.binding(statement.binding);
      const at = emitExpression(scope, statement.index).code;
      const value = emitExpression(scope, statement.value);
      const stored = emitStored(scope, value, statement.value.type, storage).code;
      scope.push({
        kind: 'assign',
        target: index(name(scope.bindingName(statement.binding)), at),
        value: stored,
      });
      return;
    }
    case 'scratch_store': {
      const at = emitExpression(scope, statement.index).code;
      const value = emitExpression(scope, statement.value).code;
      scope.push({ kind: 'assign', target: index(name(scope.scratchName(statement.array)), at), value });
      return;
    }
    case 'barrier':
      scope.push({ kind: 'barrier' });
      return;
    default:
      return statement satisfies never;
  }
}
