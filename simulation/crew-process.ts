import { playSeeds, type Portion } from './crew.ts';

/** One process of a crew: plays the portions it is sent, until nobody sends any. */
process.on('message', (portion: Portion) => {
  playSeeds(portion).then(
    (tally) => process.send?.(tally),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
