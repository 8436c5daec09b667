import { playSeeds } from './crew.ts';

/** One process of a crew: plays the portions it is sent, until nobody sends any. */
process.on('message', ({ from, count }: { from: number; count: number }) => {
  playSeeds(from, count).then(
    (tally) => process.send?.(tally),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
