/**
 * Makes the tables of the examples, each from a rule that its function states, with noise.
 *
 *   node scripts/make-tables.mjs     writes houses, students, spirals, ratings and melons .csv
 */
import { generator } from './random.mjs';
import { writeWhenStarted } from './write-data.mjs';

const SEED = 41;

const csv = (header, rows) => `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`;
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** Prices in thousands: 2.1 a square metre, 14 a room, -0.9 a year of age, and where the house stands; noise of 12. */
function houses() {
  const places = { centre: 90, suburb: 30, village: 0 };
  const rows = Array.from({ length: 400 }, (_, record) => {
    const { normal, uniform, below } = generator(SEED, 1, record);
    const [area, age] = [Math.round(uniform(40, 200)), below(80)];
    const rooms = Math.max(1, Math.round(area / 28 + normal()));
    const place = Object.keys(places)[below(3)];
    const price = 40 + 2.1 * area + 14 * rooms - 0.9 * age + places[place] + 12 * normal();
    return [area, rooms, age, place, price.toFixed(1)];
  });
  return csv('area,rooms,age,place,price', rows);
}

/** Who passes: a chance whose logit grows with hours and attendance, and sinks for those who slept little. */
function students() {
  const rows = Array.from({ length: 500 }, (_, record) => {
    const { normal, uniform } = generator(SEED, 2, record);
    const [hours, share, sleep] = [uniform(0, 20), uniform(0.3, 1), 7 + normal()];
    const logit = 0.5 * (hours - 10) + 8 * (share - 0.65) + 1.2 * (sleep - 7);
    return [hours.toFixed(1), share.toFixed(2), sleep.toFixed(1), uniform() < sigmoid(logit) ? 1 : 0];
  });
  return csv('hours,attendance,sleep,passed', rows);
}

/** Three arms that wind around each other once and a half. */
function spirals() {
  const rows = Array.from({ length: 900 }, (_, record) => {
    const { normal, uniform } = generator(SEED, 3, record);
    const [arm, along] = [record % 3, uniform(0.05, 1)];
    const turn = 3 * Math.PI * along + (2 * Math.PI * arm) / 3 + 0.12 * normal();
    return [(along * Math.cos(turn)).toFixed(3), (along * Math.sin(turn)).toFixed(3), arm];
  });
  return csv('x,y,arm', rows);
}

/** 150 viewers and 100 films have three tastes each; a rating from 1 to 5 is how well they meet. */
function ratings() {
  const tastes = (kind, count) =>
    Array.from({ length: count }, (_, i) => {
      const { normal } = generator(SEED, 4, kind, i);
      return { bias: 0.35 * normal(), taste: [normal(), normal(), normal()] };
    });
  const [viewers, films] = [tastes(1, 150), tastes(2, 100)];
  const rows = [];
  for (const [v, viewer] of viewers.entries()) {
    for (const [f, film] of films.entries()) {
      const { normal, uniform } = generator(SEED, 4, 3, v, f);
      if (uniform() > 0.4) continue;
      const match = viewer.taste.reduce((sum, taste, i) => sum + taste * film.taste[i], 0);
      const rating = 3 + viewer.bias + film.bias + 0.55 * match + 0.25 * normal();
      rows.push([v, f, Math.min(5, Math.max(1, rating)).toFixed(1)]);
    }
  }
  return csv('viewer,film,rating', rows);
}

/** How sweet a melon is: Friedman's first function of five measures; the sixth says nothing. */
function melons() {
  const rows = Array.from({ length: 2400 }, (_, record) => {
    const { normal, uniform } = generator(SEED, 5, record);
    const x = Array.from({ length: 6 }, () => uniform());
    const sweet =
      10 * Math.sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) ** 2 + 10 * x[3] + 5 * x[4] + 0.5 * normal();
    return [...x.map((value) => value.toFixed(3)), sweet.toFixed(2)];
  });
  return csv('sun,rain,heat,age,size,stripes,sweetness', rows);
}

export const makeTables = () => ({
  'houses.csv': houses(),
  'students.csv': students(),
  'spirals.csv': spirals(),
  'ratings.csv': ratings(),
  'melons.csv': melons(),
});

writeWhenStarted(import.meta.url, makeTables);
