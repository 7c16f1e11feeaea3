/**
 * Benny's measurements as rows of a report. In: cases with functions. Out: the median, the smallest and the largest time of
 * each in milliseconds, after some runs that do not count (V8 compiles hot functions anew, drivers compile shaders).
 * With `quick` each case runs once, to see that it runs at all.
 */
import b from 'benny';

/** Runs, or milliseconds if they are over sooner. */
const WARM_UP = { runs: 4, milliseconds: 1500 };
const OPTIONS = { minSamples: 5, maxTime: 1 };

/** `cases`: `{ name, group, run, ...rest }`; a row is the case without `run` and with `median`, `min`, `max`. */
export async function measure(title, cases, { quick = false } = {}) {
  if (quick) return await once(cases);
  for (const { run } of cases) {
    const start = performance.now();
    for (let turn = 0; turn < WARM_UP.runs; turn++) {
      await run();
      if (performance.now() - start > WARM_UP.milliseconds) break;
    }
  }
  const rows = [];
  await b.suite(
    title,
    ...cases.map(({ name, group, run }) => b.add(`${group}: ${name}`, run, OPTIONS)),
    b.cycle(),
    b.complete(({ results }) => {
      for (const [i, { run, ...given }] of cases.entries()) {
        void run;
        const { median, min, max } = results[i].details;
        rows.push({ ...given, median: 1e3 * median, min: 1e3 * min, max: 1e3 * max });
      }
    }),
  );
  return rows;
}

async function once(cases) {
  const rows = [];
  for (const { run, ...given } of cases) {
    const start = performance.now();
    await run();
    const time = performance.now() - start;
    rows.push({ ...given, median: time, min: time, max: time });
  }
  return rows;
}

/** A row of a plot of times. */
export const asRow = ({ median, min, max, ...row }) => ({ ...row, value: median, low: min, high: max });
