/** Polynomials in shader text. In: the variable's name, coefficients from the constant up. Out: Horner's form. */
import { printLiteral } from './literals.ts';

export function horner(variable: string, coefficients: readonly number[]): string {
  const terms = coefficients.map((value) => `F(${printLiteral(value, 'f32')})`).reverse();
  return terms.slice(1).reduce((inner, term) => `fma(${inner}, ${variable}, ${term})`, terms[0] ?? 'F(0.0f)');
}
