/**
 * What the Functions host loads (`main` in package.json). Nothing is read, opened or built here: a
 * throw while this file loads would leave the host without any function.
 */
import { app } from '@azure/functions';
import { lazyServices } from './lazy-services.ts';
import { registerAll } from './register-all.ts';

registerAll(
  app,
  lazyServices(async (config) => (await import('../shared/services.ts')).buildServices(config)),
);
