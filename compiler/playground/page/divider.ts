/** The line between the program and its views: drawn aside by pointer or by arrow keys. In: both. Out: their widths. */

/** Percent that the program may take. */
const [LEAST, MOST] = [20, 80];
const KEY_STEP = 2;

export function enableDivider(divider: HTMLElement, area: HTMLElement): void {
  const place = (percent: number): void => {
    const width = Math.round(Math.min(Math.max(percent, LEAST), MOST) * 10) / 10;
    area.style.setProperty('--program-width', `${width}%`);
    divider.setAttribute('aria-valuenow', String(Math.round(width)));
  };
  const now = (): number => (100 * (divider.getBoundingClientRect().left - areaLeft())) / area.clientWidth;
  const areaLeft = (): number => area.getBoundingClientRect().left;

  divider.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
  });
  divider.addEventListener('pointermove', (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    place((100 * (event.clientX - areaLeft())) / area.clientWidth);
  });
  divider.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -KEY_STEP, ArrowRight: KEY_STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    place(now() + step);
  });
}
