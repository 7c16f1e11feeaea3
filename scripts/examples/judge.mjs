/** What is expected of an example, in words, and whether it holds. In: a row of table.mjs, its result. Out: figures. */

/** Four digits that count. */
export const short = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(4))) : 'missing');

/** Every figure that judges a result: `text` for the page, and whether it `holds`. */
export function figures({ split, metric, wanted, sheet }, { value, other, read }) {
  const list = [];
  if (wanted !== undefined) {
    const bound =
      wanted.other === undefined ? String(wanted.bound) : `${wanted.share} × ${wanted.other} ${short(other)}`;
    const where = split === undefined ? '' : `${split}.`;
    const text = `${where}${metric} ${short(value)} (${wanted.sign} ${bound})`;
    list.push({ text, holds: wanted.holds(value, other) });
  }
  if (sheet !== undefined) {
    const { confidence, digits } = read ?? { confidence: NaN, digits: 0 };
    list.push(
      {
        text: `glyphs-cnn reads the sheet with confidence ${short(confidence)} (≥ ${sheet.sure})`,
        holds: confidence >= sheet.sure,
      },
      { text: `${digits} of 10 digits`, holds: digits === 10 },
    );
  }
  return list;
}
