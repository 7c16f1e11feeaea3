/**
 * Names of a kernel as WGSL takes them. In: any name. Out: an identifier that is no keyword, no reserved word
 * and none of the functions and globals a shader uses, so that nothing is hidden.
 */

/** WGSL specification, sections "Keywords" and "Reserved words", and what the generator itself writes. */
const TAKEN = new Set(
  `alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let
  loop override requires return struct switch true var while NULL Self abstract active alignas alignof as asm
  asm_fragment async attribute auto await become cast catch class co_await co_return co_yield coherent column_major
  common compile compile_fragment concept const_cast consteval constexpr constinit crate debugger decltype delete
  demote demote_to_helper do dynamic_cast enum explicit export extends extern external fallthrough filter final
  finally friend from fxgroup get goto groupshared highp impl implements import inline instanceof interface layout
  lowp macro macro_rules match mediump meta mod module move mut mutable namespace new nil noexcept noinline
  nointerpolation non_coherent noncoherent noperspective null nullptr of operator package packoffset partition pass
  patch pixelfragment precise precision premerge priv protected pub public readonly ref regardless register
  reinterpret_cast resource restrict self set shared sizeof smooth snorm static static_assert static_cast std subroutine
  super target template this thread_local throw trait try type typedef typeid typename typeof union unless unorm unsafe
  unsized use using varying virtual volatile wgsl where with writeonly yield
  f32 i32 u32 bool vec4 array bitcast select fma abs sign floor ceil round sqrt inverseSqrt min max
  main Uniforms uniforms Turn turn workgroup inside global`.split(/\s+/),
);

/** Prefixes that the generator keeps for its own names: bindings, scratch, hoisted values, helpers, scalars, turns. */
const OWN = /^(input|output|inout|scratch|hoisted|helper_|scalar|turn)\d*/;

/** The uniform that holds the turn's number of a loop with `depth` loops around it. */
export const turnVariable = (depth: number): string => (depth === 0 ? 'turn' : `turn${depth}`);

export function variableName(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9_]/g, '_').replace(/^_+|^(?=[0-9])/, 'n_');
  return TAKEN.has(plain) || OWN.test(plain) ? `${plain}_` : plain;
}
