/**
 * Plays cart-pole and trains the policy of cart-pole.net by how it went (REINFORCE). In: the folder that
 * `netc compile` wrote, out/cart-pole by default. Out: the mean return of each round; exit code 1 where the policy does
 * not balance for 195 of 200 moments in the end, the mean of 100 games.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { generator } from '../scripts/random.mjs';

const LONGEST = 200;
const GAMES = 16;
const RECORDS = GAMES * LONGEST; // the batch of cart-pole.net

const folder = process.argv[2] ?? 'out/cart-pole';
const { createTrainer } = await import(pathToFileURL(path.resolve(folder, 'trainer.mjs')).href);
const trainer = await createTrainer({ device: 'cpu' });
const { uniform } = generator(1);

/** A cart of 1 kg, a pole of 0.1 kg and 1 m, a push of 10 N for 0.02 s: Barto, Sutton and Anderson, 1983. */
function move([place, speed, angle, turning], action) {
  const push = action === 1 ? 10 : -10;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const force = (push + 0.05 * turning ** 2 * sine) / 1.1;
  const turn = (9.8 * sine - cosine * force) / (0.5 * (4 / 3 - (0.1 * cosine ** 2) / 1.1));
  const pull = force - (0.05 * turn * cosine) / 1.1;
  return [place + 0.02 * speed, speed + 0.02 * pull, angle + 0.02 * turning, turning + 0.02 * turn];
}

const fallen = ([place, , angle]) => Math.abs(place) > 2.4 || Math.abs(angle) > (12 * Math.PI) / 180;

/** Plays some games side by side, each to its end. Out: for each game, what was seen and done in every moment. */
async function play(count) {
  const games = Array.from({ length: count }, () => ({
    now: [0, 0, 0, 0].map(() => uniform(-0.05, 0.05)),
    moments: [],
    over: false,
  }));
  for (let time = 0; time < LONGEST && !games.every(({ over }) => over); time++) {
    const seen = Float32Array.from(games.flatMap(({ now }) => now));
    const { logits } = await trainer.predict({ seen });
    games.forEach((game, i) => {
      if (game.over) return;
      const right = 1 / (1 + Math.exp(logits.data[2 * i] - logits.data[2 * i + 1]));
      const action = uniform() < right ? 1 : 0;
      game.moments.push({ seen: game.now, action });
      game.now = move(game.now, action);
      game.over = fallen(game.now);
    });
  }
  return games.map(({ moments }) => moments);
}

/** The batch of one step: what is still to come in a game, less what is usual at that moment of a game. */
function batchOf(games) {
  const batch = {
    seen: new Float32Array(4 * RECORDS),
    action: new Uint32Array(RECORDS),
    advantage: new Float32Array(RECORDS),
  };
  const toCome = games.map((moments) => moments.map((_, t) => moments.length - t));
  let record = 0;
  games.forEach((moments, g) => {
    moments.forEach(({ seen, action }, t) => {
      const others = toCome.map((values) => values[t] ?? 0);
      const usual = others.reduce((sum, value) => sum + value, 0) / others.length;
      batch.seen.set(seen, 4 * record);
      batch.action[record] = action;
      batch.advantage[record++] = (toCome[g][t] - usual) / 20;
    });
  });
  return batch;
}

const meanLength = (games) => games.reduce((sum, { length }) => sum + length, 0) / games.length;

for (let round = 1; round <= 80; round++) {
  const games = await play(GAMES);
  if (round % 10 === 0 || round === 1) console.log(`round ${round}: ${meanLength(games).toFixed(1)} moments`);
  await trainer.step(batchOf(games)).loss;
}
const final = meanLength(await play(100));
console.log(`100 games with the trained policy: ${final.toFixed(1)} moments of ${LONGEST}`);
trainer.dispose();
if (final < 195) process.exitCode = 1;
