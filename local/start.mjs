// Runs on any Node, so that an old one gets a sentence and not a syntax error.
import { requireNode } from './node-version.mjs';

requireNode();
await import('./start.ts');
