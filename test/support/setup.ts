import { configureGlobal } from 'fast-check';

/**
 * One seed for every property, so that a run that failed fails again; `FC_SEED=random` explores, and
 * `FC_SEED=N` replays what a failure printed.
 */
const seed = process.env['FC_SEED'] ?? '20261123';
if (seed !== 'random') configureGlobal({ seed: Number(seed) });
